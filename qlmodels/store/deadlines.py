"""Ending operations that take too long: a server that is silent, waits for a connection."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from asyncpg.exceptions import InterfaceError

Arguments = ParamSpec("Arguments")
T = TypeVar("T")

_OPERATION_ENDS: ContextVar[float | None] = ContextVar("_OPERATION_ENDS", default=None)


class TimeLimited(Protocol):
    time_limit: float


S = TypeVar("S", bound=TimeLimited)


def deadline_of(time_limit: float) -> float:
    """Return when a statement that begins now must have ended, a time of the event loop.

    Within an operation of several statements it is the end of the operation.
    """
    ends = _OPERATION_ENDS.get()
    return asyncio.get_running_loop().time() + time_limit if ends is None else ends


@contextmanager
def one_deadline(time_limit: float) -> Iterator[None]:
    """Let all statements in the block end by one deadline, `time_limit` seconds from now."""
    token = _OPERATION_ENDS.set(deadline_of(time_limit))
    try:
        yield
    finally:
        _OPERATION_ENDS.reset(token)


def within_time_limit(
    operation: Callable[Concatenate[S, Arguments], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[S, Arguments], Coroutine[Any, Any, T]]:
    """Let an operation of several statements end within the store's time limit, as a whole."""

    @wraps(operation)
    async def limited(store: S, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> T:
        with one_deadline(store.time_limit):
            return await operation(store, *args, **kwargs)

    return limited


class Deadlines:
    """One timer for all that a store waits for.

    A timer for each, as `asyncio.timeout` has it, costs a fiftieth of a learning step. This one
    goes off no earlier than the first deadline needs, and most are taken back long before.
    """

    def __init__(self) -> None:
        self._ends: dict[object, tuple[float, Callable[[], object]]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, waited: object, deadline: float, end: Callable[[], object]) -> None:
        """Call `end` at `deadline`, a time of the event loop, unless it is done by then."""
        self._ends[waited] = deadline, end
        timer = self._timer
        if timer is None or deadline < timer.when():
            self._arm(deadline)

    def done(self, waited: object) -> None:
        del self._ends[waited]

    async def by(self, deadline: float, awaited: Awaitable[T]) -> T:
        """What is awaited. Raises TimeoutError at `deadline`, as `asyncio.timeout_at` does."""
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        cancelled = task.cancelling()
        wait = _Wait(task)
        self.begin(wait, deadline, wait.end)
        try:
            return await awaited
        except asyncio.CancelledError:
            if wait.is_late and task.uncancel() <= cancelled:
                raise TimeoutError from None
            raise
        finally:
            self.done(wait)

    def _arm(self, deadline: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(deadline, self._strike)

    def _strike(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        late = [end for deadline, end in self._ends.values() if deadline <= now]
        later = [deadline for deadline, _ in self._ends.values() if deadline > now]
        if later:
            self._arm(min(later))
        for end in late:
            with suppress(InterfaceError):  # a connection went back to its pool just now
                end()


class _Wait:
    __slots__ = ("_task", "is_late")

    def __init__(self, task: "asyncio.Task[Any]") -> None:
        self._task = task
        self.is_late = False

    def end(self) -> None:
        self.is_late = True
        self._task.cancel()

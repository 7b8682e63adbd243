"""An event loop in a thread of its own, which other threads wait for."""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar
from weakref import finalize

from qlmodels.store import OutcomeUnknown, StoreClosed

_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")

INTERRUPT_GRACE_S = 1.0
"""Seconds that an interrupted call waits to learn what became of it."""


class BackgroundLoop:
    """An event loop that runs until it is closed, in a thread that does not keep a program alive.

    Any thread may call. A process that was forked has no such thread and is told so.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._process = os.getpid()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="qlmodels.sync", daemon=True
        )
        self._thread.start()
        self._finalizer = finalize(self, _stop, self._loop, self._thread, self._process)

    def run(self, call: Coroutine[Any, Any, _Result]) -> _Result:
        """Return what `call` returns, or raise what it raises.

        An interrupted call is cancelled; the KeyboardInterrupt has OutcomeUnknown for its cause
        where it may have been carried out. Raises StoreClosed.
        """
        if reason := self._unusable():
            call.close()
            raise StoreClosed(reason)
        ended = threading.Event()
        doubts: list[OutcomeUnknown] = []
        future = asyncio.run_coroutine_threadsafe(_watched(call, ended, doubts), self._loop)
        try:
            return future.result()
        except BaseException as error:
            if future.done():
                raise
            future.cancel()
            ended.wait(INTERRUPT_GRACE_S)
            raise error from next(iter(doubts), None)

    def close(self) -> None:
        self._finalizer()

    @property
    def is_open(self) -> bool:
        """Whether it was not closed, and this is the process that opened it."""
        return self._finalizer.alive and os.getpid() == self._process

    def _unusable(self) -> str | None:
        if os.getpid() != self._process:
            return (
                f"The store was opened in process {self._process}, of which this one is a fork. "
                "Open a store in each process."
            )
        if not self._finalizer.alive:
            return "The store is closed. Open another one, and use it within its `with` block."
        if threading.current_thread() is self._thread:
            return "A function that the store calls cannot call the store itself."
        return None


class OnBackgroundLoop(Protocol):
    """What has the asynchronous object whose operations it offers, and the loop that runs them."""

    _loop: BackgroundLoop
    _inner: Any


def waiting(
    operation: Callable[Concatenate[Any, _Args], Coroutine[Any, Any, _Result]],
) -> Callable[Concatenate[Any, _Args], _Result]:
    """Return the method that waits for `operation`, with its signature and its words."""

    def wait(self: OnBackgroundLoop, *args: _Args.args, **kwargs: _Args.kwargs) -> _Result:
        return self._loop.run(operation(self._inner, *args, **kwargs))

    method: Callable[Concatenate[Any, _Args], _Result] = _described(wait, operation)
    return method


def within_loop(
    operation: Callable[Concatenate[Any, _Args], _Result],
) -> Callable[Concatenate[Any, _Args], _Result]:
    """Return the method that calls `operation`, which does not wait, where the others run."""

    async def call(inner: Any, *args: _Args.args, **kwargs: _Args.kwargs) -> _Result:
        return operation(inner, *args, **kwargs)

    def wait(self: OnBackgroundLoop, *args: _Args.args, **kwargs: _Args.kwargs) -> _Result:
        return self._loop.run(call(self._inner, *args, **kwargs))

    method: Callable[Concatenate[Any, _Args], _Result] = _described(wait, operation)
    return method


def _described(method: Any, operation: Any) -> Any:
    method.__name__, method.__doc__ = operation.__name__, operation.__doc__
    method.__wrapped__ = operation
    return method


async def _watched(
    call: Coroutine[Any, Any, _Result], ended: threading.Event, doubts: list[OutcomeUnknown]
) -> _Result:
    try:
        return await call
    except asyncio.CancelledError as error:
        if doubt := OutcomeUnknown.of(error):
            doubts.append(doubt)
        raise
    finally:
        ended.set()


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread, process: int) -> None:
    """Stop the loop, unless this is a fork, in which it never ran."""
    if os.getpid() != process:
        return
    loop.call_soon_threadsafe(loop.stop)
    if threading.current_thread() is not thread:
        thread.join(INTERRUPT_GRACE_S)
        if not thread.is_alive():
            loop.close()

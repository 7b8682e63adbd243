"""Ending an operation at its n-th suspension, by cancellation or by a time limit."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any, Literal, TypeAlias, get_args

Way: TypeAlias = Literal["cancelled", "cancelled once answered", "timed out"]
"""Before what is waited for is there, in the moment in which it is there, or by asyncio.timeout."""

WAYS: tuple[Way, ...] = get_args(Way)


class Suspended:
    """Awaits `operation`, and calls `act` with what it waits for at its suspension number `at`."""

    def __init__(self, operation: Awaitable[Any], at: int, act: Callable[[Any], None]) -> None:
        self._operation = operation
        self._at = at
        self._act = act
        self.count = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._operation.__await__()
        step: Callable[[], Any] = partial(steps.send, None)
        while True:
            try:
                waited = step()
            except StopIteration as done:
                return done.value
            self.count += 1
            if self.count == self._at:
                self._act(waited)
            try:
                yield waited
            except BaseException as error:
                step = partial(steps.throw, error)
            else:
                step = partial(steps.send, None)


async def interrupt(
    operation: Awaitable[Any], at: int, way: Way
) -> tuple[BaseException | None, bool]:
    """Return what it raised, if anything, and whether it was suspended so often."""
    loop = asyncio.get_running_loop()
    reached = False

    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None

        def act(waited: Any) -> None:
            match way:
                case "cancelled":
                    task.cancel()
                case "cancelled once answered" if isinstance(waited, asyncio.Future):
                    waited.add_done_callback(lambda _: task.cancel())
                case "cancelled once answered":
                    loop.call_soon(task.cancel)
                case "timed out":
                    limit.reschedule(loop.time())

        nonlocal reached
        suspended = Suspended(operation, at, act)
        try:
            async with asyncio.timeout(None) as limit:
                await suspended
        finally:
            reached = suspended.count >= at

    running = asyncio.create_task(run())
    await asyncio.wait([running])
    if running.cancelled():
        try:
            await running
        except asyncio.CancelledError as error:
            return error, reached
    return running.exception(), reached

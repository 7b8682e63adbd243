"""A buffered write that waits for its batch."""

import asyncio
from collections.abc import Generator
from typing import Any, Generic, Protocol, TypeVar

from qlmodels.store.errors import FailedWrite

T = TypeVar("T")


class Told(Protocol):
    """Where failures are counted of which no awaiter learns."""

    def told(self, pending: "Pending[Any]") -> None: ...

    def count(self, pending: "Pending[Any]", write: FailedWrite) -> None: ...


class Pending(Generic[T]):
    """A write that waits for its batch. Awaited, it gives the result or raises the failure."""

    def __init__(self, failures: "Told") -> None:
        """`failures` hear when the write is awaited, and when that is cancelled."""
        self._done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._failures = failures
        self._waiters = 0
        self.failure: FailedWrite | None = None
        self.counted = False
        """Whether it is among the failures that were not awaited."""

    def __await__(self) -> Generator[Any, None, T]:
        self._waiters += 1
        self._failures.told(self)
        try:
            return (yield from asyncio.shield(self._done).__await__())
        except asyncio.CancelledError:
            self._waiters -= 1
            if self.failure is not None and not self.awaited:
                self._failures.count(self, self.failure)
            raise

    @property
    def awaited(self) -> bool:
        """Whether its result was taken, or is waited for."""
        return self._waiters > 0

    @property
    def settled(self) -> bool:
        return self._done.done()

    def succeed(self, result: T) -> None:
        self._done.set_result(result)

    def fail(self, error: Exception) -> None:
        self._done.set_exception(error)
        self._done.exception()  # asyncio would complain of one that is never looked at

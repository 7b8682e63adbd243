"""A buffered write that waits for its batch."""

import asyncio
from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Pending(Generic[T]):
    """A write that waits for its batch. Awaited, it gives the result or raises the failure."""

    def __init__(self, told: Callable[["Pending[Any]"], None]) -> None:
        """`told` is called when the write is awaited."""
        self._done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._told = told
        self.awaited = False
        self.counted = False
        """Whether it is among the failures that were not awaited."""

    def __await__(self) -> Generator[Any, None, T]:
        self.awaited = True
        self._told(self)
        return asyncio.shield(self._done).__await__()

    @property
    def settled(self) -> bool:
        return self._done.done()

    def succeed(self, result: T) -> None:
        self._done.set_result(result)

    def fail(self, error: Exception) -> None:
        self._done.set_exception(error)
        self._done.exception()  # asyncio would complain of one that is never looked at

"""Work of one kind, limited: so many at once, so many waiting, and the rest refused at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from qlmodels.errors import QLModelsError


class TooBusy(QLModelsError):
    """The panel is busy with requests of this kind. Try again in a few seconds."""

    def __init__(self, message: str | None = None, wait: float = 3) -> None:
        super().__init__(message)
        self.wait = wait


class ConcurrencyLimit:
    """`at_once` are inside, `waiting` more may wait for their turn."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._most = at_once + waiting
        self._present = 0
        self._inside = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place, and hold it. Raises TooBusy."""
        if self._present >= self._most:
            raise TooBusy
        self._present += 1
        try:
            async with self._inside:
                yield
        finally:
            self._present -= 1

"""What the database writes, kept in a file until a client has read it.

The database writes as fast as it can, so that no transaction and no connection waits for a client.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from qlmodels_admin.web import ConcurrencyLimit, TooBusy

CHUNK_BYTES: Final = 256 * 1024
TRUNCATE_AT_BYTES: Final = 64 * 1024**2
"""Bytes of a file from which it is emptied when all of it was read."""

GB: Final = 1024**3


class SpoolFull(TooBusy):
    """There is no room for what is not read yet of an export. Try again in a minute."""


@dataclass
class Spools:
    """All files of a process, none of which has a name: they go with it, however it ends."""

    at_once: int = 16
    largest: int = 4 * GB
    """Bytes that one client has not read yet."""
    together: int = 8 * GB
    spared: int = GB // 2
    """Bytes that stay free in the temporary folder."""
    stalled: float = 30.0
    """Seconds in which a client has to take a piece."""

    def __post_init__(self) -> None:
        self._places = ConcurrencyLimit(self.at_once, waiting=0)
        self.kept = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Spool"]:
        """Yield a file for one client. Raises TooBusy."""
        async with self._places.place():
            file = await asyncio.to_thread(tempfile.TemporaryFile, buffering=0)
            spool = Spool(self, file.fileno())
            try:
                yield spool
            finally:
                self.kept -= spool.kept
                await asyncio.to_thread(file.close)

    def make_room(self, spool: "Spool", size: int) -> None:
        """Count `size` more bytes of a file. Raises SpoolFull."""
        more = spool.kept + size > self.largest or self.kept + size > self.together
        if more or shutil.disk_usage(tempfile.gettempdir()).free - size < self.spared:
            raise SpoolFull
        self.kept += size


class Spool:
    """One file: written at its end, read from its beginning."""

    def __init__(self, spools: Spools, file: int) -> None:
        self.kept = 0
        """Bytes in the file."""
        self._spools = spools
        self._file = file
        self._read = 0
        self._news = asyncio.Event()
        self._writing = asyncio.Lock()

    async def write(self, piece: bytes) -> None:
        """Append a piece. Raises SpoolFull, OSError."""
        async with self._writing:
            self._spools.make_room(self, len(piece))
            place, self.kept = self.kept, self.kept + len(piece)
            await asyncio.to_thread(_write, self._file, piece, place)
        self._news.set()

    @asynccontextmanager
    async def filled(self, fill: Awaitable[None]) -> AsyncIterator[AsyncIterator[bytes]]:
        """All that `fill` writes, as it comes; the iterator raises what it raised at its end."""
        filling = asyncio.ensure_future(fill)
        filling.add_done_callback(lambda _: self._news.set())
        try:
            yield self._pieces(filling)
        finally:
            filling.cancel()
            await asyncio.wait([filling])

    async def _pieces(self, filling: "asyncio.Future[None]") -> AsyncIterator[bytes]:
        while True:
            self._news.clear()
            is_whole = filling.done()
            piece = await asyncio.to_thread(os.pread, self._file, CHUNK_BYTES, self._read)
            self._read += len(piece)
            if piece:
                yield piece
            elif is_whole:
                filling.result()
                return
            else:
                await self._empty()
                await self._news.wait()

    async def _empty(self) -> None:
        """Begin again, so that only what is not read yet takes room."""
        async with self._writing:
            if self._read < self.kept or self.kept < TRUNCATE_AT_BYTES:
                return
            await asyncio.to_thread(os.ftruncate, self._file, 0)
            self._spools.kept -= self.kept
            self.kept = self._read = 0


def _write(file: int, piece: bytes, place: int) -> None:
    view = memoryview(piece)
    while view:
        written = os.pwrite(file, view, place)
        view, place = view[written:], place + written

"""A server of a test's own whose writes survive a kill."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy import URL

from qlmodels.embedded import EmbeddedServer, provision


@contextmanager
def new_home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="qlk"))
    try:
        yield home
    finally:
        shutil.rmtree(home)


@asynccontextmanager
async def server(home: Path) -> AsyncIterator[URL]:
    """The owner's URL, for as long as the server lives."""
    server = EmbeddedServer(home, settings={"fsync": "off"})  # the kernel outlives what is killed
    running = await asyncio.to_thread(server.__enter__)
    try:
        yield await provision(running)
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


def kill(home: Path) -> None:
    """As a crash would end it."""
    os.kill(int((home / "data/postmaster.pid").read_text().split()[0]), signal.SIGKILL)

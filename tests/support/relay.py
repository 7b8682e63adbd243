"""What stands between clients and a server, each connection passed on by a task of its own."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import URL


class Relay(ABC):
    """Passes connections on to `origin`, as `pass_on` of a subclass has it."""

    def __init__(self, origin: URL) -> None:
        self.origin = origin
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """The port of 127.0.0.1 at which it stands for the server."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    @abstractmethod
    async def pass_on(
        self,
        client: asyncio.StreamReader,
        back: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        forth: asyncio.StreamWriter,
    ) -> None:
        """Read what a client and the server send, and write it until one of them has left."""

    def end(self, writer: asyncio.StreamWriter) -> None:
        """End a connection, after what was written to it."""
        writer.close()

    async def _serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        server, forth = await asyncio.open_connection(self.origin.host, self.origin.port)
        try:
            await self.pass_on(client, back, server, forth)
        except* (OSError, EOFError):
            pass
        finally:
            for writer in (forth, back):
                self.end(writer)

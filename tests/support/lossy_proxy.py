"""A server on whose answers one cannot rely: what it wrote is committed, and its answer is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import URL


class LossyProxy:
    """Passes everything on, until a client sends `marker`: the answer to that never comes."""

    def __init__(self, origin: URL) -> None:
        self._origin = origin
        self._marker: bytes | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.lost = 0
        """Answers that were lost."""

    def lose_answer_to(self, marker: str | bytes) -> None:
        """Cut the connection at the first answer to a message that holds this."""
        self._marker = marker.encode() if isinstance(marker, str) else marker

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[URL]:
        """The URL under which the proxy stands for the server."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            yield self._origin.set(host="127.0.0.1", port=port)
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        server, forth = await asyncio.open_connection(self._origin.host, self._origin.port)
        cut = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._ask(client, forth, cut))
                group.create_task(self._answer(server, back, cut))
        except* (OSError, EOFError):
            pass
        finally:
            for writer in (forth, back):
                writer.transport.abort()

    async def _ask(
        self, client: asyncio.StreamReader, forth: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        while data := await client.read(2**16):
            if self._marker is not None and self._marker in data:
                self._marker = None
                cut.set()
            forth.write(data)
            with suppress(ConnectionError):
                await forth.drain()
        raise EOFError

    async def _answer(
        self, server: asyncio.StreamReader, back: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        while data := await server.read(2**16):
            if cut.is_set():
                self.lost += 1
                break
            back.write(data)
            await back.drain()
        raise EOFError

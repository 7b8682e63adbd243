"""A server on whose answers one cannot rely: what it wrote is committed, and its answer is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import URL

from tests.support.relay import Relay


class LossyProxy(Relay):
    """Passes everything on, until a client sends `marker`: the answer to that never comes."""

    def __init__(self, origin: URL) -> None:
        super().__init__(origin)
        self._marker: bytes | None = None
        self.lost = 0
        """Answers that were lost."""

    def lose_answer_to(self, marker: str | bytes) -> None:
        """Cut the connection at the first answer to a message that holds this."""
        self._marker = marker.encode() if isinstance(marker, str) else marker

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[URL]:
        """The URL under which the proxy stands for the server."""
        async with self.listening() as port:
            yield self.origin.set(host="127.0.0.1", port=port)

    async def pass_on(
        self,
        client: asyncio.StreamReader,
        back: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        forth: asyncio.StreamWriter,
    ) -> None:
        cut = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ask(client, forth, cut))
            group.create_task(self._answer(server, back, cut))

    def end(self, writer: asyncio.StreamWriter) -> None:
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

"""A shared pooler as Supabase has it: one address for many projects, named by `user.PROJECT`."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import URL

from tests.support.relay import Relay

HOST = "aws-0-test.pooler.supabase.com"
PROJECT = "abcdefghijklmnopqrst"

_SSL_REQUEST = 80877103
_UNKNOWN = b"SFATAL\0VFATAL\0CXX000\0MTenant or user not found\0\0"


class SharedPooler(Relay):
    """Passes connections on to `origin`; refuses users that name no project."""

    def __init__(self, origin: URL) -> None:
        super().__init__(origin)
        self.users: set[str] = set()
        """Those that came in, as the server knows them."""

    @asynccontextmanager
    async def serving(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[URL]:
        """The URL of the origin's user at the pooler, under a name of Supabase's."""
        resolve = socket.getaddrinfo

        def here(host: Any, *args: Any, **kwargs: Any) -> Any:
            return resolve("127.0.0.1" if host in (HOST, HOST.encode()) else host, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", here)
        user = f"{self.origin.username}.{PROJECT}"
        async with self.listening() as port:
            yield self.origin.set(host=HOST, port=port, username=user)

    async def pass_on(
        self,
        client: asyncio.StreamReader,
        back: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        forth: asyncio.StreamWriter,
    ) -> None:
        if await self._admitted(client, back, forth):
            async with asyncio.TaskGroup() as group:
                group.create_task(_pass_on(client, forth))
                group.create_task(_pass_on(server, back))

    async def _admitted(
        self,
        client: asyncio.StreamReader,
        back: asyncio.StreamWriter,
        forth: asyncio.StreamWriter,
    ) -> bool:
        while True:
            length, code = struct.unpack("!ii", await client.readexactly(8))
            message = await client.readexactly(length - 8)
            if code != _SSL_REQUEST:
                break
            back.write(b"N")
        words = message.rstrip(b"\0").split(b"\0")
        settings = dict(zip(words[::2], words[1::2], strict=True))
        if b"user" in settings:  # else it is a request to cancel
            user, _, project = settings[b"user"].partition(b".")
            if project.decode() != PROJECT:
                back.write(b"E" + struct.pack("!i", len(_UNKNOWN) + 4) + _UNKNOWN)
                return False
            self.users.add(user.decode())
            settings[b"user"] = user
            message = b"".join(name + b"\0" + text + b"\0" for name, text in settings.items())
            message += b"\0"
        forth.write(struct.pack("!ii", len(message) + 8, code) + message)
        return True


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(2**16):
        writer.write(data)
        await writer.drain()
    raise EOFError

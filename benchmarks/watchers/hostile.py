"""Clients that are slow, silent or hostile, beside those that watch."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from benchmarks.watchers.audience import STREAM
from benchmarks.watchers.beside import beside

SMALL_BUFFER: Final = 4096
"""Bytes that a client takes before it stops reading."""

TRICKLE_S: Final = 2.0
"""Seconds between two bytes of a slow request."""

AGAIN_S: Final = 1.0
"""Seconds until a connection that was closed is opened again."""

HOLD_S: Final = 90.0
"""Seconds after which a client gives up a connection that the server did not close."""

Attack = Callable[[socket.socket], Awaitable[None]]


@dataclass(slots=True)
class HostileClient:
    """A client that opens its connection again whenever it is closed."""

    address: tuple[str, int]
    attack: Attack
    connections: int = 0

    async def run(self) -> None:
        """Until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            with socket.socket() as client, suppress(OSError, TimeoutError):
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
                client.setblocking(False)
                async with asyncio.timeout(HOLD_S):
                    await loop.sock_connect(client, self.address)
                    self.connections += 1
                    await self.attack(client)
            await asyncio.sleep(AGAIN_S)


async def _silent(client: socket.socket) -> None:
    await asyncio.get_running_loop().sock_recv(client, 1)


async def _trickle(client: socket.socket, begun: bytes) -> None:
    """Send the beginning of a request, then a byte at a time."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(client, begun)
    while True:
        await asyncio.sleep(TRICKLE_S)
        await loop.sock_sendall(client, b".")


async def _unread_stream(client: socket.socket, cookie: bytes) -> None:
    """Ask for a stream as a user who is signed in, and read nothing of it."""
    request = b"GET %b HTTP/1.1\r\nHost: localhost\r\nCookie: %b\r\n\r\n"
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(client, request % (STREAM.encode(), cookie))
    await asyncio.sleep(HOLD_S)


_SLOW_HEADER: Final = b"GET /admin/ HTTP/1.1\r\nHost: localhost\r\nX-Filling: "
_SLOW_BODY: Final = (
    b"POST /admin/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nusername="
)


@asynccontextmanager
async def attacking(
    base: str, cookies: Mapping[str, str], number: int
) -> AsyncIterator[list[HostileClient]]:
    """So many clients of the four kinds, in turn."""
    url = urlsplit(base)
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items()).encode()
    attacks: Sequence[Attack] = (
        _silent,
        partial(_trickle, begun=_SLOW_HEADER),
        partial(_trickle, begun=_SLOW_BODY),
        partial(_unread_stream, cookie=cookie),
    )
    address = (url.hostname or "", url.port or 0)
    clients = [HostileClient(address, attacks[n % len(attacks)]) for n in range(number)]
    async with beside(client.run() for client in clients):
        yield clients

"""Backends that stop answering, as behind a network that is gone."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import asyncpg

from qlmodels.connection import connect
from tests.conftest import Database

BACKENDS = "select pid from pg_stat_activity where usename = $1 and datname = current_database()"


async def backends(database: Database, login: str) -> list[int]:
    async with connect(database.superuser) as superuser:
        return [row["pid"] for row in await superuser.fetch(BACKENDS, login)]


@asynccontextmanager
async def silent(database: Database, login: str) -> AsyncIterator[list[int]]:
    """The backends of a login are stopped, and go on afterwards."""
    pids = await backends(database, login)
    with stopped(pids):
        yield pids


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
        _wait_until_stopped(pid)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _wait_until_stopped(pid: int) -> None:
    limit = time.monotonic() + 10
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < limit


async def settled(database: Database, login: str, pool: asyncpg.Pool) -> None:
    """Every backend belongs to the pool, and none of them is in a transaction."""
    async with connect(database.superuser) as superuser, asyncio.timeout(60):
        while True:
            rows = await superuser.fetch(
                "select state from pg_stat_activity"
                " where usename = $1 and datname = current_database()",
                login,
            )
            if len(rows) == pool.get_size() and {row["state"] for row in rows} <= {"idle"}:
                return


class SlowNetwork:
    """A relay to a server, whose answers take `delay` seconds to arrive."""

    def __init__(self, host: str, port: int) -> None:
        self.delay = 0.0
        self.port = 0
        self._relays: set[asyncio.Task[None]] = set()
        self._server = (host, port)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._relays.add(asyncio.ensure_future(self._relay(reader, writer)))

    async def close(self) -> None:
        for relay in self._relays:
            relay.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, requests = await self._connected()
        try:
            await asyncio.gather(
                self._pump(reader, requests, lambda: 0.0), self._pump(answers, writer, self._wait)
            )
        finally:
            for end in (requests, writer):
                end.transport.abort()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = self._server
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    def _wait(self) -> float:
        return self.delay

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: Callable[[], float]
    ) -> None:
        loop = asyncio.get_running_loop()
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                loop.call_later(delay(), writer.write, data)
        loop.call_later(delay(), writer.close)


@asynccontextmanager
async def slow_network(host: str, port: int) -> AsyncIterator[SlowNetwork]:
    """A relay on a loopback port to the server at `host` and `port`."""
    network = SlowNetwork(host, port)
    async with await asyncio.start_server(network.accept, "127.0.0.1", 0) as server:
        network.port = server.sockets[0].getsockname()[1]
        try:
            yield network
        finally:
            await network.close()

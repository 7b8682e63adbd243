"""Backends that stop answering, as behind a network that is gone."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
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
    async with connect(database.superuser) as superuser, asyncio.timeout(20):
        while True:
            rows = await superuser.fetch(
                "select state from pg_stat_activity"
                " where usename = $1 and datname = current_database()",
                login,
            )
            if len(rows) == pool.get_size() and {row["state"] for row in rows} <= {"idle"}:
                return

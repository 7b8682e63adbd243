"""Adoption killed at any moment, on either side: the database is the original's or ours."""

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from asyncpg.exceptions import PostgresError
from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.adopt.detect import detect
from qlmodels.adopt.original import TABLES
from qlmodels.connection import connect
from qlmodels.embedded import EmbeddedServer, RunningServer, all_binaries, provision
from qlmodels.errors import DatabaseUnreachable
from tests.adopt.original import make_original

Served = tuple[RunningServer, URL]
Rows = Mapping[str, list[str]]
"""By table, as Postgres prints them."""

KILLED = ("client", "server")


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A server of its own, for it is killed; its database is the original's."""
    home = Path(tempfile.mkdtemp(prefix="qlt"))
    try:
        with EmbeddedServer(home, binaries=all_binaries()[0], durable=True) as running:
            owner = asyncio.run(provision(running))
            asyncio.run(_fill(owner))
            yield running, owner
    finally:
        shutil.rmtree(home)


async def _fill(owner: URL) -> None:
    async with connect(owner) as connection:
        await make_original(connection, "SQL file", scale=5, faulty=True)


@pytest.mark.slow
@pytest.mark.parametrize("who", KILLED)
def test_fifty_times(served: Served, environment: dict[str, str], who: str) -> None:
    _kill_at_random(served, environment, who, times=50)


def _kill_at_random(served: Served, environment: dict[str, str], who: str, times: int) -> None:
    running, original = served
    chance = random.Random(times)
    before = asyncio.run(_rows(original))
    undisturbed = time.monotonic()
    with _copy(running, original) as database:
        _, said = _adopting(database, environment).communicate()
        assert asyncio.run(_is_new(database, before)), said
    longest = time.monotonic() - undisturbed
    outcomes = []
    for _ in range(times):
        with _copy(running, original) as database:
            process = _adopting(database, environment)
            try:
                process.communicate(timeout=chance.uniform(0.1, 1.1) * longest)
            except subprocess.TimeoutExpired:
                if who == "client":
                    process.kill()
                else:
                    os.kill(_backend(running, database) or process.pid, signal.SIGKILL)
                process.communicate()
            asyncio.run(_settled(running, database))
            outcomes.append(asyncio.run(_is_new(database, before)))
    assert not all(outcomes), "nothing was killed in time"


@contextmanager
def _copy(running: RunningServer, original: URL) -> Iterator[URL]:
    copy = original.set(database="killed")
    maintenance = original.set(database="postgres")
    asyncio.run(_run(maintenance, f"create database killed template {original.database}"))
    try:
        yield copy
    finally:
        superuser = running.url(running.superuser, running.password, "postgres")
        asyncio.run(_run(superuser, "drop database killed with (force)"))


def _adopting(database: URL, environment: dict[str, str]) -> subprocess.Popen[str]:
    url = database.set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-m", "qlmodels", "adopt"],
        env=environment | {"DATABASE_URL": url},
        cwd=environment["HOME"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _backend(running: RunningServer, database: URL) -> int | None:
    """The server's process that adopts, if it has begun."""
    found = asyncio.run(
        _ask(running, "select pid from pg_stat_activity where datname = $1", database.database)
    )
    return found[0]["pid"] if found else None


async def _settled(running: RunningServer, database: URL) -> None:
    """A backend whose client was killed ends when it next looks."""
    async with asyncio.timeout(60):
        while await _ask(
            running, "select from pg_stat_activity where datname = $1", database.database
        ):
            pass


async def _ask(running: RunningServer, question: str, *values: Any) -> list[asyncpg.Record]:
    url = running.url(running.superuser, running.password, "postgres")
    async with asyncio.timeout(60):
        while True:  # a server that lost a backend recovers first
            try:
                async with connect(url) as superuser:
                    rows: list[asyncpg.Record] = await superuser.fetch(question, *values)
                    return rows
            except (DatabaseUnreachable, PostgresError, OSError):
                continue


async def _run(url: URL, statement: str) -> None:
    async with connect(url) as owner:
        await owner.execute(statement)


async def _rows(url: URL) -> Rows:
    async with connect(url) as owner:
        found = {}
        for table in TABLES:
            rows = await owner.fetch(f"select t::text from public.{table} as t order by 1")
            found[table] = [row[0] for row in rows]
        return found


async def _is_new(url: URL, before: Rows) -> bool:
    """Whether it is ours, whole; otherwise it is the original's to the last byte."""
    if await migrate.current(url) is None:
        assert await _rows(url) == before
        async with connect(url) as owner:
            assert await detect(owner)
        return False
    async with connect(url) as owner:
        for table in TABLES:
            assert len(before[table]) == await owner.fetchval(
                f"select count(*) from (select from {table} union all"
                " select from qlmodels_private.adopt_rejects"
                " where table_name = $1 and correction is null) as accounted",
                table,
            )
    return True

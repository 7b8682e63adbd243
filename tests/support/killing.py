"""A command ended at a random moment, by the death of its own process or of the server's."""

import asyncio
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import asyncpg
from asyncpg.exceptions import PostgresError
from sqlalchemy import URL

from qlmodels.connection import connect
from qlmodels.embedded import EmbeddedServer, RunningServer, all_binaries, provision
from qlmodels.errors import DatabaseUnreachable

Served = tuple[RunningServer, URL]
Victim = Literal["client", "server"]


@contextmanager
def durable_server() -> Iterator[Served]:
    """One of a test's own, for it is killed."""
    home = Path(tempfile.mkdtemp(prefix="qlt"))
    try:
        with EmbeddedServer(home, binaries=all_binaries()[0], durable=True) as running:
            yield running, asyncio.run(provision(running))
    finally:
        shutil.rmtree(home)


def kill_at_random(
    served: Served,
    command: Sequence[str | Path],
    environment: dict[str, str],
    who: Victim,
    times: int,
    is_done: Callable[[URL], Awaitable[bool]],
) -> None:
    """Run `command` on a copy of the database `times` times, killing it in most of them.

    `is_done` tells whether a database is as after the command, and asserts that it is else as
    before, to the last byte.
    """
    running, original = served
    chance = random.Random(times)
    undisturbed = time.monotonic()
    with _copy(running, original) as database:
        _, said = _started(command, database, environment).communicate()
        assert asyncio.run(_ask_of(is_done, database)), said
    longest = time.monotonic() - undisturbed
    outcomes = []
    for _ in range(times):
        with _copy(running, original) as database:
            process = _started(command, database, environment)
            try:
                process.communicate(timeout=chance.uniform(0.1, 1.1) * longest)
            except subprocess.TimeoutExpired:
                if who == "client":
                    process.kill()
                else:
                    os.kill(_backend(running, database) or process.pid, signal.SIGKILL)
                process.communicate()
            asyncio.run(_settled(running, database))
            outcomes.append(asyncio.run(_ask_of(is_done, database)))
    assert not all(outcomes), "nothing was killed in time"


async def _ask_of(is_done: Callable[[URL], Awaitable[bool]], database: URL) -> bool:
    return await is_done(database)


def _started(
    command: Sequence[str | Path], database: URL, environment: dict[str, str]
) -> subprocess.Popen[str]:
    url = database.set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.Popen(
        command,
        env=environment | {"DATABASE_URL": url},
        cwd=environment["HOME"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


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


def _backend(running: RunningServer, database: URL) -> int | None:
    """The server's process that does the work, if it has begun."""
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

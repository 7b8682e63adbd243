"""Upgrades killed at any moment, on either side: the old revision is there, or the new one."""

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import pytest
from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.connection import connect
from qlmodels.embedded import EmbeddedServer, RunningServer, all_binaries, provision
from qlmodels.errors import DatabaseUnreachable

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
Victim = Literal["client", "backend", "server"]
MOST_LOCKS = 400
"""More are held at the end of an upgrade, so that whoever holds fewer is in the middle of one."""
BACKEND = """
select pid from pg_locks where granted
group by pid having count(*) >= $1
"""
OBJECTS = "select count(*) from pg_depend where objid >= 16384"


@dataclass
class Killed:
    """A server of its own, for it is killed, with a database that is made anew each time."""

    home: Path
    stack: ExitStack
    running: RunningServer = field(init=False)
    owner: URL = field(init=False)

    def start(self) -> None:
        server = EmbeddedServer(self.home, binaries=all_binaries()[0], durable=True)
        self.running = self.stack.enter_context(server)
        self.owner = asyncio.run(provision(self.running)).set(database="killed")

    def migrating(self, environment: dict[str, str]) -> subprocess.Popen[str]:
        url = self.owner.render_as_string(hide_password=False)
        return subprocess.Popen(
            [Path(sys.executable).parent / "alembic", "upgrade", "head"],
            cwd=ROOT,
            env=environment | {"DATABASE_URL": url},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    async def kill(self, victim: Victim, client: subprocess.Popen[str], locks: int) -> None:
        """As soon as the upgrade holds so many locks, or has ended before."""
        running = self.running
        url = running.url(running.superuser, running.password, "postgres")
        async with connect(url) as watcher:
            backend = None
            while client.poll() is None and not backend:
                backend = await watcher.fetchval(BACKEND, locks)
        match victim:
            case "client":
                client.kill()
            case "backend" if backend:
                os.kill(backend, signal.SIGKILL)
            case "server":
                told = (self.home / "data" / "postmaster.pid").read_text()
                os.kill(int(told.split()[0]), signal.SIGKILL)

    async def ask(self, query: str, *values: object, database: str = "killed") -> int | None:
        """By the superuser, once the server answers again."""
        running = self.running
        url = running.url(running.superuser, running.password, database)
        async with asyncio.timeout(60):
            while True:
                try:
                    async with connect(url) as connection:
                        found: int | None = await connection.fetchval(query, *values)
                        return found
                except (PostgresError, OSError, DatabaseUnreachable, InterfaceError):
                    await asyncio.sleep(0)

    async def remake(self) -> None:
        url = self.owner.set(database="postgres")
        await self.ask("select 1", database="postgres")
        async with connect(url) as connection:
            await connection.execute("drop database if exists killed with (force)")
            await connection.execute("create database killed")


@pytest.fixture(scope="module")
def server() -> Iterator[Killed]:
    home = Path(tempfile.mkdtemp(prefix="qlt"))
    try:
        with ExitStack() as stack:
            killed = Killed(home, stack)
            killed.start()
            yield killed
    finally:
        shutil.rmtree(home)


def test_once(server: Killed, environment: dict[str, str]) -> None:
    _kill_at_random(server, environment, "server", times=1)


@pytest.mark.slow
@pytest.mark.parametrize("victim", get_args(Victim))
def test_many_times(server: Killed, environment: dict[str, str], victim: Victim) -> None:
    _kill_at_random(server, environment, victim, times=50)


def _kill_at_random(
    server: Killed, environment: dict[str, str], victim: Victim, times: int
) -> None:
    chance = random.Random(times)
    asyncio.run(server.remake())
    empty = asyncio.run(server.ask(OBJECTS))
    said, _ = server.migrating(environment).communicate()
    full = asyncio.run(server.ask(OBJECTS))
    assert asyncio.run(migrate.current(server.owner)) == migrate.head(), said
    outcomes = []
    for _ in range(times):
        asyncio.run(server.remake())
        client = server.migrating(environment)
        asyncio.run(server.kill(victim, client, chance.randint(10, MOST_LOCKS)))
        client.communicate()
        if victim == "server":
            server.start()
        objects = asyncio.run(server.ask(OBJECTS))
        while objects not in (empty, full):  # a killed client's transaction may still be ending
            objects = asyncio.run(server.ask(OBJECTS))
        revision = asyncio.run(migrate.current(server.owner))
        assert (revision, objects) in {(None, empty), (migrate.head(), full)}
        outcomes.append(revision)
    assert None in outcomes, "nothing was killed in time"

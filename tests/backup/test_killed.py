"""A restore killed at any moment: the backup is there, logins too, or the restore begins again."""

import asyncio
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL

from qlmodels import logins, migrate
from qlmodels.backup import back_up
from qlmodels.connection import connect
from tests.backup.test_backup import LOGIN, ROWS, entries
from tests.conftest import PASSWORD
from tests.support.killing import Served, Victim, durable_server, kill_at_random
from tests.support.serving import QLMODELS

TIMES = 10
ROLE_IS_THERE = "select exists (select from pg_roles where rolname = $1)"

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Restored:
    """A backup, and the server that it is restored on."""

    served: Served
    file: Path


@pytest.fixture(scope="module")
def saved() -> Iterator[Restored]:
    """A backup with a login that its server does not have any more."""
    with tempfile.TemporaryDirectory() as name, durable_server() as (running, owner):
        migrate.upgrade(owner)
        asyncio.run(_fill(owner))
        file = Path(name) / "backup"
        superuser = running.url(running.superuser, running.password, str(owner.database))
        back_up(owner, file, superuser=superuser)
        asyncio.run(_run(owner, f'drop role "{LOGIN}"; create database empty'))
        yield Restored((running, owner.set(database="empty")), file)


async def _fill(url: URL) -> None:
    async with connect(url) as owner:
        await owner.execute(ROWS)
        await owner.execute(
            "insert into rewards (agent_type, state_hash, action_hash, reward_value)"
            " select 'own-agent', n::text, 'a', n from generate_series(1, 20000) as n"
        )
        await logins.create(owner, "agent", "quality-gate", PASSWORD)


@pytest.mark.parametrize("who", ["client", "server"])
def test_a_killed_restore(saved: Restored, environment: dict[str, str], who: Victim) -> None:
    restore: list[str | Path] = [*QLMODELS, "restore", saved.file]

    def run_again(url: URL) -> tuple[int, str]:
        text = url.set(drivername="postgresql").render_as_string(hide_password=False)
        done = subprocess.run(
            restore,
            env=environment | {"DATABASE_URL": text},
            cwd=environment["HOME"],
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stderr

    async def is_done(url: URL) -> bool:
        was_whole = await _holds_rows(url)
        if was_whole:
            refused, said = await asyncio.to_thread(run_again, url)
            assert (refused, "run `qlmodels upgrade`" in said) == (1, True), said
            await asyncio.to_thread(migrate.upgrade, url)
        else:
            assert not await _fetch(url, ROLE_IS_THERE, LOGIN)
            went_on, said = await asyncio.to_thread(run_again, url)
            assert went_on == 0, said
        await asyncio.to_thread(_require_whole, url, saved.file)
        await _run(url, f'drop role "{LOGIN}"')
        return was_whole

    kill_at_random(saved.served, restore, environment, who, TIMES, is_done)


async def _holds_rows(url: URL) -> bool:
    if await migrate.current(url) is None:
        return False
    return bool(await _fetch(url, "select exists (select from rewards)"))


def _require_whole(url: URL, file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / "again"
        back_up(url, again)
        assert entries(again) == entries(file)
    seen = "select agent_type from agent_types"
    assert asyncio.run(_fetch(url.set(username=LOGIN, password=PASSWORD), seen)) == "quality-gate"


async def _fetch(url: URL, query: str, *values: str) -> object:
    async with connect(url) as connection:
        return await connection.fetchval(query, *values)


async def _run(url: URL, statements: str) -> None:
    async with connect(url) as connection:
        for statement in statements.split(";"):
            await connection.execute(statement)

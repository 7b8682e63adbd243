"""Upgrades of a database in use: together, behind a long reader, and cut short."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.util import CommandError

from qlmodels import migrate
from qlmodels.autogenerate import upgrade
from qlmodels.connection import connect
from tests.conftest import Database

pytestmark = pytest.mark.one_major
ALEMBIC = [str(Path(sys.executable).parent / "alembic")]
ROOT = Path(__file__).parents[2]


def start(database: Database, environment: dict[str, str]) -> subprocess.Popen[str]:
    url = database.owner.render_as_string(hide_password=False)
    return subprocess.Popen(
        [*ALEMBIC, "upgrade", "head"],
        cwd=ROOT,
        env=environment | {"DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_two_deployments_end_in_one(empty_database: Database, environment: dict[str, str]) -> None:
    both = [start(empty_database, environment) for _ in range(2)]
    for deployment in both:
        output, _ = deployment.communicate(timeout=120)
        assert deployment.returncode == 0, output
    migrate.check(empty_database.owner)


async def test_a_held_table_gives_up_after_some_attempts(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade, "MAX_UPGRADE_ATTEMPTS", 2)
    monkeypatch.setattr(upgrade, "MAX_PAUSE_S", 0.0)
    monkeypatch.setattr(upgrade, "LOCK_TIMEOUT", "50ms")
    await asyncio.to_thread(migrate.upgrade, database.owner)
    async with connect(database.owner) as reader, reader.transaction():
        await reader.execute("select from q_values")
        with pytest.raises(CommandError, match="in use through every attempt"):
            await asyncio.to_thread(migrate.downgrade, database.owner, "base")
    assert await migrate.current(database.owner) == migrate.head()


def test_a_killed_deployment_leaves_the_old_revision(
    empty_database: Database, environment: dict[str, str]
) -> None:
    asyncio.run(_kill_in_the_middle(empty_database, environment))
    migrate.upgrade(empty_database.owner)


async def _kill_in_the_middle(database: Database, environment: dict[str, str]) -> None:
    waiting = "select count(*) from pg_locks where not granted"
    left = "select count(*) from pg_class where oid >= 16384"
    async with connect(database.owner) as blocker, connect(database.superuser) as watcher:
        async with blocker.transaction():
            await blocker.execute("create schema qlmodels")
            deployment = start(database, environment)
            async with asyncio.timeout(60):
                while not await watcher.fetchval(waiting):
                    pass
            deployment.kill()
            deployment.communicate()
        await blocker.execute("drop schema qlmodels")
        assert await blocker.fetchval(left) == 0

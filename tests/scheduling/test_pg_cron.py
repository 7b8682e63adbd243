"""A real pg_cron, of the system's PostgreSQL."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL

from qlmodels import migrate, scheduling
from qlmodels.connection import connect
from qlmodels.embedded import Binaries, EmbeddedServer, all_binaries, provision
from tests.conftest import Database
from tests.support.durable import new_home
from tests.support.serving import QLMODELS

pytestmark = pytest.mark.long

WITH_CRON = [found for found in all_binaries() if found.library("pg_cron")]
SETTINGS = {
    "shared_preload_libraries": "pg_cron",
    "cron.database_name": "qlmodels",
    "cron.use_background_workers": "on",  # as Supabase; else it logs in as any client does
}
EXPIRED = (
    "select upsert_q_value('test-generator', 's', '1', 'a', '1', 1);"
    "update q_values set expires_at = now() - interval '1 day',"
    " last_updated = now() - interval '60 days'"
)
JOBS = "select jobname, schedule, command, username, database from cron.job"


@asynccontextmanager
async def server(binaries: Binaries) -> AsyncIterator[tuple[URL, URL]]:
    """The superuser's URL and the owner's; the extension is there, and is not the owner's yet."""
    with new_home() as home:
        embedded = EmbeddedServer(home, binaries=binaries, durable=False, settings=SETTINGS)
        running = await asyncio.to_thread(embedded.__enter__)
        try:
            owner = await provision(running)
            superuser = running.url(running.superuser, running.password, "qlmodels")
            async with connect(superuser) as connection:
                await connection.execute("create extension pg_cron")
            yield superuser, owner
        finally:
            await asyncio.to_thread(embedded.__exit__, None, None, None)


async def qlmodels(owner: URL, environment: dict[str, str], folder: Path, *words: str) -> str:
    url = owner.set(drivername="postgresql").render_as_string(hide_password=False)
    done = await asyncio.to_thread(
        subprocess.run,
        [*QLMODELS, *words],
        cwd=folder,
        text=True,
        capture_output=True,
        env=environment | {"DATABASE_URL": url},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not WITH_CRON, reason="no PostgreSQL with pg_cron")
async def test_upgrade_schedules_the_purge(environment: dict[str, str], folder: Path) -> None:
    async with server(WITH_CRON[0]) as (superuser, owner):
        told = await qlmodels(owner, environment, folder, "upgrade")
        assert "grant usage on schema cron to qlmodels_owner;" in told
        async with connect(superuser) as connection:
            await connection.execute("grant usage on schema cron to qlmodels_owner")
        for _ in range(2):
            told = await qlmodels(owner, environment, folder, "upgrade")
            assert "pg_cron purges what expired, hourly." in told
        await asyncio.to_thread(migrate.check, owner)
        async with connect(owner) as connection:
            [job] = await connection.fetch(JOBS)
            assert (job["username"], job["database"]) == ("qlmodels_owner", "qlmodels")
            await connection.execute(EXPIRED)
            await connection.execute(job["command"])
            assert await connection.fetchval("select count(*) from q_values") == 0
        await qlmodels(owner, environment, folder, "downgrade", "base", "--yes")
        async with connect(superuser) as connection:
            assert await connection.fetch(JOBS) == []


@pytest.mark.slow
@pytest.mark.skipif(not WITH_CRON, reason="no PostgreSQL with pg_cron")
async def test_it_purges_by_itself() -> None:
    """Whose shortest interval is a minute."""
    async with server(WITH_CRON[0]) as (superuser, owner):
        await asyncio.to_thread(migrate.upgrade, owner)
        async with connect(superuser) as connection:
            await connection.execute("grant usage on schema cron to qlmodels_owner")
        async with connect(owner) as connection:
            await connection.execute(EXPIRED)
            assert await scheduling.schedule_purge(connection, "* * * * *") == "scheduled"
        async with connect(superuser) as connection:
            gone: asyncio.Queue[str] = asyncio.Queue()
            await connection.add_listener("gone", lambda *told: gone.put_nowait(told[-1]))
            await connection.execute(
                "create function tell() returns trigger language plpgsql as"
                " $$ begin perform pg_notify('gone', session_user); return null; end $$;"
                "create trigger tell after delete on q_values execute function tell()"
            )
            assert await asyncio.wait_for(gone.get(), 150) == "qlmodels_owner"
            assert await connection.fetchval("select count(*) from q_values") == 0


@pytest.mark.one_major
async def test_without_pg_cron(database: Database) -> None:
    async with connect(database.owner) as owner:
        assert await scheduling.schedule_purge(owner) == "absent"
        await scheduling.unschedule_purge(owner)

"""A hot standby of a real server: agents read their own rows there, and write none."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import asyncpg
import pytest

from qlmodels import LearningStore, create_pool, logins, migrate
from qlmodels.connection import connect
from qlmodels.embedded import Binaries, EmbeddedServer, RunningServer, provision
from qlmodels.embedded.account import account_for
from qlmodels.errors import QLModelsError
from tests.conftest import PASSWORD
from tests.support.durable import new_home

pytestmark = pytest.mark.slow

AGENT = "test-generator"
STATE, ACTIONS = {"module": "auth"}, ["go", "stay"]
CAUGHT_UP = "select pg_last_wal_replay_lsn() >= $1::text::pg_lsn"


def test_agents_read_at_a_standby(binaries: Binaries) -> None:
    with (
        new_home() as first,
        new_home() as second,
        EmbeddedServer(first, binaries=binaries) as primary,
    ):
        asyncio.run(prepare(primary))
        copy(primary, binaries, second)
        with EmbeddedServer(second, binaries=binaries) as standby:
            asyncio.run(learn_and_read(primary, standby))


async def prepare(primary: RunningServer) -> None:
    owner = await provision(primary)
    await asyncio.to_thread(migrate.upgrade, owner)
    async with connect(owner) as connection:
        for name in (AGENT, "quality-gate"):
            await logins.create(connection, "agent", name, PASSWORD)


def copy(primary: RunningServer, binaries: Binaries, home: Path) -> None:
    """What `pg_basebackup --write-recovery-conf` makes, in a home of its own."""
    shutil.copytree(primary.home / "passwords", home / "passwords")
    subprocess.run(
        [
            binaries.folder / "pg_basebackup",
            "--write-recovery-conf",
            "--checkpoint=fast",
            f"--host={primary.host}",
            f"--port={primary.port}",
            f"--username={primary.superuser}",
            f"--pgdata={home / 'data'}",
        ],
        env={"PATH": os.environ["PATH"], "PGPASSWORD": primary.password},
        check=True,
    )
    if (account := account_for(home / "data")) is not None:
        for path in [home / "data", *(home / "data").rglob("*")]:
            os.chown(path, account.uid, account.gid, follow_symlinks=False)


async def learn_and_read(primary: RunningServer, standby: RunningServer) -> None:
    database = "qlmodels"
    urls = [server.url(f"ql_{AGENT}", PASSWORD, database) for server in (primary, standby)]
    async with create_pool(urls[0]) as pool:
        await LearningStore(pool, AGENT).learn(STATE, "go", 1.0, None)
    async with connect(primary.url("ql_quality-gate", PASSWORD, database)) as other:
        await other.execute("select upsert_q_value('quality-gate', 's', '{}', 'a', '{}', 1)")
    await caught_up(primary, standby)
    async with create_pool(urls[1]) as pool:
        store = LearningStore(pool, AGENT)
        best = await store.best_action(STATE)
        assert best is not None
        assert best.action == "go"
        assert (await store.select_action(STATE, ACTIONS, 0.0)).action == "go"
        assert [found.state for found in await store.search(state_contains=STATE)] == [STATE]
        with pytest.raises((QLModelsError, asyncpg.ReadOnlySQLTransactionError), match="read-only"):
            await store.learn(STATE, "go", 1.0, None)
        seen = await pool.fetch("select distinct agent_type from q_values")
        assert [row["agent_type"] for row in seen] == [AGENT]
        summary = await pool.fetchrow("select pairs from agent_performance_summary")
        assert summary is not None
        assert summary["pairs"] == 1


async def caught_up(primary: RunningServer, standby: RunningServer) -> None:
    async with connect(primary.url(primary.superuser, primary.password, "postgres")) as source:
        written = await source.fetchval("select pg_current_wal_lsn()::text")
    async with connect(standby.url(standby.superuser, standby.password, "postgres")) as target:
        async with asyncio.timeout(60):
            while not await target.fetchval(CAUGHT_UP, written):
                await target.execute("select pg_sleep(0.01)")

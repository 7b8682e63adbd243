"""Lost connections, killed servers, cancelled tasks."""

import asyncio
import os
import random
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from qlmodels import logins, migrate
from qlmodels.connection import connect, create_engine, create_pool
from qlmodels.embedded import EmbeddedServer, provision
from qlmodels.errors import DatabaseUnreachable, QLModelsError
from qlmodels.store import Conflict, LearningStore, OutcomeUnknown, StoreClosed
from tests.conftest import PASSWORD, Database
from tests.store.conftest import AGENT
from tests.store.test_recording import episode

pytestmark = pytest.mark.one_major

KILL = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity"
    " where usename = 'ql_test-generator' and datname = current_database()"
)


async def test_a_lost_idle_connection_is_replaced(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection, database: Database
) -> None:
    await store.upsert("s", "a", 1.0)
    await _terminate(database)
    assert await store.best_action("s") is not None
    await _terminate(database)
    await store.record(episode())


async def test_what_was_acknowledged_is_there_after_connections_are_killed(
    database: Database, pool: asyncpg.Pool
) -> None:
    store = LearningStore(pool, AGENT)
    acknowledged, unknown = 0, 0

    async def learn() -> None:
        nonlocal acknowledged, unknown
        for _ in range(60):
            try:
                await store.learn("s", "a", 1.0, "s")
                acknowledged += 1
            except OutcomeUnknown:
                unknown += 1

    async def disturb(learning: asyncio.Future[list[None]]) -> None:
        for _ in range(8):
            if not learning.done():
                await _terminate(database)

    learning = asyncio.gather(*(learn() for _ in range(8)))
    await asyncio.gather(learning, disturb(learning))
    visits = (await store.actions("s"))[0].visit_count
    assert acknowledged <= visits <= acknowledged + unknown
    assert acknowledged + unknown == 480
    assert acknowledged > 0


async def test_a_repeatable_write_survives_killed_connections(
    database: Database, pool: asyncpg.Pool
) -> None:
    store = LearningStore(pool, AGENT)
    episodes = [episode() for _ in range(60)]
    recording = asyncio.gather(*(store.record(told, rewards=True) for told in episodes))
    for _ in range(8):
        await _terminate(database)
    await recording
    assert await pool.fetchval("select count(*) from trajectories") == 60
    assert await pool.fetchval("select count(*) from rewards") == 120


async def test_an_unreachable_server_is_said_to_be_so(database: Database) -> None:
    async with create_pool(database.url(f"ql_{AGENT}"), min_size=0) as pool:
        store = LearningStore(pool, AGENT, patience=0.05)
        async with _closed(database):
            with pytest.raises(DatabaseUnreachable, match=r"[Nn]othing was written"):
                await store.learn("s", "a", 1.0, "s")
        await LearningStore(pool, AGENT).learn("s", "a", 1.0, "s")


async def test_a_deadline_at_any_moment_raises_an_error_of_ours(database: Database) -> None:
    """A deadline terminates the connection, at most moments between two steps of the driver."""
    engine = create_engine(database.url(f"ql_{AGENT}"))
    async with create_pool(database.url(f"ql_{AGENT}"), min_size=0) as pool:
        for milliseconds in [*range(1, 30)] * 6:
            store = LearningStore(pool, AGENT, patience=milliseconds / 1000)
            with suppress(QLModelsError):
                await store.learn("s", "a", 1.0, "s")
            async with AsyncSession(engine) as session:
                with suppress(QLModelsError):
                    await (await store.within(session)).learn("s", "a", 1.0, "s")
    await engine.dispose()


async def test_a_closed_pool_is_said_to_be_closed(database: Database) -> None:
    async with create_pool(database.url(f"ql_{AGENT}")) as pool:
        store = LearningStore(pool, AGENT)
    with pytest.raises(StoreClosed, match="pool"):
        await store.best_action("s")


async def test_cancelled_tasks_leave_the_pool_healthy(database: Database) -> None:
    async with create_pool(database.url(f"ql_{AGENT}"), max_size=3) as pool:
        store = LearningStore(pool, AGENT)
        rng = random.Random(1)
        for _ in range(20):
            tasks = [
                asyncio.create_task(store.learn(number, "a", 1.0, number)) for number in range(20)
            ]
            for _ in range(rng.randrange(12)):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        done = await asyncio.gather(*(store.learn("s", "a", 1.0, "s") for _ in range(30)))
        assert sorted(one.visit_count for one in done) == list(range(1, 31))


async def test_conflicts_are_tried_again_until_patience_ends(
    database: Database, pool: asyncpg.Pool
) -> None:
    """Serialisable readers and writers of the same rows: some must give way."""
    async with _serialisable(database) as strict:
        store = LearningStore(strict, AGENT)
        await asyncio.gather(*(store.learn("s", "a", 1.0, "s") for _ in range(100)))
        assert (await store.actions("s"))[0].visit_count == 100
        hasty = LearningStore(strict, AGENT, patience=0)
        results = await asyncio.gather(
            *(hasty.learn("s", "a", 1.0, "s") for _ in range(100)), return_exceptions=True
        )
    failed = [one for one in results if isinstance(one, BaseException)]
    assert all(isinstance(one, Conflict) for one in failed)
    assert await pool.fetchval("select visit_count from q_values") == 200 - len(failed)


@pytest.mark.slow
async def test_a_killed_server_comes_back_and_has_all_that_it_acknowledged() -> None:
    home = Path(tempfile.mkdtemp(prefix="qlk"))
    counts, under_way = Counter[str](), asyncio.Event()

    async def learn(store: LearningStore) -> None:
        while counts["acknowledged"] < 3000:
            try:
                await store.learn("s", "a", 1.0, "s")
                counts["acknowledged"] += 1
            except OutcomeUnknown:
                counts["unknown"] += 1
            if counts["acknowledged"] > 500:
                under_way.set()

    try:
        with EmbeddedServer(home) as running:
            owner = await provision(running)
            await asyncio.to_thread(migrate.upgrade, owner)
            async with connect(owner) as connection:
                await logins.create(connection, "agent", AGENT, PASSWORD)
            url = owner.set(username=f"ql_{AGENT}", password=PASSWORD)
            async with create_pool(url, max_size=6) as pool:
                store = LearningStore(pool, AGENT)
                learning = asyncio.gather(*(learn(store) for _ in range(6)))
                await under_way.wait()
                os.kill(int((home / "data/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
                again = EmbeddedServer(home)
                await asyncio.to_thread(again.__enter__)
                try:
                    await learning
                    visits = (await store.actions("s"))[0].visit_count
                finally:
                    await asyncio.to_thread(again.__exit__, None, None, None)
        assert counts["acknowledged"] <= visits <= counts.total()
        assert counts["unknown"] > 0
    finally:
        shutil.rmtree(home)


async def _terminate(database: Database) -> None:
    connection = await asyncpg.connect(
        database.superuser.set(drivername="postgresql").render_as_string(hide_password=False)
    )
    try:
        await connection.execute(KILL)
    finally:
        await connection.close()


@asynccontextmanager
async def _closed(database: Database) -> AsyncIterator[None]:
    """No login but the superuser's gets in."""
    connection = await asyncpg.connect(
        database.superuser.set(drivername="postgresql").render_as_string(hide_password=False)
    )
    try:
        await connection.execute('alter role "ql_test-generator" connection limit 0')
        yield
    finally:
        await connection.execute('alter role "ql_test-generator" connection limit 10')
        await connection.close()


@asynccontextmanager
async def _serialisable(database: Database) -> AsyncIterator[asyncpg.Pool]:
    url = database.url(f"ql_{AGENT}").set(drivername="postgresql")
    async with asyncpg.create_pool(
        url.render_as_string(hide_password=False),
        min_size=8,
        max_size=8,
        server_settings={"default_transaction_isolation": "serializable"},
    ) as pool:
        yield pool

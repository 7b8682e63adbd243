"""Connections that the store keeps between two calls belong to the pool all the same."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from qlmodels.connection import create_pool
from qlmodels.store import LearningStore, StoreClosed, connection_cache
from tests.conftest import Database
from tests.store.conftest import AGENT

pytestmark = pytest.mark.one_major


@pytest.fixture
async def narrow(database: Database) -> AsyncIterator[asyncpg.Pool]:
    """A pool of two connections."""
    async with create_pool(database.url(f"ql_{AGENT}"), max_size=2) as pool:
        yield pool


async def test_calls_in_a_row_share_a_connection(store: LearningStore, pool: asyncpg.Pool) -> None:
    servers = {
        await store._run("test", lambda it: it.fetchval("select pg_backend_pid()"), repeatable=True)
        for _ in range(20)
    }
    assert len(servers) == 1
    assert pool.get_size() == 1


async def test_many_stores_and_others_share_a_narrow_pool(narrow: asyncpg.Pool) -> None:
    stores = [LearningStore(narrow, AGENT, instance=f"{AGENT}-{number}") for number in range(18)]
    done = 0

    async def work(store: LearningStore) -> None:
        nonlocal done
        for _ in range(10):
            await store.upsert("s", "a", 1.0)
            done += 1

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for store in stores:
            group.create_task(work(store))
        for _ in range(10):
            await narrow.fetchval("select 1")
    assert done == 180
    assert await narrow.fetchval("select visit_count from q_values") == 180


async def test_a_busy_store_lets_others_have_the_only_connection(database: Database) -> None:
    async with create_pool(database.url(f"ql_{AGENT}"), max_size=1) as pool:
        store = LearningStore(pool, AGENT)

        async def work() -> None:
            while True:
                await store.actions("s")

        busy = asyncio.create_task(work())
        async with asyncio.timeout(60):
            for _ in range(5):
                await pool.fetchval("select 1")
        busy.cancel()
        await asyncio.wait([busy])


async def test_the_last_connection_is_given_back_at_once(database: Database) -> None:
    async with create_pool(database.url(f"ql_{AGENT}"), max_size=1) as pool:
        await LearningStore(pool, AGENT).actions("s")
        assert pool.get_idle_size() == 1


async def test_one_that_was_out_for_long_is_given_back_at_once(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the pool has others to give."""
    monkeypatch.setattr(connection_cache, "MAX_KEPT_S", 60.0)
    await LearningStore(pool, AGENT).actions("s")
    assert pool.get_idle_size() == 0
    monkeypatch.setattr(connection_cache, "MAX_KEPT_S", -1.0)
    await LearningStore(pool, AGENT).actions("s")
    assert (pool.get_idle_size(), pool.get_size()) == (1, 2)


async def test_a_pool_closes_though_a_connection_is_kept(database: Database) -> None:
    async with create_pool(database.url(f"ql_{AGENT}")) as pool:
        store = LearningStore(pool, AGENT, patience=0.1)
        await store.actions("s")
        async with asyncio.timeout(60):
            await pool.close()
    with pytest.raises(StoreClosed):
        await store.actions("s")


async def test_a_terminated_pool_is_closed_too(database: Database) -> None:
    async with create_pool(database.url(f"ql_{AGENT}")) as pool:
        store = LearningStore(pool, AGENT, patience=0.1)
        await store.actions("s")
        pool.terminate()
        with pytest.raises(StoreClosed):
            await store.actions("s")

from datetime import UTC, datetime

import asyncpg
import pytest

from qlmodels.store import LearningStore
from tests.store.test_recording import episode


async def age(owner: asyncpg.Connection) -> None:
    """Let everything be of two months ago."""
    for table, column in (
        ("q_values", "expires_at"), ("trajectories", "expires_at"), ("patterns", "expires_at"),
        ("rewards", "observed_at"),
    ):  # fmt: skip
        await owner.execute(f"update {table} set {column} = now() - interval '60 days'")
    await owner.execute(
        "alter table sessions disable trigger touch_updated_at;"
        "update sessions set start_time = now() - interval '60 days', updated_at = start_time,"
        " end_time = null;"
        "update sessions set updated_at = start_time;"
        "alter table sessions enable trigger touch_updated_at"
    )


async def test_what_expired_goes_in_small_bites_and_what_did_not_stays(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    await store.start_session()
    for number in range(25):
        await store.learn(number, "a", 1.0, number, reward_type="immediate")
        await store.record(episode(), rewards=True)
    await store.remember_pattern("old", 1, pattern_type="t")
    await age(owner)
    await store.start_session()
    await store.learn("new", "a", 1.0, "new", reward_type="immediate")
    now = datetime.now(UTC)
    await store.record(episode(started_at=now, completed_at=now), rewards=True)
    await store.learn(0, "a", 1.0, 0)  # what is still learned from never expires
    assert await store.purge_expired(batch=10) == {
        "q_values": 24, "trajectories": 25, "rewards": 25, "patterns": 1, "sessions": 0,
    }  # fmt: skip
    left = await owner.fetchrow(
        "select (select count(*) from q_values), (select count(*) from trajectories),"
        " (select count(*) from rewards), (select count(*) from sessions)"
    )
    assert left is not None
    assert tuple(left) == (2, 1, 3, 2)


async def test_a_session_goes_when_all_that_it_made_has_gone(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    await store.start_session()
    await store.learn("s", "a", 1.0, "s")
    await age(owner)
    assert (await store.purge_expired())["sessions"] == 1
    assert await owner.fetchval("select count(*) from sessions") == 0


@pytest.mark.one_major
async def test_nobody_is_waited_for(
    store: LearningStore, owner: asyncpg.Connection, pool: asyncpg.Pool
) -> None:
    await store.upsert("busy", "a", 1.0)
    await store.upsert("idle", "a", 1.0)
    await age(owner)
    async with pool.acquire() as writer, writer.transaction():
        await writer.execute("update q_values set q_value = 2 where state_data = '\"busy\"'")
        assert (await store.purge_expired())["q_values"] == 1
    assert (await store.purge_expired())["q_values"] == 1


@pytest.mark.one_major
async def test_only_ones_own_rows_go(store: LearningStore, owner: asyncpg.Connection) -> None:
    await owner.execute(
        "insert into patterns (agent_type, pattern_name, pattern_type, pattern_data, expires_at)"
        " values ('quality-gate', 'p', 't', '1', now() - interval '1 day')"
    )
    assert sum((await store.purge_expired()).values()) == 0
    assert await owner.fetchval("select count(*) from patterns") == 1
    assert dict(await owner.fetch("select * from cleanup_expired_data()"))["patterns"] == 1

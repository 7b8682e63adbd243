import asyncio

import asyncpg
import pytest

from qlmodels import policies
from qlmodels.connection import connect
from qlmodels.store import LearningStore
from tests.conftest import Database
from tests.store.conftest import AGENT
from tests.store.test_recording import episode

AGES = {
    "q_values": ("expires_at", "last_updated"),
    "trajectories": ("expires_at", "started_at", "completed_at"),
    "patterns": ("expires_at", "first_seen", "last_used"),
    "rewards": ("observed_at",),
    "agent_states": ("last_activity",),
}


async def age(owner: asyncpg.Connection) -> None:
    """Let everything be of two months ago."""
    for table, columns in AGES.items():
        told = ", ".join(f"{column} = now() - interval '60 days'" for column in columns)
        await owner.execute(f"update {table} set {told}")
    await owner.execute(
        "alter table sessions disable trigger touch_updated_at;"
        "update sessions set start_time = now() - interval '60 days', updated_at = start_time,"
        " end_time = null;"
        "update sessions set updated_at = start_time;"
        "alter table sessions enable trigger touch_updated_at"
    )


async def versions(owner: asyncpg.Connection) -> list[tuple[str, int, int, int]]:
    rows = await owner.fetch(
        "select note, pairs, states, visits from qlmodels_private.policy_versions"
        " where reason = 'purge' order by agent_type, policy_version"
    )
    return [tuple(row) for row in rows]


async def test_what_expired_goes_in_small_bites_and_what_did_not_stays(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    await store.start_session()
    for number in range(25):
        await store.learn(number, "a", 1.0, number, reward_type="immediate")
        await store.record(episode(), rewards=True)
    await store.remember_pattern("old", 1, pattern_type="t")
    await age(owner)
    await owner.execute(
        "update q_values set expires_at = now() + interval '1 day' where state_data = '0'"
    )
    assert await store.purge_expired(batch=10) == {
        "q_values": 24,
        "trajectories": 25,
        "rewards": 25,
        "patterns": 1,
        "sessions": 0,
    }
    left = await owner.fetchrow(
        "select (select count(*) from q_values), (select count(*) from trajectories),"
        " (select count(*) from rewards), (select count(*) from sessions)"
    )
    assert left is not None
    assert tuple(left) == (1, 0, 0, 1)
    day = await owner.fetchval("select (now() at time zone 'UTC')::date::text")
    assert await versions(owner) == [(f"before purge {day}", 24, 24, 24)]


USES = {
    "write": "select upsert_q_value('test-generator', 'another', '1', 'a', '1', 1)",
    "heartbeat": "update agent_states set last_activity = now()",
    "look-up": "update agent_states set lookups = lookups + 1, last_activity = now()",
    "session": "insert into sessions (agent_type) values ('test-generator')",
    "end of a session": "update sessions set end_time = now()",
    "episode": "update trajectories set completed_at = now()",
    "reward": "update rewards set observed_at = now()",
    "pattern": "update patterns set last_used = now()",
    "nothing, for it never expires": "update agent_types set retention_days = null",
}


@pytest.mark.parametrize("use", USES)
async def test_an_agent_type_in_use_loses_no_pair(
    store: LearningStore, owner: asyncpg.Connection, use: str
) -> None:
    await store.start_session()
    for number in range(5):
        await store.learn(number, "a", 1.0, number, reward_type="immediate")
    await store.record(episode())
    await store.remember_pattern("old", 1, pattern_type="t")
    await store.heartbeat()
    await age(owner)
    await owner.execute(USES[use])
    await store.purge_expired()
    assert await owner.fetchval("select count(*) from q_values where action_data = '\"a\"'") == 5
    assert await versions(owner) == []


async def test_without_retention_nothing_expires(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    await owner.execute("update agent_types set retention_days = null")
    await store.start_session()
    await store.learn("s", "a", 1.0, "s", reward_type="immediate")
    await store.record(episode(), rewards=True)
    assert await owner.fetchval("select count(*) from q_values where expires_at is null") == 1
    await age(owner)  # a client's own date does not count either
    assert not any((await store.purge_expired()).values())
    assert not any(dict(await owner.fetch("select * from cleanup_expired_data()")).values())


async def test_what_was_purged_comes_back(
    store: LearningStore, owner: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(30):
        await store.learn(number, "a", float(number), number)
    columns = "state_hash, state_data, action_hash, action_data, q_value, visit_count, td_error"
    everything = f"select q_value_id, {columns}, last_updated from q_values order by 1"
    await age(owner)
    before = await owner.fetch(everything)
    with caplog.at_level("INFO", "qlmodels"):
        assert (await store.purge_expired(batch=7))["q_values"] == 30
    assert await owner.fetch(everything) == []
    assert "purged 30 rows of q_values of test-generator, kept as version 1" in caplog.text
    assert "`qlmodels policy restore test-generator 1` restores them" in caplog.text

    await store.learn("new", "a", 1.0, "new")
    await store.learn(0, "a", 5.0, 0)  # stays as it is, for it was learned since
    async with owner.transaction():
        restored = await policies.restore(owner, "test-generator", 1)
    assert (restored.returned, restored.changed, restored.removed) == (29, 0, 0)
    back = await owner.fetch(everything)
    assert [row for row in back if row in before] == before[1:]
    assert len(back) == 31


async def test_a_purge_by_sql_keeps_them_too(
    store: LearningStore, owner: asyncpg.Connection, database: Database
) -> None:
    for number in range(3):
        await store.upsert(number, "a", 1.0)
    await owner.execute(
        "select upsert_q_value('quality-gate', n::text, '1', 'a', '1', 1)"
        "  from generate_series(1, 4) as n"
    )
    await age(owner)
    log = database.server.home / "log"
    before = log.stat().st_size
    assert dict(await owner.fetch("select * from cleanup_expired_data()"))["q_values"] == 7
    with log.open("rb") as lines:
        lines.seek(before)
        written = lines.read().decode()
    said = "purged 3 of q_values of test-generator, kept as version 1: qlmodels policy restore "
    assert f"{said}test-generator 1" in written
    assert [pairs for _, pairs, _, _ in await versions(owner)] == [4, 3]
    await store.upsert("later", "a", 1.0)
    await age(owner)
    assert (await store.purge_expired())["q_values"] == 1
    assert [pairs for _, pairs, _, _ in await versions(owner)] == [4, 4], "one version a day"


async def test_a_session_goes_when_all_that_it_made_has_gone(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    await store.start_session()
    await store.learn("s", "a", 1.0, "s")
    await age(owner)
    assert (await store.purge_expired())["sessions"] == 1
    assert await owner.fetchval("select count(*) from sessions") == 0


async def test_a_session_stays_while_a_reward_of_it_does(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    await store.start_session()
    await store.learn("s", "a", 1.0, "s", reward_type="immediate")
    await age(owner)
    await owner.execute("update rewards set observed_at = now(); delete from q_values")
    assert sum((await store.purge_expired()).values()) == 0
    assert await owner.fetchval("select count(*) from rewards where session_id is not null") == 1
    await age(owner)
    assert (await store.purge_expired())["sessions"] == 1


HELD = {
    "trajectories": "update trajectories set priority = 2 where task_id = 'busy'",
    "patterns": "update patterns set version = 1 where pattern_name = 'busy'",
    "rewards": "update rewards set step = 1 where reward_source = 'busy'",
    "sessions": "update sessions set task_count = 1 where session_name = 'busy'",
}
"""What a writer does to one row of each table."""


@pytest.mark.one_major
@pytest.mark.parametrize("table", HELD)
async def test_a_row_that_is_being_written_keeps_no_other(
    store: LearningStore, owner: asyncpg.Connection, database: Database, table: str
) -> None:
    for name in ("busy", "idle"):
        await store.record(episode(task_id=name))
        await store.remember_pattern(name, 1, pattern_type="t")
        await owner.execute(
            "insert into rewards (agent_type, state_hash, action_hash, reward_value, reward_type,"
            " reward_source) values ($1, 's', 'a', 1, 'immediate', $2)",
            AGENT,
            name,
        )
        await owner.execute(
            "insert into sessions (agent_type, session_name) values ($1, $2)", AGENT, name
        )
    await age(owner)
    async with connect(database.owner) as writer, writer.transaction():
        assert await writer.execute(HELD[table]) == "UPDATE 1"
        async with asyncio.timeout(60):
            assert (await store.purge_expired())[table] == 1


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

"""A connection that breaks while the server works: what may be repeated is, nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest

from qlmodels.connection import connect, create_pool
from qlmodels.store import (
    Episode,
    GivenReward,
    LearningStore,
    OutcomeUnknown,
    Pair,
    Transition,
)
from tests.conftest import Database
from tests.store.conftest import AGENT
from tests.store.test_recording import episode
from tests.support.blocking import LIMIT_S, waiter_of
from tests.support.lossy_proxy import LossyProxy

pytestmark = pytest.mark.one_major

WRITTEN = "sessions, q_values, trajectories, rewards, patterns, agent_states"
COUNTS = """
select (select count(*) from q_values), (select count(*) from rewards),
       (select coalesce(sum(usage_count), 0) from patterns), (select count(*) from agent_states)
"""
STEP = Transition(state="s", action="a", reward=1.0, next_state="t")
PATTERN = UUID("00000000-0000-4000-8000-00000000000a")

Operation = Callable[[LearningStore], Awaitable[object]]

ONCE: dict[str, Operation] = {
    "learn": lambda store: store.learn_from(STEP),
    "learn_many": lambda store: store.learn_many([STEP, STEP]),
    "upsert": lambda store: store.upsert("s", "a", 1.0),
    "upsert_many": lambda store: store.upsert_many([Pair("s", "a", 1.0)]),
    "record_rewards": lambda store: store.record_rewards(
        [GivenReward(state="s", action="a", reward=1.0)]
    ),
    "use_pattern": lambda store: store.use_pattern(PATTERN, success=True, reward=1.0),
    "heartbeat": lambda store: store.heartbeat("one"),
}
"""What would count twice."""

EPISODE: Episode = episode()

AGAIN: dict[str, tuple[Operation, str]] = {
    "record": (lambda store: store.record(EPISODE, rewards=True), "trajectories"),
    "start_session": (lambda store: store.start_session("one"), "sessions"),
    "remember_pattern": (
        lambda store: store.remember_pattern("one", {}, pattern_type="test"),
        "patterns",
    ),
}
"""What leaves the same behind when it is done twice, and where."""


async def _break(database: Database, process: int) -> None:
    async with connect(database.superuser) as superuser:
        assert await superuser.fetchval("select pg_terminate_backend($1, 10000)", process)


@pytest.mark.parametrize("operation", ONCE)
async def test_what_counts_is_not_repeated(
    store: LearningStore, owner: asyncpg.Connection, database: Database, operation: str
) -> None:
    await owner.execute(
        "insert into patterns (agent_type, pattern_id, pattern_name, pattern_type, pattern_data)"
        " values ($1, $2, 'known', 'test', '{}')",
        AGENT,
        PATTERN,
    )
    before = await owner.fetchrow(COUNTS)
    async with asyncio.timeout(LIMIT_S):
        async with owner.transaction():
            await owner.execute(f"lock table {WRITTEN}")
            writing = asyncio.ensure_future(ONCE[operation](store))
            await _break(database, await waiter_of(owner))
            with pytest.raises(OutcomeUnknown, match="may or may not have been written"):
                await writing
        assert await owner.fetchrow(COUNTS) == before


@pytest.mark.parametrize("operation", AGAIN)
async def test_what_can_be_repeated_is_and_is_there_once(
    store: LearningStore, owner: asyncpg.Connection, database: Database, operation: str
) -> None:
    call, table = AGAIN[operation]
    async with asyncio.timeout(LIMIT_S):
        async with owner.transaction():
            await owner.execute(f"lock table {WRITTEN}")
            writing = asyncio.ensure_future(call(store))
            first = await waiter_of(owner)
            await _break(database, first)
            await waiter_of(owner, first)
        await writing
    assert await owner.fetchval(f"select count(*) from {table}") == 1


async def test_counts_that_may_have_been_added_are_not_added_again(
    store: LearningStore, owner: asyncpg.Connection, database: Database
) -> None:
    store.finish_episode(success=True, total_reward=2.0)
    async with owner.transaction():
        await owner.execute("lock table agent_states")
        beating = asyncio.ensure_future(store.heartbeat("one"))
        await _break(database, await waiter_of(owner))
        with pytest.raises(OutcomeUnknown):
            await beating
    await store.heartbeat("one")
    assert await owner.fetchval("select total_tasks from agent_states") == 0


async def test_what_is_tried_again_after_a_lost_answer_counts_once(
    database: Database, owner: asyncpg.Connection
) -> None:
    """The server has committed, and the answer does not come."""
    proxy = LossyProxy(database.url(f"ql_{AGENT}"))
    async with proxy.serving() as url, create_pool(url, max_size=1) as pool:
        store = LearningStore(pool, AGENT, instance="one")
        first, second = episode(), episode()
        await store.record_many([first, second])
        await store.update_priorities({first.trajectory_id: 2.0})
        proxy.lose_answer_to("wanted")
        await store.remember_pattern("warm", {}, pattern_type="test")
        await store.remember_pattern("wanted", {}, pattern_type="test")
        await store.update_priorities({second.trajectory_id: 1.0})
        proxy.lose_answer_to(first.trajectory_id.bytes)
        await store.update_priorities({first.trajectory_id: 3.0, second.trajectory_id: 3.0})
        assert proxy.lost == 2
        await store.heartbeat()
    rows = await owner.fetch("select priority, replay_count from trajectories order by 2")
    assert [tuple(row) for row in rows] == [(3.0, 2), (3.0, 2)]
    assert await owner.fetchval("select patterns_learned from agent_states") == 2


async def test_an_answer_lost_after_the_commit_is_an_unknown_outcome_where_it_would_count_twice(
    database: Database, owner: asyncpg.Connection
) -> None:
    proxy = LossyProxy(database.url(f"ql_{AGENT}"))
    async with proxy.serving() as url, create_pool(url, max_size=1) as pool:
        store = LearningStore(pool, AGENT, instance="one")
        await store.learn("s", "a", 1.0, "t", terminated=True)
        proxy.lose_answer_to("wanted")
        with pytest.raises(OutcomeUnknown):
            await store.learn("wanted", "a", 1.0, "t", terminated=True)
        assert proxy.lost == 1
    assert await owner.fetchval("select count(*) from q_values") == 2

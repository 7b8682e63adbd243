"""A connection that breaks while the server works: what may be repeated is, nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest

from qlmodels.connection import connect
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

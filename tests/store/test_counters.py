"""What an instance reports is what was stored and looked up, by whichever operation."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from qlmodels.store import LearningStore, Nudge, Pair, Transition
from tests.store.conftest import AGENT

pytestmark = pytest.mark.one_major

PAIRS = [Pair("s", "a", 1.0), Pair("s", "b", 1.0), Pair("s", "a", 2.0), Pair("t", "a", 1.0)]
STEPS = [
    Transition(state=pair.state, action=pair.action, reward=1.0, next_state="x", terminated=True)
    for pair in PAIRS
]


async def upsert(store: LearningStore) -> None:
    for pair in PAIRS:
        await store.upsert(pair.state, pair.action, pair.q_value)


async def upsert_many(store: LearningStore) -> None:
    await store.upsert_many(PAIRS)


async def nudge_many(store: LearningStore) -> None:
    await store.nudge_many([Nudge(pair.state, pair.action, 1.0) for pair in PAIRS])


async def learn(store: LearningStore) -> None:
    for step in STEPS:
        await store.learn_from(step)


async def learn_many(store: LearningStore) -> None:
    await store.learn_many(STEPS)


async def buffered(store: LearningStore) -> None:
    async with store.buffered() as buffer:
        for pair, step in zip(PAIRS, STEPS, strict=True):
            await buffer.upsert(pair)
            await buffer.learn(step)


async def counts(pool: asyncpg.Pool) -> tuple[int, ...]:
    row = await pool.fetchrow(
        "select q_values_stored, patterns_learned, lookups::integer, lookup_hits::integer"
        " from agent_states"
    )
    assert row is not None
    return tuple(row)


@pytest.mark.parametrize(
    "write",
    [upsert, upsert_many, nudge_many, learn, learn_many, buffered],
    ids=lambda f: f.__name__,
)
async def test_new_pairs_are_counted_once_by_every_operation(
    store: LearningStore, pool: asyncpg.Pool, write: Callable[[LearningStore], Awaitable[None]]
) -> None:
    await store.upsert("s", "a", 0.0)
    for _ in range(2):
        await write(store)
        await store.heartbeat()
        assert await counts(pool) == (3, 0, 0, 0)


@pytest.mark.parametrize("write", [upsert_many, learn_many, nudge_many], ids=lambda f: f.__name__)
async def test_of_two_that_make_a_pair_one_counts_it(
    pool: asyncpg.Pool, write: Callable[[LearningStore], Awaitable[None]]
) -> None:
    stores = [LearningStore(pool, AGENT, instance="one") for _ in range(6)]
    await asyncio.gather(*map(write, stores))
    for store in stores:
        await store.heartbeat()
    assert await counts(pool) == (3, 0, 0, 0)


async def test_what_failed_is_not_counted(store: LearningStore, pool: asyncpg.Pool) -> None:
    with pytest.raises(ValueError, match="q_value"):
        await store.upsert_many([Pair("s", "a", 1.0), Pair("s", "b", float("nan"))])
    await store.heartbeat()
    assert await counts(pool) == (0, 0, 0, 0)


async def test_look_ups_and_patterns(store: LearningStore, pool: asyncpg.Pool) -> None:
    await store.upsert("s", "a", 1.0)
    for state in ("s", "unknown"):
        await store.best_action(state)
        await store.actions(state)
        await store.values(state, ["a"])
        await store.select_action(state, ["a"], 0.0)
        step = Transition(state="u", action="a", reward=0.0, next_state=state, next_actions=["a"])
        await store.learn_and_select(step, 0.0)
    for name in ("one", "two", "one"):
        await store.remember_pattern(name, {}, pattern_type="test")
    await store.heartbeat()
    assert await counts(pool) == (2, 2, 10, 5)

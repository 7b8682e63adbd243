"""Adding to what pairs are worth: nothing lost, and no visit unless it says so."""

import asyncio
import itertools
import json
import math
import random
from datetime import timedelta

import asyncpg
import pytest

from qlmodels.connection import create_pool
from qlmodels.errors import UnknownAgentType
from qlmodels.store import (
    Hashed,
    InvalidValue,
    LearningStore,
    Nudge,
    Pair,
    StateMismatch,
    Transition,
)
from tests.conftest import Database
from tests.store.conftest import AGENT

pytestmark = pytest.mark.newest_first

INITIAL = 0.25


@pytest.fixture(autouse=True)
async def kind(owner: asyncpg.Connection) -> None:
    await owner.execute("update agent_types set initial_q_value = 0.25")


async def test_a_nudge_adds_and_is_no_visit(store: LearningStore, pool: asyncpg.Pool) -> None:
    await store.upsert("s", "a", 1.0)
    before = await pool.fetchrow("select * from q_values")
    assert before is not None
    assert await store.nudge_many([Nudge("s", "a", 0.5), Nudge("s", "a", -2.0)]) == [1.5, -0.5]
    after = await pool.fetchrow("select * from q_values")
    assert after is not None
    changed = {name for name, value in dict(after).items() if value != before[name]}
    assert changed == {"q_value", "last_updated", "expires_at"}


async def test_a_nudge_may_be_a_visit(store: LearningStore, pool: asyncpg.Pool) -> None:
    await store.nudge_many([Nudge("s", "a", 0.5, visit=True), Nudge("s", "a", 0.5)])
    (row,) = await pool.fetch("select * from q_values")
    assert (row["q_value"], row["visit_count"]) == (INITIAL + 1.0, 1)
    assert (row["confidence_score"], row["uncertainty"]) == (0.51, 0.49)


async def test_a_missing_pair_begins_at_the_initial_value(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    session = await store.start_session()
    assert await store.nudge_many([Nudge(None, "a", 1.0)]) == [INITIAL + 1.0]
    (row,) = await pool.fetch("select * from q_values")
    assert (row["visit_count"], row["state_data"], row["session_id"]) == (0, "null", session)
    assert (row["confidence_score"], row["uncertainty"]) == (0.5, 0.5)
    assert row["expires_at"] - row["last_updated"] == timedelta(days=30)
    learned = await store.learn(None, "a", 0.0, None, terminated=True)
    assert learned.visit_count == 1
    assert await store.nudge_many([]) == []


async def test_concurrent_nudges_add_up(database: Database) -> None:
    async with create_pool(database.url(f"ql_{AGENT}"), max_size=9) as pool:
        store = LearningStore(pool, AGENT, patience=0)

        def batch(seed: int) -> list[Nudge]:
            rng = random.Random(seed)
            return [Nudge(rng.randrange(20), rng.randrange(2), 0.5) for _ in range(50)]

        def others(seed: int) -> list[Transition]:
            rng = random.Random(seed)
            return [
                Transition(
                    state=rng.randrange(20),
                    action=rng.randrange(2),
                    reward=0.0,
                    next_state=0,
                    terminated=True,
                    weight=0.0,
                )
                for _ in range(50)
            ]

        await asyncio.gather(
            *(store.nudge_many(batch(seed)) for seed in range(30)),
            *(store.learn_many(others(seed)) for seed in range(30)),
        )
        pairs, total = (await pool.fetch("select count(*), sum(q_value) from q_values"))[0]
    assert total == pytest.approx(INITIAL * pairs + 0.5 * 30 * 50)


@pytest.mark.one_major
@pytest.mark.parametrize(
    ("nudge", "error"),
    [
        (Nudge(Hashed("known", 2), "a", 1.0), StateMismatch),
        (Nudge("s", "a", math.inf), InvalidValue),
        (Nudge("s", "a", math.nan), InvalidValue),
        (Nudge(Hashed("known", 1), "a", 1.7e308), InvalidValue),
        (Nudge("s", "a", 1.0, visit=1), InvalidValue),  # type: ignore[arg-type]
        (Nudge(Hashed("s"), "a", 1.0), InvalidValue),
    ],
    ids=["mismatch", "infinite", "NaN", "overflow", "no flag", "no document"],
)
async def test_nudges_are_made_whole_or_not_at_all(
    store: LearningStore, pool: asyncpg.Pool, nudge: Nudge, error: type[Exception]
) -> None:
    await store.upsert(Hashed("known", 1), "a", 1.7e308)
    before = await pool.fetch("select * from q_values")
    with pytest.raises(error):
        await store.nudge_many([Nudge("s", "b", 1.0), nudge])
    assert await pool.fetch("select * from q_values") == before
    with pytest.raises(UnknownAgentType):
        await LearningStore(pool, "nobody").nudge_many([Nudge("s", "a", 1.0)])


@pytest.mark.one_major
@pytest.mark.parametrize("by", [None, "NaN", "Infinity", "-Infinity"])
async def test_the_function_refuses_what_the_store_would(
    pool: asyncpg.Pool, by: str | None
) -> None:
    nudge = {"state_hash": "s", "state_data": 1, "action_hash": "a", "action_data": 1, "by": by}
    with pytest.raises(asyncpg.InvalidParameterValueError, match="nudge"):
        await pool.execute("select nudge_q_values($1, $2)", AGENT, json.dumps([nudge]))


WRITES = {
    "learn": lambda store: store.learn("s", "a", 0.0, None, terminated=True),
    "learn_many": lambda store: store.learn_many(
        [
            Transition(state=state, action="a", reward=0.0, next_state=None, terminated=True)
            for state in ("s", "s", "t")
        ]
    ),
    "upsert": lambda store: store.upsert("s", "a", 1.0),
    "upsert_many": lambda store: store.upsert_many(
        [Pair("s", "a", 1.0), Pair("t", "a", 1.0), Pair("s", "a", 2.0)]
    ),
    "nudge_many": lambda store: store.nudge_many(
        [Nudge("s", "a", 1.0), Nudge("t", "a", 1.0), Nudge("s", "a", 1.0)]
    ),
}


@pytest.mark.one_major
async def test_pairs_are_counted_when_they_are_made(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    made = 0
    for first, second in itertools.product(WRITES, repeat=2):
        await WRITES[first](store)
        await WRITES[second](store)
        await store.heartbeat()
        made += await pool.fetchval("select count(*) from q_values")
        counted = await pool.fetchval("select q_values_stored from agent_states")
        assert counted == made, (first, second)
        await owner.execute("delete from q_values")


@pytest.mark.one_major
@pytest.mark.parametrize("operation", ["learn_many", "upsert_many", "nudge_many"])
async def test_a_pair_that_is_deleted_meanwhile_is_made_again(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection, operation: str
) -> None:
    """The batch has seen the pair, and waits for it while its deletion is not committed."""
    await store.upsert("s", "a", 5.0)
    await store.upsert("t", "a", 7.0)
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute("delete from q_values where state_data = '\"s\"'")
    batch = asyncio.create_task(WRITES[operation](store))
    async with asyncio.timeout(20):
        while not await owner.fetchval("select count(*) from pg_locks where not granted"):
            pass
    await transaction.commit()
    await batch
    rows = await pool.fetch("select state_data, q_value from q_values order by 1")
    assert [tuple(row) for row in rows] == {
        "learn_many": [('"s"', INITIAL * 0.81), ('"t"', 7.0 * 0.9)],
        "upsert_many": [('"s"', 2.0), ('"t"', 1.0)],
        "nudge_many": [('"s"', INITIAL + 2), ('"t"', 8.0)],
    }[operation]

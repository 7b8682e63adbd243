"""What every way to write does to a pair: new, known, made or changed by another one meanwhile."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import pytest
from asyncpg.exceptions import PostgresError

from qlmodels.store import Hashed, LearningStore, Pair, StateMismatch, Transition
from tests.store.conftest import AGENT
from tests.support.blocking import waiter_of

pytestmark = pytest.mark.one_major

STATE, ACTION = Hashed("s", {"at": 1}), Hashed("a", "go")
OTHER_STATE, OTHER_ACTION = Hashed("s", {"at": 2}), Hashed("a", "stay")

RULES = """
update agent_types
   set learning_rate = 0.5, learning_rate_decay = 0, initial_q_value = 0, retention_days = 7
 where agent_type = $1
"""
KNOWN = """
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value,
                      visit_count, confidence_score, uncertainty, td_error, last_updated,
                      expires_at)
values ($1, 's', '{"at": 1}', 'a', '"go"', 2, 4, 0.6, 0.3, 0.25, '2026-01-01+00', '2026-01-02+00')
"""
FOUND = """
select q_value, td_error, visit_count, confidence_score, uncertainty,
       (expires_at - last_updated)::text, last_updated > now() - interval '1 hour'
  from q_values
 where agent_type = $1 and state_hash = 's'
"""


class Found(NamedTuple):
    q_value: float
    td_error: float | None
    visits: int
    confidence: float
    uncertainty: float
    lives: str = "7 days"
    is_fresh: bool = True


Way = Callable[[LearningStore, asyncpg.Pool, Hashed, Hashed], Awaitable[object]]


def _step(state: Hashed, action: Hashed) -> Transition:
    return Transition(state=state, action=action, reward=1.0, next_state=None, terminated=True)


def _sql(statement: str) -> Way:
    async def write(_: LearningStore, pool: asyncpg.Pool, state: Hashed, action: Hashed) -> object:
        documents = [json.dumps(one.document) for one in (state, action)]
        return await pool.fetchval(statement, AGENT, *documents)

    return write


LEARN: dict[str, Way] = {
    "learn": lambda store, _, state, action: store.learn_from(_step(state, action)),
    "learn_many": lambda store, _, state, action: store.learn_many([_step(state, action)]),
    "SQL learn": _sql("select learn($1, 's', $2, 'a', $3, 1, p_terminated => true)"),
}
STORE: dict[str, Way] = {
    "upsert": lambda store, _, state, action: store.upsert(state, action, 1.0),
    "upsert_many": lambda store, _, state, action: store.upsert_many([Pair(state, action, 1.0)]),
}
UPSERT: dict[str, Way] = {
    **STORE,
    "SQL upsert_q_value": _sql("select upsert_q_value($1, 's', $2, 'a', $3, 1)"),
}
WAYS = LEARN | UPSERT
every_way = pytest.mark.parametrize("way", WAYS)


@pytest.fixture(autouse=True)
async def rules(owner: asyncpg.Connection) -> None:
    await owner.execute(RULES, AGENT)


async def found(pool: asyncpg.Pool) -> Found:
    (row,) = await pool.fetch(FOUND, AGENT)
    return Found(*row)


def about(wanted: Found) -> Any:
    return tuple(pytest.approx(value) if isinstance(value, float) else value for value in wanted)


@every_way
async def test_a_new_and_a_known_pair(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection, way: str
) -> None:
    await WAYS[way](store, pool, STATE, ACTION)
    learned, stored = Found(0.5, 1.0, 1, 0.51, 0.49), Found(1.0, None, 1, 0.5, 0.5)
    assert await found(pool) == about(learned if way in LEARN else stored)
    await owner.execute("delete from q_values")
    await owner.execute(KNOWN, AGENT)
    await WAYS[way](store, pool, STATE, ACTION)
    learned, stored = Found(1.5, -1.0, 5, 0.61, 0.29), Found(1.0, 0.25, 5, 0.61, 0.29)
    assert await found(pool) == about(learned if way in LEARN else stored)
    await owner.execute("update q_values set confidence_score = 0.995, uncertainty = 0.005")
    await WAYS[way](store, pool, STATE, ACTION)
    assert (await found(pool))[3:5] == (1.0, 0.0)


@every_way
async def test_a_pair_that_another_one_makes_meanwhile(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection, way: str
) -> None:
    """It is not there when it is looked for, and there when it is to be made."""
    async with owner.transaction():
        await owner.execute(KNOWN, AGENT)
        writing = asyncio.ensure_future(WAYS[way](store, pool, STATE, ACTION))
        await waiter_of(owner)
    await writing
    learned, stored = Found(1.5, -1.0, 5, 0.61, 0.29), Found(1.0, 0.25, 5, 0.61, 0.29)
    assert await found(pool) == about(learned if way in LEARN else stored)


CHANGES = (
    ("q_value = 4", Found(2.5, -3.0, 5, 0.61, 0.29), Found(1.0, 0.25, 5, 0.61, 0.29)),
    ("visit_count = 8", Found(1.5, -1.0, 9, 0.61, 0.29), Found(1.0, 0.25, 9, 0.61, 0.29)),
    (
        "confidence_score = 0.7, uncertainty = 0.2",
        Found(1.5, -1.0, 5, 0.71, 0.19),
        Found(1.0, 0.25, 5, 0.71, 0.19),
    ),
)
"""To a known pair, and what it holds when a write that waited has been made too."""


@every_way
async def test_a_pair_that_another_one_changes_meanwhile(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection, way: str
) -> None:
    for change, learned, stored in CHANGES:
        await owner.execute("delete from q_values")
        await owner.execute(KNOWN, AGENT)
        async with owner.transaction():
            await owner.execute(f"update q_values set {change} where agent_type = $1", AGENT)
            writing = asyncio.ensure_future(WAYS[way](store, pool, STATE, ACTION))
            await waiter_of(owner)
        await writing
        assert await found(pool) == about(learned if way in LEARN else stored), change


OTHERS = ((OTHER_STATE, ACTION), (STATE, OTHER_ACTION))


@pytest.mark.parametrize("way", LEARN | STORE)
async def test_a_hash_of_another_document_is_refused(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection, way: str
) -> None:
    """Whether the hash was taken before, or is taken meanwhile."""
    await owner.execute(KNOWN, AGENT)
    before = await owner.fetch("select q_values::text from q_values")
    for state, action in OTHERS:
        with pytest.raises((StateMismatch, PostgresError)) as refused:
            await WAYS[way](store, pool, state, action)
        assert getattr(refused.value, "sqlstate", "QL001") == "QL001"
        assert await owner.fetch("select q_values::text from q_values") == before
    for state, action in OTHERS:
        await owner.execute("delete from q_values")
        async with owner.transaction():
            await owner.execute(KNOWN, AGENT)
            writing = asyncio.ensure_future(WAYS[way](store, pool, state, action))
            await waiter_of(owner)
        with pytest.raises((StateMismatch, PostgresError)) as refused:
            await writing
        assert getattr(refused.value, "sqlstate", "QL001") == "QL001"
        assert (await owner.fetchrow("select q_value, visit_count from q_values")) == (2, 4)


SESSIONS = [UUID(int=1), UUID(int=2)]


@pytest.mark.parametrize("way", [*(LEARN | STORE), "SQL upsert_q_value"])
async def test_a_pair_is_of_the_session_that_made_it(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection, way: str
) -> None:
    for session in SESSIONS:
        await owner.execute(
            "insert into sessions (agent_type, session_id) values ($1, $2)", AGENT, session
        )
        store.session = session
        own = WAYS[way]
        if way == "SQL learn":
            own = _sql(
                "select learn($1, 's', $2, 'a', $3, 1, p_terminated => true,"
                f" p_session_id => '{session}')"
            )
        elif way == "SQL upsert_q_value":
            own = _sql(f"select upsert_q_value($1, 's', $2, 'a', $3, 1, '{session}')")
        await own(store, pool, STATE, ACTION)
    rows = await owner.fetch("select session_id, visit_count from q_values")
    assert [tuple(row) for row in rows] == [(SESSIONS[0], 2)]


async def test_a_batch_takes_the_last_value_of_a_pair_and_counts_each(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    values = [Pair(STATE, ACTION, 3.0), Pair(STATE, ACTION, 5.0), Pair(STATE, ACTION, 4.0)]
    first, second, third = await store.upsert_many(values)
    assert first == second == third
    assert await found(pool) == about(Found(4.0, None, 3, 0.5, 0.5))
    await owner.execute("delete from q_values")
    await owner.execute(KNOWN, AGENT)
    await store.upsert_many(values)
    assert await found(pool) == about(Found(4.0, 0.25, 7, 0.63, 0.27))


async def test_steps_of_a_batch_have_their_own_discount_and_their_own_reward(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    """The first takes the agent type's discount, and leaves no row of rewards."""
    await owner.execute("update agent_types set discount_factor = 0.5, initial_q_value = 8")
    steps = [
        Transition(state=1, action="a", reward=1.0, next_state=9, next_actions=["x"]),
        Transition(
            state=2,
            action="a",
            reward=2.0,
            next_state=9,
            next_actions=["x"],
            discount_factor=0.25,
            reward_type="shaping",
            reward_source="tests",
            step=3,
        ),
        Transition(
            state=3,
            action="a",
            reward=3.0,
            next_state=9,
            next_actions=["x"],
            discount_factor=0.0,
            reward_type="delayed",
        ),
    ]
    learned = await store.learn_many(steps)
    assert [(one.td_error, one.q_value) for one in learned] == [(-3, 6.5), (-4, 6), (-5, 5.5)]
    rows = await owner.fetch(
        "select reward_value, reward_type, reward_source, step from rewards order by reward_id"
    )
    assert [tuple(row) for row in rows] == [
        (2, "shaping", "tests", 3),
        (3, "delayed", None, None),
    ]

"""What an update does to a pair, and when rows expire, is said by one function for all paths."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from qlmodels import policies
from qlmodels.files import sql_of
from qlmodels.store import Episode, Hashed, LearningStore, Nudge, Pair, Transition
from tests.store.conftest import AGENT

pytestmark = pytest.mark.one_major

OTHER_RULES = """
create or replace function qlmodels.confidence_after(
    p_confidence double precision, p_visits integer)
returns double precision language sql immutable
return p_confidence + 0.125 * p_visits;
create or replace function qlmodels.uncertainty_after(
    p_uncertainty double precision, p_visits integer)
returns double precision language sql immutable
return p_uncertainty - 0.0625 * p_visits;
create or replace function qlmodels.expiry(p_retention_days integer)
returns timestamptz language sql stable
return timestamptz '2099-01-01 00:00:00+00';
"""
OTHER_EXPIRY = datetime(2099, 1, 1, tzinfo=UTC)
EXPIRING = ("q_values", "trajectories", "patterns")
PAIR = (AGENT, "s", '"s"', "a", '"a"')

store_sql = sql_of("qlmodels.store")

Write = Callable[[LearningStore, asyncpg.Connection], Awaitable[object]]


async def _update(store: LearningStore, owner: asyncpg.Connection) -> None:
    assert await owner.fetch(store_sql("update"), *PAIR, 1.0)


async def _upsert_pairs(store: LearningStore, owner: asyncpg.Connection) -> None:
    await store.upsert_many([Pair(Hashed("s", "s"), Hashed("a", "a"), 1.0)])


async def _nudge(store: LearningStore, owner: asyncpg.Connection) -> None:
    await store.nudge_many([Nudge(Hashed("s", "s"), Hashed("a", "a"), 1.0, visit=True)])


async def _upsert_q_value(store: LearningStore, owner: asyncpg.Connection) -> None:
    await owner.execute(
        "select upsert_q_value($1, $2, $3::text::jsonb, $4, $5::text::jsonb, 1)", *PAIR
    )


async def _upsert_q_values(store: LearningStore, owner: asyncpg.Connection) -> None:
    row = dict(
        zip(
            ("agent_type", "state_hash", "state_data", "action_hash", "action_data"),
            PAIR,
            strict=True,
        )
    ) | {"state_data": "s", "action_data": "a", "q_value": 1.0}
    await owner.execute("select upsert_q_values($1::text::jsonb)", json.dumps([row]))


async def _learn_step(store: LearningStore, owner: asyncpg.Connection) -> None:
    await owner.execute(
        "select learn_step($1, $2, $3::text::jsonb, $4, $5::text::jsonb, 1, p_terminated => true)",
        *PAIR,
    )


async def _learn_many(store: LearningStore, owner: asyncpg.Connection) -> None:
    step = {"state_hash": "s", "state_data": "s", "action_hash": "a", "action_data": "a"}
    await owner.execute(
        "select learn_many($1, $2::text::jsonb)",
        AGENT,
        json.dumps([step | {"reward": 1.0, "terminated": True}]),
    )


async def _merge(store: LearningStore, owner: asyncpg.Connection) -> None:
    await owner.execute(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data)"
        " values ('quality-gate', $1, $2::text::jsonb, $3, $4::text::jsonb)",
        *PAIR[1:],
    )
    async with owner.transaction():
        await policies.merge(owner, "quality-gate", AGENT, "weighted")


UPDATES: tuple[Write, ...] = (
    _update,
    _upsert_pairs,
    _nudge,
    _upsert_q_value,
    _upsert_q_values,
    _learn_step,
    _learn_many,
    _merge,
)


@pytest.fixture
async def pair(owner: asyncpg.Connection) -> asyncpg.Connection:
    """The owner's connection to a database with one pair, that never expires."""
    await owner.execute(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data)"
        " values ($1, $2, $3::text::jsonb, $4, $5::text::jsonb)",
        *PAIR,
    )
    return owner


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("rules", ["", OTHER_RULES], ids=["own rules", "other rules"])
async def test_every_update_follows_the_rules(
    store: LearningStore, pair: asyncpg.Connection, update: Write, rules: str
) -> None:
    await pair.execute(rules or "select")
    await update(store, pair)
    row = await pair.fetchrow(
        "select visit_count, confidence_score = qlmodels.confidence_after(0.5, 1),"
        " uncertainty = qlmodels.uncertainty_after(0.5, 1),"
        " expires_at = qlmodels.expiry(retention_days) and expires_at is not null"
        " from q_values join agent_types using (agent_type) where agent_type = $1"
        " and abs(extract(epoch from now() - last_updated)) < 60",
        AGENT,
    )
    assert row is not None
    assert tuple(row)[:3] == (2, True, True)
    expires_at = await pair.fetchval("select expires_at from q_values where agent_type = $1", AGENT)
    if rules:
        assert expires_at == OTHER_EXPIRY
    else:
        assert expires_at is not None
        later = expires_at - datetime.now(UTC)
        assert timedelta(days=29, hours=23) < later < timedelta(days=30, hours=1)


async def _write_everything(store: LearningStore) -> None:
    """One row of each kind that expires, by each way that the store has of making or using it."""
    await store.upsert("new", "a", 1.0)
    await store.upsert("new", "a", 2.0)
    await store.upsert_many([Pair("batch", "a", 1.0), Pair("batch", "a", 2.0)])
    await store.nudge_many([Nudge("nudged", "a", 1.0)])
    await store.learn("learned", "a", 1.0, None, terminated=True)
    await store.learn_many(
        [Transition(state="many", action="a", reward=1.0, next_state=None, terminated=True)]
    )
    await store.record(
        Episode(
            task_id="task",
            states=["new"],
            actions=["a"],
            rewards=[1.0],
            success=True,
            started_at=datetime.now(UTC),
        )
    )
    remembered = await store.remember_pattern("used", {}, pattern_type="rule")
    await store.remember_pattern("unused", {}, pattern_type="rule")
    await store.use_pattern(remembered, success=True, reward=1.0)


async def _expiries(owner: asyncpg.Connection) -> set[datetime | None]:
    return {
        row[0]
        for table in EXPIRING
        for row in await owner.fetch(f"select distinct expires_at from {table}")
    }


async def test_all_rows_expire_by_the_one_rule(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    await owner.execute(OTHER_RULES)
    await _write_everything(store)
    async with owner.transaction():
        version = await policies.keep(owner, AGENT)
        await owner.execute("update q_values set expires_at = null, q_value = q_value + 1")
        assert version is not None
        await policies.restore(owner, AGENT, version)
    assert await _expiries(owner) == {OTHER_EXPIRY}


async def test_a_retention_beyond_all_dates_is_a_long_one(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    await owner.execute("update agent_types set retention_days = 2147483647")
    await _write_everything(store)
    for table in EXPIRING:
        near = f"select count(*) from {table} where expires_at < now() + interval '2000 years'"
        assert await owner.fetchval(near) == 0


async def test_without_a_retention_nothing_expires(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    await owner.execute("update agent_types set retention_days = null")
    await _write_everything(store)
    assert await _expiries(owner) == {None}


async def test_the_rules_are_inlined_for_an_agent(
    pool: asyncpg.Pool, pair: asyncpg.Connection
) -> None:
    sql = "\n".join(line for line in store_sql("update").splitlines() if not line.startswith("--"))
    plan = await pool.fetch(f"explain (verbose) {sql}", *PAIR, 1.0)
    text = "\n".join(row[0] for row in plan)
    assert "LEAST(" in text
    for rule in ("confidence_after", "uncertainty_after", "expiry(", "retention("):
        assert rule not in text


@pytest.mark.parametrize(
    ("before", "visits", "confidence", "uncertainty"),
    [
        (0.5, 1, 0.51, 0.49),
        (0.5, 7, 0.57, 0.43),
        (0.5, 2_000, 1, 0),
        (1, 1, 1, 0.99),
        (0, 1, 0.01, 0),
    ],
)
async def test_the_step(
    owner: asyncpg.Connection, before: float, visits: int, confidence: float, uncertainty: float
) -> None:
    after = await owner.fetchrow(
        "select qlmodels.confidence_after($1, $2), qlmodels.uncertainty_after($1, $2)",
        float(before),
        visits,
    )
    assert after is not None
    assert tuple(after) == pytest.approx((confidence, uncertainty), abs=1e-12)

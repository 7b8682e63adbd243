"""What goes into a row comes out of the database as it was."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from qlmodels import AgentSession, AgentState, AgentType, Pattern, QValue, Reward, Trajectory
from qlmodels.connection import create_engine
from tests.conftest import Database

AGENT = "test-generator"
MOMENT = datetime(2026, 2, 3, 4, 5, 6, 789_012, tzinfo=UTC)


async def stored(database: Database, *rows: Any) -> list[Any]:
    """All rows of this kind as another session reads them, written by the agent's own login."""
    engine = create_engine(database.url(f"ql_{AGENT}"))
    try:
        async with AsyncSession(engine) as session:
            session.add_all(rows)
            await session.commit()
        async with AsyncSession(engine) as session:
            return list(await session.exec(select(type(rows[0]))))
    finally:
        await engine.dispose()


def pair(**values: Any) -> QValue:
    given_values: dict[str, Any] = {"state_data": {}, "action_data": {}} | values
    return QValue(agent_type=AGENT, state_hash="s", action_hash="a", **given_values)


async def test_documents_keep_their_value(database: Database) -> None:
    documents: list[Any] = [[], {}, 0, "", False, [None], {"a": None}, "null", 1.5, "\U0001f600"]
    rows = [
        QValue(
            agent_type=AGENT,
            state_hash=str(number),
            action_hash="a",
            state_data=document,
            action_data=document,
            extra=document,
        )
        for number, document in enumerate(documents)
    ]
    found = {row.state_hash: row for row in await stored(database, *rows)}
    for number, document in enumerate(documents):
        row = found[str(number)]
        assert [row.state_data, row.action_data, row.extra] == [document] * 3
        assert json.dumps(row.state_data) == json.dumps(document)


async def test_null_stays_null(database: Database) -> None:
    (row,) = await stored(database, pair(extra=None))
    assert row.extra is None
    assert row.session_id is None
    assert row.td_error is None


async def test_defaults_come_from_the_server(database: Database) -> None:
    (row,) = await stored(database, pair())
    assert row.extra == {}
    assert row.q_value_id > 0
    assert row.created_at == row.last_updated
    assert (row.visit_count, row.confidence_score, row.uncertainty) == (1, 0.5, 0.5)


async def test_microseconds_survive(database: Database) -> None:
    (row,) = await stored(database, pair(expires_at=MOMENT, last_updated=MOMENT))
    assert (row.expires_at, row.last_updated) == (MOMENT, MOMENT)


async def test_every_class_round_trips(database: Database) -> None:
    run = AgentSession(agent_type=AGENT, session_name="first", start_time=MOMENT)
    episode = Trajectory(
        agent_type=AGENT,
        session_id=run.session_id,
        task_id="task",
        initial_state=0,
        final_state={"done": True},
        actions_taken=["left", "right"],
        states_visited=[0, 1, 2],
        step_rewards=[-1, 0.5],
        total_reward=-0.5,
        discounted_reward=-0.525,
        execution_time_ms=12,
        success=True,
        terminated=True,
        started_at=MOMENT,
    )
    rows = [
        run,
        pair(session_id=run.session_id),
        episode,
        Reward(
            agent_type=AGENT,
            session_id=run.session_id,
            trajectory_id=episode.trajectory_id,
            state_hash="s",
            action_hash="a",
            reward_value=-1,
            step=0,
        ),
        Pattern(
            agent_type=AGENT,
            pattern_name="corner cases first",
            pattern_type="strategy",
            pattern_data=[],
            trigger_conditions={"coverage": {"$lt": 0.8}},
        ),
        AgentState(
            agent_type=AGENT,
            agent_instance_id="test-generator-1",
            total_tasks=4,
            successful_tasks=3,
            current_exploration_rate=0.2,
            current_learning_rate=0.1,
        ),
    ]
    given_values = [
        {name: value for name, value in row.model_dump().items() if value is not None}
        for row in rows
    ]
    for row, values in zip(rows, given_values, strict=True):
        (found,) = await stored(database, row)
        assert {name: getattr(found, name) for name in values} == values


async def test_success_rate_is_computed(database: Database) -> None:
    row = AgentState(
        agent_type=AGENT,
        agent_instance_id="one",
        total_tasks=4,
        successful_tasks=3,
        current_exploration_rate=0,
        current_learning_rate=1,
    )
    (found,) = await stored(database, row)
    assert found.success_rate == 0.75


@given(q_value=st.floats(allow_nan=False, allow_infinity=False))
def test_any_finite_value_is_taken_as_it_is(q_value: float) -> None:
    assert pair(q_value=q_value).q_value == q_value


def test_an_agent_type_needs_a_name_only_of_its_own() -> None:
    kind = AgentType(agent_type="my-agent", display_name="My Agent")
    assert (kind.learning_rate, kind.discount_factor, kind.retention_days) == (0.1, 0.95, 30)

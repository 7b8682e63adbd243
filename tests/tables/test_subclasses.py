"""Classes that users derive from the seven: methods work, columns are refused in a sentence."""

import pickle
import sys
from subprocess import run
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError, field_validator
from sqlalchemy import Column, ForeignKey, String, inspect
from sqlalchemy.orm import selectinload
from sqlmodel import Field, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

import qlmodels
from qlmodels import AgentSession, AgentType, AgentTypeCreate, AgentTypeRead, Pattern
from qlmodels.connection import engine_at
from tests.conftest import Database
from tests.tables.test_idioms import CLASSES, ROWS


class Named(AgentType):
    """Not the comment of a table."""

    prefix: ClassVar[str] = "agent "

    @property
    def title(self) -> str:
        return self.prefix + self.display_name

    @field_validator("display_name")
    @classmethod
    def _capital(cls, value: str) -> str:
        if not value[:1].isupper():
            raise ValueError("a capital is first")
        return value


class Shouted(Named):
    @property
    def title(self) -> str:
        return super().title.upper()


async def test_a_class_with_methods_is_stored_and_read(database: Database) -> None:
    async with engine_at(database.superuser) as engine:
        async with AsyncSession(engine) as session:
            session.add(Shouted(agent_type="lake", display_name="Lake", extra={}))
            session.add(AgentSession(agent_type="lake"))
            await session.commit()
        async with AsyncSession(engine) as session:
            query = select(Named).options(selectinload(Named.sessions))
            row = (await session.exec(query.where(Named.agent_type == "lake"))).one()
            assert (type(row), row.title, len(row.sessions)) == (Named, "agent Lake", 1)
            row.extra["changed"] = 1
            row.learning_rate = 0.5
            await session.commit()
        async with AsyncSession(engine) as session:
            shouted = await session.get_one(Shouted, "lake")
            assert (shouted.title, shouted.extra) == ("AGENT LAKE", {"changed": 1})
        async with AsyncSession(engine) as session:
            assert type(await session.get(AgentType, "lake")) is AgentType


def test_a_validator_of_ones_own_is_asked() -> None:
    with pytest.raises(ValidationError, match="a capital is first"):
        Named(agent_type="lake", display_name="lake")
    with pytest.raises(ValidationError, match="learning_rate"):
        Named(agent_type="lake", display_name="Lake", learning_rate=2)
    AgentType(agent_type="lake", display_name="lake")


@CLASSES
def test_any_of_the_seven_is_derived_from(row: Any) -> None:
    class Derived(row):  # type: ignore[misc]
        def word(self) -> str:
            return "own"

    derived: Any = Derived
    comment = row.__table__.comment
    made = derived(**ROWS[row])
    assert made.word() == "own"
    assert made.model_dump(include={*ROWS[row]}) == row(**ROWS[row]).model_dump(
        include={*ROWS[row]}
    )
    assert derived.model_validate(made.model_dump()).model_dump() == made.model_dump()
    assert derived.model_json_schema()["properties"] == row.model_json_schema()["properties"]
    assert inspect(derived).local_table is row.__table__
    assert row.__table__.comment == comment


def test_the_first_row_of_a_program_may_be_a_derived_one() -> None:
    """In a process of its own, where nothing has configured the mappers."""
    code = """
from qlmodels import AgentType
class Lake(AgentType):
    pass
lake = Lake(agent_type="lake", display_name="Lake")
lake.extra["size"] = 8
print(lake.extra)
"""
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "{'size': 8}\n"


def test_ours_are_as_they_were() -> None:
    tables = set(qlmodels.metadata.tables)
    assert {"agent_types", "sessions"} <= tables
    assert "Named" not in AgentType._sa_registry._class_registry
    assert pickle.loads(pickle.dumps(Named(agent_type="a", display_name="A"))).title  # noqa: S301


@CLASSES
@pytest.mark.parametrize(
    ("members", "options"),
    [
        ({"__annotations__": {"colour": str}}, {"table": True}),
        ({}, {"table": True}),
        ({"__tablename__": "mine"}, {}),
        ({"__tablename__": "mine", "__annotations__": {"colour": str}}, {"table": True}),
    ],
)
def test_a_table_of_its_own_is_refused(row: Any, members: Any, options: Any) -> None:
    with pytest.raises(TypeError, match=rf"Mine cannot have a table .* {row.__name__} has one"):
        type(row)("Mine", (row,), {"__module__": __name__, **members}, **options)


@pytest.mark.parametrize("default", [{}, {"colour": "red"}, {"colour": Field(default="red")}])
def test_columns_of_its_own_are_refused(default: Any) -> None:
    members = {"__module__": __name__, "__annotations__": {"colour": str}, **default}
    metaclass: Any = type(Pattern)
    with pytest.raises(TypeError, match=r"fields of its own \(colour\).*docs/recipes\.md"):
        metaclass("Mine", (Pattern,), members)
    assert "colour" not in qlmodels.metadata.tables["patterns"].columns


class Lake(AgentTypeRead):
    """What is sent may have more."""

    rank: int = 0


class LakeCreate(AgentTypeCreate):
    size: int


def test_what_is_sent_has_further_fields() -> None:
    given = LakeCreate(agent_type="lake", display_name="Lake", size=4)
    row = AgentType.model_validate(
        given.model_dump(exclude={"size"}), update={"extra": {"size": 4}}
    )
    assert row.extra == {"size": 4}
    read: Any = row.model_dump() | {"created_at": "2026-01-01T00:00:00Z"}
    assert Lake.model_validate(read | {"updated_at": read["created_at"], "rank": 2}).rank == 2


class Owner(SQLModel, table=True):
    """A table of one's own that refers to ours, in a MetaData of its own."""

    __tablename__ = "test_owners"  # pyright: ignore[reportAssignmentType]
    agent_type: str = Field(
        sa_column=Column(String(50), ForeignKey(AgentType.agent_type), primary_key=True)
    )
    name: str


async def test_a_table_of_ones_own_refers_to_ours(database: Database) -> None:
    async with engine_at(database.superuser) as engine, AsyncSession(engine) as session:
        connection = await session.connection()
        table = SQLModel.metadata.tables["test_owners"]
        await connection.run_sync(table.create)
        session.add(Owner(agent_type="test-generator", name="Ada"))
        await session.flush()
        query = select(AgentType, Owner).join(Owner)
        row, owner = (await session.exec(query)).one()
        assert (row.agent_type, owner.name) == ("test-generator", "Ada")
    assert "test_owners" not in qlmodels.metadata.tables

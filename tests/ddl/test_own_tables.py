"""Tables of a project beside the seven: names are its own, and rows are kept apart as ours are."""

import subprocess
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import ForeignKey, MetaData, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, col

import qlmodels
from qlmodels import AgentType
from qlmodels.connection import connect, create_engine
from qlmodels.ddl import declare, declared, own_rows
from qlmodels.ddl.build import statements
from qlmodels.ddl.combined import combined
from qlmodels.errors import ConfigurationError
from tests.conftest import Database

pytestmark = pytest.mark.one_major

NAMESAKES = """
from typing import Optional
from sqlmodel import Field, Relationship, SQLModel
import {module}
from sqlalchemy.orm import configure_mappers

assert not SQLModel.metadata.tables, SQLModel.metadata.tables.keys()
assert not SQLModel._sa_registry.mappers
NAMES = ["AgentType", "AgentSession", "AgentState", "QValue", "Trajectory", "Reward", "Pattern"]
TABLES = [
    "agent_types", "sessions", "agent_states", "q_values", "trajectories", "rewards", "patterns",
]
for number, (name, table) in enumerate(zip(NAMES, TABLES)):
    after, before = NAMES[(number + 1) % 7], NAMES[number - 1]
    exec(f'''
class {{name}}(SQLModel, table=True):
    __tablename__ = "{{table}}"
    id: int = Field(primary_key=True)
    after_id: int | None = Field(default=None, foreign_key="{{TABLES[(number + 1) % 7]}}.id")
    after: Optional["{{after}}"] = Relationship(
        back_populates="before", sa_relationship_kwargs={{{{"remote_side": "{{after}}.id"}}}}
    )
    before: list["{{before}}"] = Relationship(back_populates="after")
''')
configure_mappers()
assert sorted(SQLModel.metadata.tables) == sorted(TABLES)
assert "qlmodels" not in SQLModel.metadata.info
"""


@pytest.mark.parametrize("module", ["qlmodels.store", "qlmodels.ddl", "qlmodels_admin.app"])
def test_a_project_has_all_our_names_for_itself(module: str) -> None:
    code = NAMESAKES.format(module=module)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


own = registry()


class Base(SQLModel, registry=own):
    pass


class Gadget(Base, table=True):
    __tablename__ = "gadgets"  # pyright: ignore[reportAssignmentType]
    agent_type: str = Field(
        primary_key=True, max_length=50, sa_column_args=[ForeignKey(AgentType.agent_type)]
    )
    name: str = Field(primary_key=True, max_length=100)


declare(own.metadata, *own_rows("gadgets"))


@pytest_asyncio.fixture
async def gadgets(database: Database) -> AsyncIterator[Database]:
    async with connect(database.owner) as owner:
        for statement in statements(own.metadata):
            await owner.execute(statement)
    yield database


async def test_rows_refer_to_agent_types(gadgets: Database) -> None:
    engine = create_engine(gadgets.owner)
    try:
        async with AsyncSession(engine) as session:
            session.add_all(
                [
                    Gadget(agent_type="my-own-agent", name="lamp"),
                    AgentType(agent_type="my-own-agent", display_name="Mine"),
                ]
            )
            await session.flush()
            joined = select(col(Gadget.name), col(AgentType.display_name)).join(AgentType)
            assert (await session.execute(joined)).all() == [("lamp", "Mine")]
            session.add(Gadget(agent_type="nobody", name="lamp"))
            with pytest.raises(IntegrityError):
                await session.flush()
    finally:
        await engine.dispose()


async def test_an_agent_reaches_its_own_rows_alone(gadgets: Database) -> None:
    insert = "insert into gadgets values ($1, 'lamp')"
    async with connect(gadgets.owner) as owner:
        for agent_type in ("test-generator", "security-scanner"):
            await owner.execute(insert, agent_type)
        # as a policy that somebody else adds
        await owner.execute("create policy wide on gadgets to public using (true)")
    async with connect(gadgets.url("ql_test-generator")) as agent:
        assert await agent.fetch("select agent_type from gadgets") == [("test-generator",)]
        assert await agent.execute("update gadgets set name = 'desk'") == "UPDATE 1"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await agent.execute(insert, "security-scanner")
    async with connect(gadgets.url("qlpanel_test")) as panel:
        assert await panel.fetchval("select count(*) from gadgets") == 2


def test_rights_of_agents_are_chosen() -> None:
    metadata = MetaData()
    declare(metadata, *own_rows("gadgets", schema="mine", agents=("select",)))
    written = [sql for thing in declared(metadata) for sql in thing.create()]
    assert "grant select on table mine.gadgets to qlmodels_agent" in " ".join(written)
    assert "grant usage on schema mine" in " ".join(written)


def test_several_metadata_are_one() -> None:
    whole = combined([own.metadata, qlmodels.metadata])
    assert {"gadgets", "agent_types"} <= set(whole.tables)
    assert whole.tables["gadgets"] is own.metadata.tables["gadgets"]
    assert len(declared(whole)) == len(declared(own.metadata)) + len(declared(qlmodels.metadata))
    names = [table.name for table in whole.sorted_tables]
    assert names.index("agent_types") < names.index("gadgets")


def test_one_table_in_two_metadata_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="hold a table gadgets"):
        combined([own.metadata, own.metadata])

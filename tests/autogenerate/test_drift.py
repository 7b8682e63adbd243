"""What was changed by hand since upgrade, as the panel's login sees it in the catalogs alone."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from alembic.runtime.migration import MigrationContext, StampStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from qlmodels import migrate
from qlmodels.autogenerate import drift
from qlmodels.connection import connect, create_engine
from tests.conftest import Database

pytestmark = pytest.mark.one_major

CHANGES = {
    "drop policy qlmodels_agent_access on q_values": (
        "policy qlmodels_agent_access on q_values is after upgrade, not now"
    ),
    "alter table sessions disable row level security": (
        "row security of sessions: enabled is off now, on after upgrade"
    ),
    "grant select on q_values to public": (
        "privileges on table q_values: public has select now, nothing after upgrade"
    ),
    "drop index ix_rewards_session_id": "index ix_rewards_session_id is after upgrade, not now",
    "alter table agent_types add column x int": "column agent_types.x is now, not after upgrade",
    "alter table rewards alter column step set default 0": (
        "default of column rewards.step: expression is 0 now, not set after upgrade"
    ),
    "create table mine (a int)": "",
}
"""What is done by hand, and what is said of it: nothing of what is somebody else's."""


def told(url: Any) -> list[str] | None:
    async def ask() -> list[str] | None:
        engine = create_engine(url, pooler="none")
        try:
            async with engine.connect() as connection:
                return await connection.run_sync(drift.changed, migrate.head())
        finally:
            await engine.dispose()

    return asyncio.run(ask())


def run(database: Database, *statements: str) -> None:
    async def execute() -> None:
        async with connect(database.owner) as owner:
            for statement in statements:
                await owner.execute(statement)

    asyncio.run(execute())


def test_what_was_changed_by_hand_is_told_in_words(database: Database) -> None:
    panel = database.url("qlpanel_test")
    assert told(panel) == []
    assert told(database.owner) == []
    run(database, *CHANGES)
    assert sorted(told(panel) or ()) == sorted(filter(None, CHANGES.values()))
    assert told(panel) == told(database.owner)


def test_the_models_are_built_where_the_database_was_not_empty(database: Database) -> None:
    """As by a later revision: what was changed before stays a difference."""
    run(database, "drop index ix_rewards_session_id")

    def again(connection: Connection) -> None:
        context = MigrationContext.configure(connection)
        step = StampStep("0001", migrate.head(), True, True, scripts.revision_map)
        beside = drift.foreseen(connection, "a later one")
        drift.remember(ctx=context, step=step.info, heads={migrate.head()}, beside=beside)
        connection.commit()

    scripts = ScriptDirectory.from_config(migrate.config())
    owner(database, again)
    assert told(database.url("qlpanel_test")) == [CHANGES["drop index ix_rewards_session_id"]]


def test_nothing_stored_is_not_nothing_changed(database: Database) -> None:
    run(database, "delete from qlmodels_private.declared_facts")
    assert told(database.url("qlpanel_test")) is None


def owner(database: Database, work: Callable[[Connection], None]) -> None:
    async def go() -> None:
        engine = create_engine(database.owner, pooler="none")
        try:
            async with engine.connect() as connection:
                await connection.run_sync(work)
        finally:
            await engine.dispose()

    asyncio.run(go())

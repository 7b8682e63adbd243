"""Options that a server writes beside the documented ones: ignored, whatever kind they are of."""

import asyncio
import logging

import pytest
from sqlalchemy import Column, Index, Integer, MetaData, String, Table

from qlmodels import migrate
from qlmodels.autogenerate import drift, storage_options
from qlmodels.connection import connect, create_engine
from qlmodels.ddl.objects import View, declare
from tests.autogenerate.project import Project
from tests.conftest import Database

OF_COLUMNS = """
update pg_attribute set attoptions = coalesce(attoptions, '{}') || '{pg_attver=7,odd=a b}'::text[]
 where attnum > 0 and attrelid in (select oid from pg_class where relkind in ('r', 'v', 'm')
                                   and relnamespace = 'public'::regnamespace);
"""
STRANGE = f"""{OF_COLUMNS}
update pg_class set reloptions = coalesce(reloptions, '{{}}') || '{{pg_relver=8}}'::text[]
 where relkind in ('r', 'v', 'm', 'i') and relnamespace = 'public'::regnamespace;
update pg_class set reloptions = coalesce(reloptions, '{{}}') || '{{pg_relver=9}}'::text[]
 where oid in (select reltoastrelid from pg_class where relnamespace = 'public'::regnamespace);
"""
"""As the superuser may write it, and no statement could."""
STRANGE_ONES = (
    "pg_attver (column: ",
    "odd (view column: ",
    "pg_relver (index: ",
    "pg_relver (table: ",
    "pg_relver (view: ",
    "toast.pg_relver (table: ",
)


def execute(database: Database, statements: str) -> None:
    async def run() -> None:
        async with connect(database.superuser) as superuser:
            await superuser.execute(statements)

    asyncio.run(run())


def changed(database: Database) -> list[str] | None:
    async def ask() -> list[str] | None:
        engine = create_engine(database.url("qlpanel_test"), pooler="none")
        try:
            async with engine.connect() as connection:
                return await connection.run_sync(drift.changed, migrate.head())
        finally:
            await engine.dispose()

    return asyncio.run(ask())


def test_options_of_the_server_s_own_are_no_difference(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    execute(database, STRANGE)
    with caplog.at_level(logging.WARNING, "alembic.qlmodels"):
        migrate.check(database.owner)
    told = [line for line in caplog.messages if "pg_attver" in line]
    assert len(told) == 1
    for option in STRANGE_ONES:
        assert option in told[0]
    assert changed(database) == []


def test_documented_options_are_compared_beside_them(database: Database) -> None:
    execute(
        database,
        STRANGE + "update pg_class set reloptions = array_remove(reloptions, 'fastupdate=off')"
        " where relname = 'ix_q_values_state_data';"
        "update pg_class set reloptions = '{security_invoker=false,odd=1}'"
        " where relname = 'agent_performance_summary';"
        "update pg_attribute set attoptions = '{odd=1,n_distinct=5}'"
        " where attrelid = 'rewards'::regclass and attname = 'step';",
    )
    assert sorted(changed(database) or ()) == [
        "column rewards.step: options is n_distinct=5 now, not set after upgrade",
        "index ix_q_values_state_data: storage is not set now, fastupdate=off after upgrade",
        "view agent_performance_summary: options is security_invoker=false now,"
        " security_invoker=true after upgrade",
    ]


def models(*, fillfactor: int, value: type[String] | type[Integer] = String) -> MetaData:
    metadata = MetaData()
    table = Table(
        "tools",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("value", value),
    )
    Index("ix_value", table.c.value, postgresql_with={"fillfactor": fillfactor})
    declare(
        metadata,
        View(
            "values_of_tools",
            "create view values_of_tools with (security_invoker = true) as"
            " select id, value from tools",
        ),
    )
    return metadata


def test_a_revision_is_written_and_proved_beside_them(
    project: Project, empty_database: Database
) -> None:
    """What is rebuilt in scratch, altered and made again leaves them out."""
    project.migrate(models(fillfactor=80))
    execute(empty_database, OF_COLUMNS)
    assert project.differences(models(fillfactor=80)) == []
    project.migrate(models(fillfactor=70))
    text = project.migrate(models(fillfactor=70, value=Integer))
    assert "security_invoker=true" in text
    for strange in ("pg_attver", "pg_relver", "odd"):
        assert strange not in text
    project.downgrade(models(fillfactor=70), "-2")


def test_an_option_that_the_models_set_is_compared(
    project: Project, empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though no documentation that is known here has it, as of an access method to come."""
    known = {kind: names - {"fillfactor"} for kind, names in storage_options.KNOWN.items()}
    monkeypatch.setattr(storage_options, "KNOWN", known)
    text = project.migrate(models(fillfactor=80))
    assert "fillfactor='80'" in text
    execute(
        empty_database,
        "update pg_class set reloptions = '{fillfactor=50,odd=1}' where relname = 'ix_value'",
    )
    assert project.differences(models(fillfactor=80)) == [
        "index ix_value: storage is fillfactor=50 in the database, fillfactor=80 in the models"
    ]

"""A database that was dumped and restored differs in nothing, however expressions print then."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    text,
)

from qlmodels import doctor, migrate
from qlmodels.connection import connect
from qlmodels.ddl import Policy, RowSecurity, Schema, Trigger, View, declare
from qlmodels.ddl.functions import Function
from qlmodels.embedded import all_binaries
from tests.autogenerate.project import Project
from tests.conftest import Database

pytestmark = pytest.mark.newest_first


def models(*parts: Column[int]) -> MetaData:
    """Expressions that Postgres prints otherwise once it read its own print."""
    metadata = MetaData()
    Table(
        "orders",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("status", String(20), nullable=False, server_default="new"),
        Column("kind", String(20)),
        Column("other", Text),
        Column("amount", Numeric(10, 2)),
        Column("day", Date, server_default=text("current_date + interval '1 day'")),
        Column("open", Boolean, Computed("status in ('new', 'held')", persisted=True)),
        *parts,
        CheckConstraint("status in ('new', 'held', 'it''s')", name="status"),
        CheckConstraint("kind not in ('a', 'b') and kind <> 'c'", name="kind"),
        CheckConstraint("status in ('x', kind, other)", name="mixed"),
        CheckConstraint("amount in (1, 2.5) and amount between 0 and 10", name="amount"),
        CheckConstraint("coalesce(kind, other, 'none') like 'n%'", name="coalesced"),
        CheckConstraint("case when kind = 'a' then 1 else 2 end > 1", name="cases"),
        Index("ix_held", "id", postgresql_where=text("status in ('held', 'new')")),
        Index("ix_lower", text("(lower(kind) || '-' || status)")),
    )
    declare(
        metadata,
        Schema("extensions"),
        RowSecurity("orders"),
        Policy("some", "orders", ("public",), using="kind in ('a', 'b') or status <> all ('{x}')"),
        Function(
            "touch",
            "create function public.touch() returns trigger language plpgsql"
            " as 'begin return new; end'",
        ),
        Trigger(
            "touch",
            "orders",
            "before",
            "update",
            "public.touch",
            when="new.status in ('new', 'held') and new.kind is distinct from old.kind",
        ),
        View(
            "held",
            "create view public.held as select id, kind from orders where status in ('held', 'new')"
            " group by id, kind having count(*) filter (where kind in ('a', 'b')) > 0",
        ),
    )
    return metadata


@contextmanager
def restored(database: Database) -> Iterator[Database]:
    """Dump and restore as a superuser, into a database of another name and the same owner."""
    server, name = database.server, f"{database.name}_restored"
    programs = next(it.folder for it in all_binaries() if it.major == server.major)
    url = database.superuser
    at = ["-h", str(url.host), "-p", str(url.port), "-U", str(url.username)]
    environment = {**os.environ, "PGPASSWORD": url.password or ""}

    def run(program: str, *arguments: str, given: str = "") -> str:
        done = subprocess.run(
            [programs / program, *at, *arguments],
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    dump = run("pg_dump", database.name)
    maintain(database, f"create database {name} owner {database.owner.username}")
    try:
        run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", name, given=dump)
        yield Database(server, database.owner.set(database=name))
    finally:
        maintain(database, f"drop database {name} with (force)")


def maintain(database: Database, command: str) -> None:
    async def execute() -> None:
        async with connect(database.superuser.set(database="postgres")) as connection:
            await connection.execute(command)

    asyncio.run(execute())


def test_a_project_is_as_its_models_say(project: Project, empty_database: Database) -> None:
    metadata = models()
    project.migrate(metadata)
    with restored(empty_database) as moved:
        project.url = moved.owner
        assert project.differences(metadata) == []
        wider = models(Column("more", Integer))
        written = project.migrate(wider)
        assert "orders add" in written
        assert "constraint" not in written.lower()
        project.downgrade(wider)


def test_our_schema_is_as_the_models_say(database: Database) -> None:
    with restored(database) as moved:
        migrate.check(moved.owner)
        [lost] = [
            finding
            for finding in asyncio.run(doctor.diagnose(moved.owner))
            if finding.check == "temporary_tables"
        ]
        assert lost.fix == "qlmodels repair"
        migrate.run_repair(moved.owner, migrate.plan_repair(moved.owner))
        migrate.check(moved.owner)
        assert migrate.plan_repair(moved.owner).statements == ()

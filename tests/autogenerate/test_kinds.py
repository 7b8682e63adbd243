"""Kinds of objects beside tables: declared by others, changed by hand, and left to others."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    DateTime,
    Enum,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

from qlmodels.connection import connect
from qlmodels.ddl import Function, Partition, Publication, Role, Schema, declare
from tests.autogenerate.project import Project
from tests.conftest import Database

pytestmark = pytest.mark.one_major

Run = Callable[[str], list[Any]]


def _as(url: Any) -> Run:
    async def fetch(query: str) -> list[Any]:
        async with connect(url) as connection:
            return [row[0] for row in await connection.fetch(query)]

    return lambda query: asyncio.run(fetch(query))


@pytest.fixture
def owner(empty_database: Database) -> Run:
    return _as(empty_database.owner)


@pytest.fixture
def superuser(empty_database: Database) -> Run:
    return _as(empty_database.superuser)


def events(*columns: Column[Any], partitions: str | None = None) -> MetaData:
    metadata = MetaData()
    Table(
        "events",
        metadata,
        Column("at", DateTime(timezone=True), primary_key=True),
        *columns,
        postgresql_partition_by="RANGE (at)",
        info={"partitions": partitions} if partitions else {},
    )
    return metadata


def test_partitions_of_another_tool_are_left_alone(project: Project, owner: Run) -> None:
    project.migrate(events(partitions="others"))
    owner(
        "create table events_1 partition of events"
        " for values from ('2026-01-01') to ('2026-02-01') partition by hash (at)"
    )
    owner("create table events_1_0 partition of events_1 for values with (modulus 1, remainder 0)")
    owner("insert into events values ('2026-01-05')")
    assert project.differences(events(partitions="others")) == []
    more = events(Column("k", Text, index=True), partitions="others")
    assert "events_1" not in project.migrate(more)
    assert owner("select count(*) from events_1_0 where k is null") == [1]
    assert "events_1" not in project.migrate(events(partitions="others"), "undeclared=drop")


def test_what_a_superuser_publishes_is_compared(
    project: Project, owner: Run, superuser: Run
) -> None:
    metadata = MetaData()
    Table("t", metadata, Column("id", Integer, primary_key=True), Column("a", Text))
    project.migrate(metadata)
    declare(
        metadata,
        Schema("s"),
        Publication("everything", all_tables=True),
        Publication("part", ("t where (id > 0)",), schemas=("s",)),
    )
    told = project.differences(metadata)
    assert [sentence for sentence in told if "ask a superuser" in sentence] == told[1:]
    project.revise(metadata)
    project.upgrade(metadata)
    assert len(project.differences(metadata)) == 2
    superuser("create publication everything for all tables")
    superuser("create publication part for table t where (id > 0), tables in schema s")
    assert project.differences(metadata) == []
    superuser("alter publication part drop tables in schema s")
    (told_,) = project.differences(metadata)
    assert "schemas is not set in the database, s in the models" in told_


def total(arguments: str, body: str, **said: Any) -> Function:
    sql = f"create function total({arguments}) returns int language sql as $$ select {body} $$"
    return Function("total", sql, **said)


def test_overloads_stay_while_all_are_declared(project: Project, owner: Run) -> None:
    def models(*functions: Function) -> MetaData:
        metadata = MetaData()
        declare(metadata, Role("calls"), *functions)
        return metadata

    one = total("k int", "k", execute=("calls",), comment="50% of 'it'")
    two = total("k int, m int", "k * m", execute=None)
    three = total("k text", "1", execute=("calls", "public"), owner=None)
    project.migrate(models(one, two))
    granted = "select oid::regprocedure || ' ' || coalesce(proacl::text, '')" + (
        " from pg_proc where proname = 'total' order by 1"
    )
    assert [row.partition(" ")[0] for row in owner(granted)] == [
        "total(integer)",
        "total(integer,integer)",
    ]
    assert "calls=X" in owner(granted)[0]
    assert "calls" not in owner(granted)[1]
    project.migrate(models(one, two, three))
    project.migrate(models(three, one))
    assert [row.partition(" ")[0] for row in owner(granted)] == ["total(integer)", "total(text)"]
    wider = total("k bigint, m int default 1", "m", execute=("calls",))
    project.migrate(models(wider, three))
    assert [row.partition(" ")[0] for row in owner(granted)] == [
        "total(bigint,integer)",
        "total(text)",
    ]
    project.downgrade(models(wider, three))
    assert "calls=X" in owner(granted)[0]


def test_an_overload_of_another_login_is_left_alone(
    project: Project, owner: Run, superuser: Run
) -> None:
    metadata = MetaData()
    declare(metadata, total("k int", "k"))
    project.migrate(metadata)
    superuser("create function public.total(k text) returns int language sql as 'select 1'")
    assert not [
        told for told in project.differences(metadata, "undeclared=ignore") if "text" in told
    ]
    changed = MetaData()
    declare(changed, total("k int", "k + 1"))
    assert (
        "total(text)" not in project.revise(changed, "undeclared=ignore").partition("# undecl")[0]
    )


class Label(TypeDecorator[str]):
    impl = Enum
    cache_ok = True


def test_metadata_is_made_as_sqlalchemy_makes_it(project: Project, owner: Run) -> None:
    """Enums within other types, constraints that are NOT VALID, commented, or of one dialect."""

    def models(*labels: str) -> MetaData:
        metadata = MetaData()
        Table("a", metadata, Column("id", Integer, primary_key=True))
        Table(
            "t",
            metadata,
            Column("id", Integer, primary_key=True),
            Column("one", Label(*labels, name="one")),
            Column("two", String(9).with_variant(Enum(*labels, name="two"), "postgresql")),
            Column("three", ARRAY(Label(*labels, name="three"), dimensions=1)),
            Column("four", Enum(*labels, name="four", native_enum=False)),
            Column("a_id", Integer),
            CheckConstraint("id > 0", name="new_rows", postgresql_not_valid=True),
            CheckConstraint("id > 1", name="elsewhere").ddl_if(dialect="sqlite"),
            CheckConstraint("id > -1", name="here", comment="it's 100%").ddl_if(
                dialect="postgresql"
            ),
            ForeignKeyConstraint(
                ["a_id"], ["a.id"], name="to_a", postgresql_not_valid=True, comment="to a"
            ),
            Index("ix_elsewhere", "a_id").ddl_if(dialect="sqlite"),
            Index("ix_here", "a_id").ddl_if(callable_=lambda *_, **__: True),
        )
        return metadata

    project.migrate(models("x", "y"))
    constraints = (
        "select conname || ' ' || convalidated || coalesce(' ' || description, '')"
        " from pg_constraint left join pg_description on objoid = pg_constraint.oid"
        " where conrelid = 't'::regclass and contype in ('c', 'f') order by 1"
    )
    assert owner(constraints) == ["here true it's 100%", "new_rows false", "to_a false to a"]
    assert owner("select relname from pg_class where relname ~ '^ix_'") == ["ix_here"]
    assert owner("select typname from pg_type where typtype = 'e' order by 1") == [
        "one",
        "three",
        "two",
    ]
    project.migrate(models("x", "y", "z"))


BY_HAND = (
    "alter table t add constraint once exclude (a with =)",
    "alter default privileges grant select on tables to public",
    "create rule quiet as on delete to t do instead nothing",
    "alter table child inherit t",
    "create statistics pair on id, a from t",
    "alter table part detach partition part_1",
)
STATE = (
    "select conname::text from pg_constraint where contype = 'x'",
    "select defaclacl::text from pg_default_acl",
    "select rulename::text from pg_rules where rulename = 'quiet'",
    "select stxname::text from pg_statistic_ext",
    "select inhrelid::regclass || ' of ' || inhparent::regclass from pg_inherits order by 1",
    "select indexrelid::regclass || ' ' || indisvalid from pg_index where indrelid::regclass::text"
    " in ('part', 'part_1', 't', 'child') order by 1",
)


def test_what_is_done_by_hand_is_undone(project: Project, owner: Run) -> None:
    metadata = MetaData()
    for name, more in (("t", ()), ("child", (Column("x", Integer),))):
        Table(name, metadata, Column("id", Integer, nullable=False), Column("a", Text), *more)
    part = (Column("id", Integer, primary_key=True), Column("a", Text, index=True))
    Table("part", metadata, *part, postgresql_partition_by="LIST (id)")
    declare(metadata, Partition("part_1", "part", "for values in (1)"))
    project.migrate(metadata)
    wanted = [owner(query) for query in STATE]
    for statement in BY_HAND:
        owner(statement)
    changed = [owner(query) for query in STATE]
    assert all(before != after for before, after in zip(wanted, changed, strict=True))
    told = project.differences(metadata)
    assert len(told) == len(BY_HAND)
    project.migrate(metadata)
    assert [owner(query) for query in STATE] == wanted
    project.downgrade(metadata)
    assert [owner(query) for query in STATE] == changed


def test_what_has_no_create_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="create\\(\\) gives the SQL"):
        declare(MetaData(), "create table t ()")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="cannot be declared"):
        declare(MetaData(), Role)  # type: ignore[arg-type]

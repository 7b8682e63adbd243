"""How much of a schema is made to prove a change."""

from collections.abc import Iterator

import pytest
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    MetaData,
    NullPool,
    Table,
    Text,
    create_engine,
)

from qlmodels.autogenerate.facts import Facts, Key
from qlmodels.autogenerate.reach import Reach
from qlmodels.autogenerate.reader import read
from qlmodels.autogenerate.rows import insert_sample_rows
from qlmodels.ddl import Function, Trigger, View, declare
from tests.autogenerate.project import Project
from tests.conftest import Database

pytestmark = pytest.mark.newest_first

TABLES = """
create table t0 (id int primary key, x int);
create table t1 (id int primary key, x int references t0, y int);
create table t2 (id int primary key, x int references t1);
create table t3 (id int primary key, x int references t2);
create table t4 (id int primary key, x int references t3);
create table journal (said text);
create table t5 (id int primary key);
create table t6 (id int primary key);
create table t7 (id int primary key);
create view seen as select x from t2;
create view seen_again as select x from seen;
create function note() returns trigger language plpgsql as
    'begin insert into journal values (1); return new; end';
create trigger note after insert on t2 for each row execute function note();
"""


@pytest.fixture
def facts(empty_database: Database) -> Iterator[Facts]:
    url = empty_database.owner.set(drivername="postgresql+psycopg")
    with create_engine(url, poolclass=NullPool).connect() as connection:
        connection.exec_driver_sql(TABLES)
        yield read(connection)


def _named(keys: frozenset[Key]) -> set[str]:
    return {key.name.removeprefix("public.") for key in keys}


def test_it_is_what_differs_what_uses_it_and_what_a_trigger_of_it_writes(facts: Facts) -> None:
    reach = Reach.of((facts, facts), [Key("column", "public.t2.x")])
    assert reach is not None
    assert _named(reach.whole) == {"t2", "t3", "seen", "seen_again", "journal", "note()"}
    assert _named(reach.referred) == {"t1"}


def test_of_what_is_referred_to_columns_and_keys_are_made(facts: Facts) -> None:
    reach = Reach.of((facts, facts), [Key("column", "public.t2.x")])
    assert reach is not None
    made = facts.only(reach.within(facts))
    assert Key("column", "public.t1.y") in made
    assert Key("constraint", "t1_pkey on public.t1") in made
    assert Key("constraint", "t1_x_fkey on public.t1") not in made
    assert Key("table", "public.t5") not in made


def test_a_change_of_most_tables_reaches_all(facts: Facts) -> None:
    every = [Key("table", f"public.t{number}") for number in range(8)]
    assert Reach.of((facts, facts), every) is None


def test_a_revision_is_proved_on_what_it_reaches(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[set[str]] = []

    def remember(connection: Connection, facts: Facts, *rest: frozenset[Key]) -> list[str]:
        made.append({fact.name for fact in facts.of_kind("table")})
        return insert_sample_rows(connection, facts, *rest)

    project.migrate(_chain())
    monkeypatch.setattr("qlmodels.autogenerate.prove.insert_sample_rows", remember)
    text = project.migrate(_chain(Column("more", Text)))
    assert "add column more" in text
    assert made == [{f"public.t{number}" for number in (3, 4, 5)} | {"public.journal"}]


def _chain(*more: Column[str | None]) -> MetaData:
    metadata = MetaData()
    Table("journal", metadata, Column("id", Integer, primary_key=True), Column("said", Text))
    for number in range(12):
        before = [ForeignKey(f"t{number - 1}.id")] if number else []
        extra = more if number == 4 else ()
        columns = Column("id", Integer, primary_key=True), Column("x", Integer, *before)
        Table(f"t{number}", metadata, *columns, *extra)
    declare(
        metadata,
        Function(
            "note",
            "create function note() returns trigger language plpgsql as"
            " 'begin insert into journal (said) values (''x''); return new; end'",
        ),
        Trigger("note", "t4", "after", "insert or update", "note"),
        View("far", "create view far as select x from t9"),
    )
    return metadata

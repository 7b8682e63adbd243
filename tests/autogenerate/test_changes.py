"""What changes in models, with rows that are there and must be kept."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from qlmodels.connection import connect
from qlmodels.ddl import Policy, RowSecurity, Schema, View, declare
from tests.autogenerate.project import Project
from tests.conftest import Database

pytestmark = pytest.mark.one_major

JOINED = "select t.id, c.t_id from t join c on c.t_id = t.id"
Ask = Callable[[str], list[Any]]


@pytest.fixture
def ask(empty_database: Database) -> Ask:
    """Run a statement as the owner; return the first column of its rows."""

    async def fetch(query: str) -> list[Any]:
        async with connect(empty_database.owner) as connection:
            return [row[0] for row in await connection.fetch(query)]

    return lambda query: asyncio.run(fetch(query))


def of(*columns: Any, name: str = "t", schema: str | None = None, **options: Any) -> MetaData:
    metadata = MetaData()
    for each in {schema, *options.pop("schemas", ())} - {None}:
        declare(metadata, Schema(each))
    Table(name, metadata, *columns, schema=schema, **options)
    return metadata


def serial() -> Column[Any]:
    return Column("id", Integer, primary_key=True)


def test_a_number_goes_on_where_it_was(project: Project, ask: Ask) -> None:
    """From serial to an identity and back, after rows were deleted."""
    before = of(serial(), Column("n", Text))
    after = of(Column("id", Integer, Identity(), primary_key=True), Column("n", Text))
    project.migrate(before)
    ask("insert into t (n) select 'x' from generate_series(1, 5)")
    ask("delete from t where id > 3")
    project.migrate(after)
    assert ask("insert into t (n) values ('y') returning id") == [6]
    project.downgrade(after)
    assert ask("insert into t (n) values ('z') returning id") == [7]


def test_columns_tables_and_schemas_swap_their_names(project: Project, ask: Ask) -> None:
    def former(name: str | None) -> dict[str, Any]:
        return {"info": {"renamed_from": name}} if name else {}

    def models(a: str | None, b: str | None, t: str | None, u: str | None) -> MetaData:
        metadata = of(
            serial(),
            Column("a", Text, **former(a)),
            Column("b", Text, **former(b)),
            schemas=("s",),
            **former(t),
        )
        Table("u", metadata, serial(), Column("n", Integer), **former(u))
        return metadata

    project.migrate(models(None, None, None, None))
    ask("insert into t (a, b) values ('a', 'b')")
    ask("insert into u (n) values (1)")
    swapped = models("b", "a", None, None)
    assert project.differences(swapped) == [
        "column b is called a, column a is called b in the database"
    ]
    project.migrate(swapped)
    assert ask("select a || b from t") == ["ba"]
    assert project.differences(swapped) == []
    project.downgrade(swapped)
    assert ask("select a || b from t") == ["ab"]
    project.upgrade(swapped)
    assert project.differences(swapped) == []
    assert ask("select a || b from t") == ["ba"]


def test_tables_swap_their_names_and_move_to_another_schema(project: Project, ask: Ask) -> None:
    first = of(serial(), Column("b", Text), schemas=("s",))
    Table("u", first, serial(), Column("a", Text))
    Table("old", first, serial(), Column("c", Text, unique=True), Index("ix_c", "c"))
    project.migrate(first)
    ask("insert into t (b) values ('b')")
    ask("insert into u (a) values ('a'), ('a')")
    ask("insert into old (c) values ('c')")
    second = of(serial(), Column("a", Text), info={"renamed_from": "u"}, schemas=("s",))
    Table("u", second, serial(), Column("b", Text), info={"renamed_from": "t"})
    Table(
        "v",
        second,
        serial(),
        Column("c", Text, unique=True),
        Index("ix_c", "c"),
        schema="s",
        info={"renamed_from": "public.old"},
    )
    written = project.migrate(second)
    assert "alter table public.old set schema s" in written
    for query, row in (
        ("insert into t (a) values ('x') returning id", 3),
        ("insert into u (b) values ('x') returning id", 2),
        ("insert into s.v (c) values ('x') returning id", 2),
    ):
        assert ask(query) == [row]
    project.downgrade(second)
    assert ask("select count(*) from u where a = 'a'") == [2]
    assert ask("insert into old (c) values ('y') returning id") == [3]
    project.upgrade(second)
    assert project.differences(second) == []


def test_a_key_is_widened_under_a_foreign_key(project: Project, ask: Ask) -> None:
    def models(kind: Any) -> MetaData:
        metadata = of(Column("id", kind, primary_key=True), Column("n", Text))
        Table(
            "c",
            metadata,
            Column("id", kind, Identity(), primary_key=True),
            Column("t_id", kind, ForeignKey("t.id", name="c_t")),
        )
        declare(
            metadata,
            RowSecurity("c"),
            Policy("own", "c", ("public",), using="t_id > 0"),
            View("v", "create view public.v as select t.id, c.t_id from t join c on c.t_id = t.id"),
        )
        return metadata

    project.migrate(models(Integer))
    ask("insert into t (n) values ('x')")
    wide = models(BigInteger)
    project.migrate(wide)
    assert ask("insert into t (id, n) values (3000000000, 'y') returning id") == [3000000000]
    ask("delete from t where id = 3000000000")
    project.downgrade(wide)
    assert ask("insert into t (n) values ('z') returning id") == [2]


def test_a_key_has_another_column_under_a_foreign_key(project: Project, ask: Ask) -> None:
    first = of(Column("id", Integer, primary_key=True), Column("tenant", Integer, nullable=False))
    Table("c", first, Column("t_id", Integer), ForeignKeyConstraint(["t_id"], ["t.id"], name="fk"))
    project.migrate(first)
    ask("insert into t values (1, 1)")
    ask("insert into c values (1)")
    second = of(
        Column("id", Integer, primary_key=True, autoincrement=True),
        Column("tenant", Integer, primary_key=True, autoincrement=False),
        UniqueConstraint("id", name="uq"),
    )
    Table("c", second, Column("t_id", Integer), ForeignKeyConstraint(["t_id"], ["t.id"], name="fk"))
    project.migrate(second)
    project.downgrade(second)
    assert ask("select count(*) from c") == [1]


def test_an_enum_has_another_name_and_a_value_that_is_used_at_once(
    project: Project, ask: Ask
) -> None:
    def models(name: str, *labels: str, default: str, nullable: bool = True) -> MetaData:
        kind = Enum(*labels, name=name)
        return of(
            serial(),
            Column("kind", kind, server_default=default),
            Column("kinds", ARRAY(kind), nullable=nullable, server_default=f"{{{default}}}"),
        )

    project.migrate(models("status", "new", "paid", default="new"))
    ask("insert into t (kind) values ('paid')")
    renamed = models("order_status", "new", "held", "paid", default="held", nullable=False)
    written = project.migrate(renamed)
    assert "alter type public.status rename to order_status" in written
    assert ask("insert into t default values returning kind::text") == ["held"]
    ask("delete from t where kind = 'held'")
    project.downgrade(renamed)
    assert ask("select kind::text from t") == ["paid"]

"""Texts that a driver, a format or a quote could take for its own reach Postgres as they are."""

import asyncio
from typing import Any

import pytest
from alembic import command
from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Enum,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from qlmodels.connection import connect
from qlmodels.ddl.functions import Function
from qlmodels.ddl.grants import Grant
from qlmodels.ddl.objects import (
    DDLObject,
    Policy,
    Role,
    RowSecurity,
    View,
    declare,
)
from qlmodels.ddl.quoting import literal
from qlmodels.ddl.triggers import Trigger
from qlmodels.ddl.types import Domain
from tests.autogenerate.project import Project
from tests.conftest import Database

pytestmark = pytest.mark.newest_first

TEXTS = (
    "100%",
    "%%",
    "50%% of %s",
    "%(x)s",
    ":name",
    "a:b",
    "a::b",
    "at :1 or :n,",
    "\\",
    "\\:c",
    "\\\\n",
    "$1",
    "$$",
    "$do1$ $$",
    "{table} {}",
    "it's",
    '"',
    "%I %L",
    "? ?| ?&",
)
TABLES = {f"t{number} 50%": said for number, said in enumerate(TEXTS)}


def models(end: str, *, filled: bool = False) -> MetaData:
    """A table for each text, which stands, with `end`, wherever a text can stand."""
    metadata = MetaData()
    declare(metadata, Role("reads%"))
    declare(metadata, Grant(("connect",), "", to=("reads%",), kind="database"))
    for name, said in TABLES.items():
        _table(metadata, name, said + end, filled)
        declare(metadata, *_declared(name, said + end))
    return metadata


def _table(metadata: MetaData, name: str, said: str, filled: bool) -> None:
    quoted, escaped = literal(said), literal(said).replace(":", "\\:")
    table = Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("plain", Text, server_default=said, comment=said),
        Column("expressed", Text, server_default=text(escaped)),
        Column("50% :x", Integer, nullable=False, server_default=text("10 % 4")),
        Column("made", Text, Computed(text(f"plain || {escaped}"), persisted=True)),
        Column("kind", Enum("a", said, name=f"kind {name}")),
        CheckConstraint(f"plain <> {quoted} || 'x'", name=f"ck_%(plain)s {name}"),
        CheckConstraint('"50% :x" % 2 = 0', name=f"even {name}"),
        comment=said,
    )
    Index(f"ix_% {name}", text("(id % 10)"), text('("50% \\:x" % 3)'))
    Index(
        f"ix_like {name}",
        table.c.id,
        postgresql_where=(table.c.plain == said) | table.c.plain.like("a%"),
    )
    if filled:
        table.append_column(Column("filled", String, default=said, nullable=False))
        table.append_column(Column("filled%", String, server_default=said, nullable=False))


def _declared(name: str, said: str) -> tuple[DDLObject, ...]:
    quoted, function = literal(said), f"said{name}"
    return (
        Domain(f"d {name}", "text", f"value <> {quoted}", comment=said),
        RowSecurity(name),
        Policy("p%", name, to=("reads%",), using=f"plain = {quoted} and id % 2 = 0"),
        Grant(("select",), name, to=("reads%",), columns=("50% :x",)),
        View(
            f"v {name}",
            f'create view "v {name}" as select id % 5 as "5%", {quoted}::text as said'
            " from (values (7)) as numbers (id)",
            comment=said,
        ),
        Function(
            function,
            f'create function public."{function}"() returns trigger language plpgsql as $body$'
            f"begin new.plain = {quoted} || (7 % 4); return new; end $body$",
            comment=said,
        ),
        Trigger(
            "tg%",
            name,
            "before",
            "update",
            f'public."{function}"',
            when=f"new.plain <> {quoted} || 'y'",
            arguments=(said,),
        ),
    )


STORED = """
select array[plain, expressed, made, col_description(oid, 2), obj_description(oid, 'pg_class'),
             obj_description(to_regproc(quote_ident('said{name}'))),
             obj_description(to_regtype(quote_ident('d {name}'))),
             obj_description(to_regclass(quote_ident('v {name}'))),
             (enum_range(null::"kind {name}"))[2]::text, (select said from "v {name}" limit 1)]
  from "{name}", to_regclass(quote_ident('{name}')) as oid
 order by id desc
"""


async def ask(database: Database, query: str) -> Any:
    async with connect(database.superuser) as superuser:
        return await superuser.fetchval(query)


async def stored(database: Database) -> dict[str, list[str]]:
    return {said: await ask(database, STORED.format(name=name)) for name, said in TABLES.items()}


def expected(end: str) -> dict[str, list[str]]:
    told = {said: said + end for said in TEXTS}
    return {said: [it, it, it + it, *[it] * 7] for said, it in told.items()}


async def insert(database: Database, columns: str = "(id) values (default)") -> None:
    for name in TABLES:
        await ask(database, f'insert into "{name}" {columns}')


def test_texts_are_stored_as_they_were_declared(project: Project, empty_database: Database) -> None:
    first, second = models(""), models("!", filled=True)
    project.migrate(first)
    asyncio.run(insert(empty_database))
    assert asyncio.run(stored(empty_database)) == expected("")
    project.migrate(second)
    for name, said in TABLES.items():
        filled = f'select array[filled, "filled%"] from "{name}"'
        assert asyncio.run(ask(empty_database, filled)) == [f"{said}!", f"{said}!"]
    asyncio.run(insert(empty_database, "(filled) values ('')"))
    assert asyncio.run(stored(empty_database)) == expected("!")
    project.downgrade(first)
    asyncio.run(insert(empty_database))
    assert asyncio.run(stored(empty_database)) == expected("")
    project.upgrade(second)
    assert project.differences(second) == []


def test_the_same_texts_in_a_script(project: Project, empty_database: Database) -> None:
    first, second = models(""), models("!", filled=True)
    project.migrate(first)
    project.migrate(second)
    project.downgrade(second, "base")
    config = project.config(second)
    command.upgrade(config, "head", sql=True)
    asyncio.run(execute(empty_database, project.said.getvalue()))
    assert project.differences(second) == []
    asyncio.run(insert(empty_database, "(filled) values ('')"))
    assert asyncio.run(stored(empty_database)) == expected("!")


async def execute(database: Database, script: str) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(script)

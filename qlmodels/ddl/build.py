"""The whole declared schema as SQL, in an order that runs on an empty database."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Index, MetaData, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable, SetColumnComment, SetTableComment
from sqlalchemy.sql.ddl import ExecutableDDLElement

from qlmodels.ddl import objects
from qlmodels.ddl.objects import DDLObject, declared

BEFORE_TABLES = (objects.Role, objects.Membership, objects.Schema, objects.Extension)
AFTER_TABLES = (
    objects.Function,
    objects.View,
    objects.Trigger,
    objects.RowSecurity,
    objects.Policy,
    objects.Revoke,
    objects.Grant,
    objects.DefaultPrivileges,
    objects.Publication,
)


def statements(metadata: MetaData) -> list[str]:
    """Every statement that makes an empty database equal to `metadata` and its declarations."""
    things = declared(metadata)
    return [
        "set local check_function_bodies = off",
        *_create(thing for kind in BEFORE_TABLES for thing in things if type(thing) is kind),
        *_create(filter(_opens_a_schema, things)),
        *_tables(metadata),
        *_create(
            thing
            for kind in AFTER_TABLES
            for thing in things
            if type(thing) is kind and not _opens_a_schema(thing)
        ),
    ]


def _opens_a_schema(thing: DDLObject) -> bool:
    """A function's owner must be able to create in its schema before the function is there."""
    return isinstance(thing, objects.Grant) and thing.kind == "schema"


def _create(things: Iterable[DDLObject]) -> Iterator[str]:
    for thing in things:
        yield from thing.create()


def _tables(metadata: MetaData) -> Iterator[str]:
    for table in metadata.sorted_tables:
        yield _compile(CreateTable(table))
        yield from (_compile(CreateIndex(index)) for index in _indexes(table))
        if table.comment is not None:
            yield _compile(SetTableComment(table))
        for column in table.columns:
            if column.comment is not None:
                yield _compile(SetColumnComment(column))


def _indexes(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _compile(element: ExecutableDDLElement) -> str:
    return str(element.compile(dialect=postgresql.dialect())).strip()  # type: ignore[no-untyped-call]

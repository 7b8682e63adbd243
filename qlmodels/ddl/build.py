"""The whole declared schema as SQL, in an order that runs on an empty database."""

from collections.abc import Iterator

from sqlalchemy import Index, MetaData, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable, SetColumnComment, SetTableComment
from sqlalchemy.sql.ddl import ExecutableDDLElement

from qlmodels.ddl import objects
from qlmodels.ddl.objects import declared

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
    return [
        "set local check_function_bodies = off",
        *_objects(metadata, BEFORE_TABLES),
        *_tables(metadata),
        *_objects(metadata, AFTER_TABLES),
    ]


def _objects(metadata: MetaData, kinds: tuple[type, ...]) -> Iterator[str]:
    for kind in kinds:
        for thing in declared(metadata):
            if type(thing) is kind:
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

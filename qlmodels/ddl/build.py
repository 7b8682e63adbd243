"""The whole declared schema as SQL, in an order that runs on an empty database."""

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import ARRAY, Enum, Index, MetaData, Sequence, Table
from sqlalchemy.dialects.postgresql import DOMAIN, ENUM, CreateDomainType, CreateEnumType
from sqlalchemy.schema import (
    CreateIndex,
    CreateSequence,
    CreateTable,
    SetColumnComment,
    SetTableComment,
)
from sqlalchemy.sql.ddl import ExecutableDDLElement

from qlmodels.ddl import grants, objects
from qlmodels.ddl.dialect import DIALECT, compiled
from qlmodels.ddl.objects import DDLObject, declared

BEFORE_TABLES = (
    objects.Role,
    objects.Membership,
    objects.Schema,
    objects.Extension,
    objects.Domain,
)
AFTER_TABLES = (
    objects.Function,
    objects.View,
    objects.Trigger,
    objects.RowSecurity,
    objects.Policy,
    grants.Revoke,
    grants.Grant,
    grants.DefaultPrivileges,
    objects.Publication,
)


def statements(metadata: MetaData) -> list[str]:
    """Every statement that makes an empty database equal to `metadata` and its declarations."""
    things = declared(metadata)
    tables = list(_tables(metadata))
    called = [thing for thing in things if _is_called(thing, tables)]
    return [
        "set local check_function_bodies = off",
        *_create(thing for kind in BEFORE_TABLES for thing in things if type(thing) is kind),
        *_create(filter(_opens_a_schema, things)),
        *_types(metadata),
        *_sequences(metadata),
        *_create(called),
        *tables,
        *_create(
            thing
            for kind in AFTER_TABLES
            for thing in things
            if type(thing) is kind and not _opens_a_schema(thing) and thing not in called
        ),
    ]


def _opens_a_schema(thing: DDLObject) -> bool:
    """A function's owner must be able to create in its schema before the function is there."""
    return isinstance(thing, grants.Grant) and thing.kind == "schema"


def _is_called(thing: DDLObject, tables: list[str]) -> bool:
    """A default, check or index that calls a function needs it before the table is there."""
    if not isinstance(thing, objects.Function):
        return False
    call = re.compile(rf"\b{re.escape(thing.schema)}\.{re.escape(thing.name)}\(")
    return any(call.search(statement) for statement in tables)


def _create(things: Iterable[DDLObject]) -> Iterator[str]:
    for thing in things:
        yield from thing.create()


def _types(metadata: MetaData) -> Iterator[str]:
    """Enums and domains, each once, in the order of their first use."""
    seen: dict[tuple[str | None, str | None], ExecutableDDLElement] = {}
    for table in metadata.sorted_tables:
        for column in table.columns:
            kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
            if isinstance(kind, Enum) and kind.native_enum:
                kind = kind.dialect_impl(DIALECT)
            match kind:
                case ENUM():
                    seen.setdefault((kind.schema, kind.name), CreateEnumType(kind))
                case DOMAIN():
                    seen.setdefault((kind.schema, kind.name), CreateDomainType(kind))
    yield from map(compiled, seen.values())


def _sequences(metadata: MetaData) -> Iterator[str]:
    named: dict[str, Sequence] = metadata._sequences
    for sequence in named.values():
        yield compiled(CreateSequence(sequence))


def _tables(metadata: MetaData) -> Iterator[str]:
    for table in metadata.sorted_tables:
        yield compiled(CreateTable(table))
        yield from (compiled(CreateIndex(index)) for index in _indexes(table))
        if table.comment is not None:
            yield compiled(SetTableComment(table))
        for column in table.columns:
            if column.comment is not None:
                yield compiled(SetColumnComment(column))


def _indexes(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))

"""Tables of a MetaData and the types of their columns as SQL."""

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import ARRAY, Constraint, Enum, Index, MetaData, Table, TypeDecorator
from sqlalchemy.dialects.postgresql import DOMAIN, ENUM, CreateDomainType, CreateEnumType
from sqlalchemy.schema import (
    AddConstraint,
    CreateIndex,
    CreateTable,
    ForeignKeyConstraint,
    SetColumnComment,
    SetConstraintComment,
    SetTableComment,
    sort_tables_and_constraints,
)
from sqlalchemy.sql.ddl import CreateView, ExecutableDDLElement
from sqlalchemy.types import TypeEngine

from qlmodels.ddl.dialect import DDL_COMPILER, DIALECT, compiled, is_unvalidated
from qlmodels.ddl.quoting import qualified

IS_VIEW_KEY = "is_view"


def table_statements(metadata: MetaData, views: Collection[str]) -> Iterator[str]:
    """What makes the tables; those that a class maps and that are `views` are made elsewhere."""
    tables = [
        table
        for _, table in sorted(metadata.tables.items())
        if not table.info.get(IS_VIEW_KEY)
        and qualified(table.schema or "public", table.name) not in views
    ]
    later: list[Constraint] = []
    for table, keys in sort_tables_and_constraints(tables):  # type: ignore[no-untyped-call]
        if table is None:  # of tables that refer to each other
            later += keys
        elif isinstance(table._creator_ddl, CreateView):
            yield compiled(table._creator_ddl)
        else:
            later += filter(is_unvalidated, table.constraints)
            yield from _table(table, keys)
    for constraint in sorted(dict.fromkeys(later), key=_place):
        if constraint._should_create_for_compiler(DDL_COMPILER):
            yield compiled(AddConstraint(constraint, isolate_from_table=False))
    for table in tables:
        for constraint in sorted(table.constraints, key=_place):
            if constraint.comment is not None:
                yield compiled(SetConstraintComment(constraint))


def _table(table: Table, keys: Iterable[ForeignKeyConstraint]) -> Iterator[str]:
    inline = [key for key in keys if not is_unvalidated(key)]
    yield compiled(CreateTable(table, include_foreign_key_constraints=inline))
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        if _is_wanted(index):
            yield compiled(CreateIndex(index))
    if table.comment is not None:
        yield compiled(SetTableComment(table))
    for column in table.columns:
        if column.comment is not None:
            yield compiled(SetColumnComment(column))


def _is_wanted(index: Index) -> bool:
    """Return what `ddl_if` of an index says."""
    rule, statement = index._ddl_if, CreateIndex(index)
    return rule is None or rule._should_execute(
        statement, index, None, DDL_COMPILER, checkfirst=False
    )


def _place(constraint: Constraint) -> tuple[str, str]:
    return constraint.table.fullname, str(constraint.name)


def type_statements(metadata: MetaData) -> Iterator[str]:
    """Enums and domains, each once, in the order of their first use."""
    seen: dict[tuple[str | None, str | None], ExecutableDDLElement] = {}
    for table in metadata.tables.values():
        for column in table.columns:
            for kind in _named(column.type):
                make = CreateDomainType if isinstance(kind, DOMAIN) else CreateEnumType
                seen.setdefault((kind.schema, kind.name), make(kind))
    yield from map(compiled, seen.values())


def _named(type_: TypeEngine[object]) -> Iterator[ENUM | DOMAIN]:
    """Types with a name that a column's type is, has items of or hides, for Postgres."""
    type_ = type_._variant_mapping.get(DIALECT.name, type_)
    match type_:
        case TypeDecorator():
            yield from _named(type_.load_dialect_impl(DIALECT))
        case ARRAY():
            yield from _named(type_.item_type)
        case DOMAIN():
            yield from _named(type_.data_type)
            yield type_
        case Enum():
            kind = type_.dialect_impl(DIALECT)
            if isinstance(kind, ENUM):
                yield kind

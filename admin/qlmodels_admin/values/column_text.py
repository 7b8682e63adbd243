"""Values of columns as Postgres writes them, for the types of which Python has no exact value."""

from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Text,
    TypeDecorator,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType

from qlmodels.ddl.dialect import DIALECT
from qlmodels_admin.values.column_types import database_type, family_of, is_ordered

_VALUE: Final[ColumnElement[str]] = literal_column("'value'")


class ColumnText(str):
    """A value as psql shows it, which in statements is a value of its column."""

    __slots__ = ("column",)

    column: Column[Any]

    def __new__(cls, text: str, column: Column[Any]) -> "ColumnText":
        value = super().__new__(cls, text)
        value.column = column
        return value

    def __clause_element__(self) -> ColumnElement[Any]:
        """What SQLAlchemy takes in the place of this value."""
        return read_by_postgres(str(self), self.column)

    def __reduce__(self) -> tuple[Any, ...]:
        return ColumnText, (str(self), self.column)


class _WrittenByPostgres(TypeDecorator[str]):
    """Text out of a column, which keeps the column."""

    impl = Text
    cache_ok = True

    def __init__(self, column: Column[Any]) -> None:
        super().__init__()
        self.column = column

    def process_result_value(self, value: Any, dialect: Any) -> ColumnText | None:  # noqa: ARG002
        return None if value is None else ColumnText(value, self.column)


def read_by_postgres(text: str, of: Column[Any]) -> ColumnElement[Any]:
    """Return `text` as a value of the column's type, read by the type's own input function.

    A cast would cut what is too long for varchar(n) or bit(n) without a word.
    """
    given = literal(str(text), Text())  # of a ColumnText, which stands for this expression
    if family_of(of).field == "json":
        return cast(given, of.type)
    if isinstance(of.type, NullType):  # a type that its model does not know
        table = DIALECT.identifier_preparer.format_table(of.table)
        document = func.json_build_object(literal(of.name, Text()), given)
        record = func.json_populate_record(literal_column(f"null::{table}"), document)
        read = record.table_valued(column(of.name, of.type)).render_derived()
        return select(read.c[of.name]).scalar_subquery()
    record = func.json_to_record(func.json_build_object(_VALUE, given))
    read = record.table_valued(column("value", of.type))
    typed = read.render_derived(name="given", with_types=True)
    return type_coerce(select(typed.c.value).scalar_subquery(), database_type(of.type))


def as_read(value: ColumnElement[Any], of: Column[Any]) -> ColumnElement[Any]:
    """Return how `value`, of the column or of its type, is selected."""
    family = family_of(of)
    if family.by_text or (family.field == "json" and of.primary_key):  # a key is text in a URL
        return type_coerce(cast(value, Text), _WrittenByPostgres(of))
    return in_postgres(value, of)


def in_postgres(value: ColumnElement[Any], of: Column[Any]) -> ColumnElement[Any]:
    """Return `value` as Postgres has it, without what a TypeDecorator makes of it."""
    inner = database_type(of.type)
    return value if inner is of.type else type_coerce(value, inner)


def comparable(value: ColumnElement[Any], of: Column[Any]) -> ColumnElement[Any]:
    """Return what `value` is sorted and compared by: itself, or its text."""
    return in_postgres(value, of) if is_ordered(of) else cast(value, Text)


def typed_value(value: Any, of: Column[Any]) -> ColumnElement[Any]:
    """Return a value for a statement; Postgres reads a text whose type Python does not have."""
    family = family_of(of)
    if isinstance(value, str) and (family.by_text or not family.is_words):
        return read_by_postgres(value, of)
    return literal(value, database_type(of.type))

"""Values in statements: what a column is given, and which rows hold a value."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Text, and_, cast, func, null, or_, tuple_

from qlmodels_admin.values.column_text import (
    ColumnText,
    comparable,
    in_postgres,
    read_by_postgres,
    typed_value,
)
from qlmodels_admin.values.column_types import family_of, is_ordered
from qlmodels_admin.values.exact_json import dump_json
from qlmodels_admin.values.row_keys import HashedPart


def stored(column: Column[Any], value: Any) -> ColumnElement[Any]:
    """The value as a statement takes it: None is NULL in every column, and in every array."""
    if value is None:
        return null()
    if isinstance(value, ColumnElement):
        return value
    family = family_of(column)
    if family.field == "json" and not (family.by_text or isinstance(value, ColumnText)):
        return read_by_postgres(dump_json(value), column)
    return typed_value(value, column)


def has_value(column: Column[Any], value: Any) -> ColumnElement[bool]:
    """Return the condition that a column holds a value, which may be one that is hashed."""
    if isinstance(value, HashedPart):
        digest = func.sha256(func.convert_to(cast(column, Text), "UTF8"))
        return func.encode(digest, "hex") == str(value)
    wanted = typed_value(value, column)
    return comparable(column, column) == (wanted if is_ordered(column) else cast(wanted, Text))


def have_keys(columns: Sequence[Column[Any]], keys: Sequence[Sequence[Any]]) -> ColumnElement[bool]:
    """Return the condition that the columns of a key hold one of these keys."""
    if len(keys) == 1 or any(
        isinstance(value, ColumnText | HashedPart) for key in keys for value in key
    ):
        return or_(*(and_(*map(has_value, columns, key)) for key in keys))
    parts = tuple_(*(in_postgres(column, column) for column in columns))
    return parts.in_([tuple(key) for key in keys])

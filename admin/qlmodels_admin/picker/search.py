"""Rows whose key begins as was typed, by its index; or whose label does, within a limit of time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    Select,
    SmallInteger,
    String,
    Uuid,
    func,
    select,
    union_all,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from qlmodels.connection import read_transaction
from qlmodels.ddl.dialect import DIALECT
from qlmodels_admin.db import QUERY_CANCELED, sqlstate, statements_of
from qlmodels_admin.mapping import Reference, full_name, label_column
from qlmodels_admin.rows import escape_like
from qlmodels_admin.tables import TableView, Viewer, panel_of, view_of_table
from qlmodels_admin.values import InvalidRowKey, encode_key, key_value, unstorable

query = statements_of(__package__)

MAX_OPTIONS: Final = 8
MAX_ROWS_READ: Final = 200
"""Rows from where a text would stand: collations put few others among those that begin so."""

LABEL_TIMEOUT: Final = "900ms"
"""For labels that no index keeps in order."""


@dataclass(frozen=True, slots=True)
class Term:
    """What was typed, and what the form has in the other columns of the reference."""

    text: str
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    key: str
    label: str | None


@dataclass(frozen=True, slots=True)
class ReferredRows:
    """The rows to choose from: the column that is stored, and what they are called."""

    rows: Select[Any]
    key: Column[Any]
    label: Column[Any] | None

    def reading(self, *conditions: ColumnElement[bool]) -> Select[Any]:
        label = self.key if self.label is None else self.label
        columns: list[ColumnElement[Any]] = [self.key.label("key"), label.label("label")]
        return self.rows.with_only_columns(*columns).where(*conditions)


async def find_options(
    view: TableView, reference: Reference, user: Viewer, term: Term
) -> tuple[list[Option], str]:
    """Return rows for a field, and what would help to find more."""
    if unstorable(term.text):
        return [], ""
    try:
        target = _target(view, reference, user, term)
    except InvalidRowKey as error:
        return [], f"{error}."
    hint = ""
    try:
        async with read_transaction(view.engine, statement_timeout=LABEL_TIMEOUT) as connection:
            found = await _by_key(connection, target, term.text)
            how = await _label_index(connection, target, reference)
            if how is not None and len(found) < MAX_OPTIONS and term.text:
                found += await _in_order(connection, target, how, term.text)
    except DBAPIError as error:
        if sqlstate(error) != QUERY_CANCELED:
            raise
        missing = [name for name in reference.local[:-1] if name not in term.given]
        return [], f"Fill in {' and '.join(missing)} first." if missing else "This took too long."
    if target.label is not None and how is None and not found and term.text:
        more, hint = await _by_reading(view, target, term.text)
        found += more
    options = {encode_key([row.key]): row for row in found}
    return [
        Option(key, None if target.label is None or row.label is None else str(row.label))
        for key, row in [*options.items()][:MAX_OPTIONS]
    ], hint


def _target(view: TableView, reference: Reference, user: Viewer, term: Term) -> ReferredRows:
    """Return the rows that the reference may name. Raises InvalidRowKey."""
    *others, key = reference.remote
    shown = view_of_table(panel_of(view), reference.target)
    rows = shown.visible_rows(user) if isinstance(shown, TableView) else select(key)
    for name, column in zip(reference.local[:-1], others, strict=True):
        if name in term.given:
            rows = rows.where(column == key_value(column, term.given[name]))
    label = label_column(reference.target)
    return ReferredRows(rows.order_by(None), key, None if label is key else label)


async def _by_key(connection: AsyncConnection, target: ReferredRows, text: str) -> list[Any]:
    key = target.key
    if not text:
        statement = target.reading().order_by(key).limit(MAX_OPTIONS)
        return [*await connection.execute(statement)]
    if isinstance(key.type, String):
        return await _in_order(connection, target, _Ordered(key, text), text)
    ranges = [*_ranges(key, text)]
    if not ranges:
        return []
    parts = [
        target.reading(key >= low, key <= high).order_by(key).limit(MAX_OPTIONS).subquery()
        for low, high in ranges
    ]
    found = union_all(*(select(part) for part in parts)).limit(MAX_OPTIONS)
    return [*await connection.execute(found)]


def _ranges(key: Column[Any], text: str) -> Iterator[tuple[Any, Any]]:
    """Yield from where to where keys begin with `text`: 7 to 7, 70 to 79, and so on."""
    letters = text.replace("-", "").lower()
    match key.type:
        case Uuid() if len(letters) <= 32 and all(part in "0123456789abcdef" for part in letters):
            yield UUID(letters.ljust(32, "0")), UUID(letters.ljust(32, "f"))
        case Integer() as kind if text.isascii() and text.isdigit() and len(text) < 20:
            bits = (
                63 if isinstance(kind, BigInteger) else 15 if isinstance(kind, SmallInteger) else 31
            )
            low, high = int(text), int(text)
            while low < 2**bits:
                yield low, min(high, 2**bits - 1)
                if low == 0:
                    return
                low, high = 10 * low, 10 * high + 9
        case Uuid() | Integer():
            return
        case _:
            try:
                value = key_value(key, text)
            except InvalidRowKey:
                return
            yield value, value


# -- labels ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ordered:
    """What an index keeps in order, and where in it the term stands."""

    expression: ColumnElement[Any]
    begins: str | None = None
    is_lower: bool = False


async def _label_index(
    connection: AsyncConnection, target: ReferredRows, reference: Reference
) -> _Ordered | None:
    """Return how an index has the labels in order; None where none has."""
    if target.label is None:
        return None
    quoted = DIALECT.identifier_preparer.quote
    table = reference.target
    values = {"schema": table.schema or "public", "name": table.name}
    bound = {quoted(column.name) for column in reference.remote[:-1]}
    label = quoted(target.label.name)
    indexes: Sequence[Any] = (await connection.execute(query("label_indexes"), values)).all()
    leading = {next((part for part in row.parts if part not in bound), "") for row in indexes}
    if f"lower({label})" in leading:
        return _Ordered(func.lower(target.label), is_lower=True)
    return _Ordered(target.label) if label in leading else None


async def _in_order(
    connection: AsyncConnection, target: ReferredRows, how: _Ordered, text: str
) -> list[Any]:
    """Read on from where the term stands in the index."""
    begins = text.lower() if how.is_lower else text
    statement = target.reading(how.expression >= begins).order_by(how.expression)
    rows = await connection.execute(statement.limit(MAX_ROWS_READ))
    attribute = "key" if how.begins is not None else "label"
    folded = text.casefold()
    return [row for row in rows if str(getattr(row, attribute)).casefold().startswith(folded)]


async def _by_reading(view: TableView, target: ReferredRows, text: str) -> tuple[list[Any], str]:
    """Read all labels, for as long as that may take."""
    assert target.label is not None  # noqa: S101  # its caller looked
    statement = target.reading(target.label.ilike(f"{escape_like(text)}%")).limit(MAX_OPTIONS)
    try:
        async with read_transaction(view.engine, statement_timeout=LABEL_TIMEOUT) as connection:
            return [*await connection.execute(statement)], ""
    except DBAPIError as error:
        if sqlstate(error) != QUERY_CANCELED:
            raise
    table, label = target.label.table, DIALECT.identifier_preparer.quote(target.label.name)
    name = full_name(table)
    return [], (
        f"{target.label.name} was not searched: no index has it in order. "
        f"create index on {name} (lower({label}));"
    )

"""Pages of a list by key: as fast at the last row as at the first, and stable under inserts."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    exists,
    literal,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute, Mapper

from qlmodels_admin.mapping import key_names
from qlmodels_admin.values import (
    MAX_PART_CHARS,
    comparable,
    decode_key,
    encode_key,
    family_of,
    has_value,
    is_ordered,
    key_value,
    part_text,
    typed_value,
)

Attribute = InstrumentedAttribute[Any]


LONG: Final = True
"""In a cursor, where a value is too long for it."""


class InvalidCursor(ValueError):
    """The page's place in the list cannot be read: start again from the first page."""


@dataclass(frozen=True, slots=True)
class Order:
    """`lead`, then `sort`, then `key`, all in one direction; only `sort` may be null.

    Ascending, nulls come last, descending first, which is what a btree gives both ways.
    """

    lead: tuple[Attribute, ...]
    sort: Attribute
    key: tuple[Attribute, ...]
    descending: bool = False

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        return (*self.lead, self.sort, *self.key)

    def clauses(self, backward: bool) -> list[ColumnElement[Any]]:
        falling = self.descending != backward
        parts = [_compared(attribute) for attribute in self.attributes]
        return [part.desc() if falling else part.asc() for part in parts]

    def segments(self, place: Sequence[Any], backward: bool) -> list[ColumnElement[bool]]:
        """What lies beyond `place`, as conditions to be read one after the other.

        One condition with OR in it would keep Postgres from entering the index at the place, and
        one that compares the lead with all the rest makes it expect nothing beyond the last lead.
        """
        falling = self.descending != backward
        leads, value = place[: len(self.lead)], place[len(self.lead)]
        rest = place[len(self.lead) + 1 :]
        here = [
            _compared(attribute) == _bound(attribute, lead)
            for attribute, lead in zip(self.lead, leads, strict=True)
        ]
        pair, null = (self.sort, *self.key), self.sort.is_(None)
        if not _nullable(self.sort):
            conditions = [and_(*here, _beyond(pair, (value, *rest), falling))]
        elif value is None:
            conditions = [and_(*here, null, _beyond(self.key, rest, falling))]
            conditions += [and_(*here, self.sort.is_not(None))] if falling else []
        else:
            conditions = [and_(*here, _beyond(pair, (value, *rest), falling))]
            conditions += [] if falling else [and_(*here, null)]
        return [*conditions, *([_beyond(self.lead, leads, falling)] if self.lead else [])]


def _beyond(
    attributes: Sequence[Attribute], values: Sequence[Any], falling: bool
) -> ColumnElement[bool]:
    row = tuple_(*map(_compared, attributes))
    place = tuple_(
        *(_bound(attribute, value) for attribute, value in zip(attributes, values, strict=True))
    )
    return row < place if falling else row > place


def _compared(attribute: Attribute) -> ColumnElement[Any]:
    expression: Any = attribute
    return comparable(expression, _column(attribute))


def _bound(attribute: Attribute, value: Any) -> ColumnElement[Any]:
    """A value of the page's place, or what the row at that place holds."""
    column = _column(attribute)
    if isinstance(value, OfRow):
        query = select(_compared(attribute)).select_from(value.mapper).where(value.condition)
        return query.scalar_subquery()
    return typed_value(value, column) if is_ordered(column) else literal(value, Text())


def _nullable(attribute: Attribute) -> bool:
    return bool(getattr(_column(attribute), "nullable", True))


def _column(attribute: Attribute) -> Any:
    """Return the column of an attribute, or the expression that takes its place."""
    return getattr(attribute, "expression", attribute)


@dataclass(frozen=True, slots=True)
class OfRow:
    """A value too long for a URL: it is what the row that meets the `condition` holds."""

    mapper: Mapper[Any]
    condition: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after or before a row, or at either end."""

    values: tuple[Any, ...] | None = None
    backward: bool = False


def write_cursor(order: Order, row: Any) -> str:
    """Return the place of a row in a list, as a parameter of a URL.

    Values that are too long for one are named by the key of their row.
    """
    texts = [_portable(attribute, row) for attribute in order.attributes]
    parts: list[Any] = [LONG if _is_long(text) else text for text in texts]
    if LONG in parts:
        names = key_names(_mapper(order))
        parts.append(encode_key([row[name] for name in names]))
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")


def read_cursor(order: Order, text: str) -> tuple[Any, ...]:
    """Return the values of a cursor. Raises InvalidCursor."""
    count = len(order.attributes)
    try:
        padded = text + "=" * (-len(text) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded.encode()))
        if not isinstance(values, list) or not count <= len(values) <= count + 1:
            raise ValueError(text)
        of_row = _of_row(order, values[count]) if len(values) > count else None
        return tuple(
            _restored(attribute, value, of_row)
            for attribute, value in zip(order.attributes, values[:count], strict=True)
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidCursor(InvalidCursor.__doc__) from error


def _of_row(order: Order, key: str) -> OfRow:
    mapper = _mapper(order)
    columns: Any = mapper.primary_key
    values = decode_key(key, columns)
    return OfRow(mapper, and_(*map(has_value, columns, values)))


def _mapper(order: Order) -> Mapper[Any]:
    """Return how the model is mapped; what it is sorted by may be an expression of no model."""
    mapped = [part for part in order.attributes if isinstance(part, InstrumentedAttribute)]
    parent: Any = mapped[-1].parent
    return parent  # type: ignore[no-any-return]


def _is_long(text: str | None) -> bool:
    return text is not None and len(text) > MAX_PART_CHARS


def _portable(attribute: Attribute, row: Any) -> str | None:
    name = cursor_name(attribute)
    value = row[name] if name in row else row[attribute.key]
    return None if value is None else part_text(value)


def _restored(attribute: Attribute, value: Any, of_row: OfRow | None) -> Any:
    column = _column(attribute)
    if value is None:
        if not _nullable(attribute):
            raise ValueError(attribute.key)
        return None
    if value is LONG:
        if of_row is None:
            raise ValueError(attribute.key)
        return of_row
    if not isinstance(value, str):
        raise ValueError(value)
    return value if _sorts_by_text(column) else key_value(column, value)


def _sorts_by_text(column: Column[Any]) -> bool:
    """Return whether its value in a row is not what a cursor holds, but its text is."""
    return family_of(column).field == "json" or not is_ordered(column)


def cursor_name(attribute: Attribute) -> str:
    """Return the name of the column that holds an attribute's text for the cursor."""
    return f"cursor {attribute.key}"


@dataclass(frozen=True, slots=True)
class ListPage:
    """Rows of a list, and the cursors of its neighbours where there are any."""

    rows: list[Any]
    before: str | None
    after: str | None


async def read_page(
    connection: AsyncConnection, query: Select[Any], order: Order, place: Place, size: int
) -> ListPage:
    """The page of `query` at `place`; `query` selects every attribute of `order`."""
    rows: list[Any] = []
    texts = [
        cast(attribute, Text).label(cursor_name(attribute))
        for attribute in order.attributes
        if _sorts_by_text(_column(attribute))
    ]
    query = query.add_columns(*texts)
    ordered = query.order_by(*order.clauses(place.backward))
    for condition in {part.condition for part in place.values or () if isinstance(part, OfRow)}:
        if await connection.scalar(select(~exists().where(condition))):
            raise InvalidCursor(InvalidCursor.__doc__)
    segments: list[ColumnElement[bool] | None] = [None]
    if place.values is not None:
        segments = list(order.segments(place.values, place.backward))
    for segment in segments:
        part = ordered if segment is None else ordered.where(segment)
        result = await connection.execute(part.limit(size + 1 - len(rows)))
        rows += result.mappings().all()
        if len(rows) > size:
            break
    more, rows = len(rows) > size, rows[:size]
    if place.backward:
        rows.reverse()
    has_before = more if place.backward else place.values is not None
    has_after = place.values is not None if place.backward else more
    return ListPage(
        rows,
        before=write_cursor(order, rows[0]) if rows and has_before else None,
        after=write_cursor(order, rows[-1]) if rows and has_after else None,
    )

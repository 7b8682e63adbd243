"""Pages of a list by key: as fast at the last row as at the first, and stable under inserts."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, literal, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from qlmodels_admin.values import key_value

Attribute = InstrumentedAttribute[Any]


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
        return [attribute.desc() if falling else attribute.asc() for attribute in self.attributes]

    def segments(self, place: Sequence[Any], backward: bool) -> list[ColumnElement[bool]]:
        """What lies beyond `place`, as conditions to be read one after the other.

        One condition with OR in it would keep Postgres from entering the index at the place, and
        one that compares the lead with all the rest makes it expect nothing beyond the last lead.
        """
        falling = self.descending != backward
        leads, value = place[: len(self.lead)], place[len(self.lead)]
        rest = place[len(self.lead) + 1 :]
        here = [attribute == lead for attribute, lead in zip(self.lead, leads, strict=True)]
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
    row = tuple_(*attributes)
    place = tuple_(
        *(_bound(attribute, value) for attribute, value in zip(attributes, values, strict=True))
    )
    return row < place if falling else row > place


def _bound(attribute: Attribute, value: Any) -> ColumnElement[Any]:
    return literal(value, _column(attribute).type)


def _nullable(attribute: Attribute) -> bool:
    return bool(getattr(_column(attribute), "nullable", True))


def _column(attribute: Attribute) -> Any:
    """Return the column of an attribute, or the expression that takes its place."""
    return getattr(attribute, "expression", attribute)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after or before a row, or at either end."""

    values: tuple[Any, ...] | None = None
    backward: bool = False


def write_cursor(order: Order, row: Any) -> str:
    values = [_portable(row[attribute.key]) for attribute in order.attributes]
    text = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(order: Order, text: str) -> tuple[Any, ...]:
    """Return the values of a cursor. Raises InvalidCursor."""
    try:
        padded = text + "=" * (-len(text) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded.encode()))
        if not isinstance(values, list) or len(values) != len(order.attributes):
            raise ValueError(text)
        return tuple(
            _restored(attribute, value)
            for attribute, value in zip(order.attributes, values, strict=True)
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidCursor(InvalidCursor.__doc__) from error


def _portable(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case UUID():
            return str(value)
        case _:
            return value


def _restored(attribute: Attribute, value: Any) -> Any:
    column = _column(attribute)
    if value is None:
        if not _nullable(attribute):
            raise ValueError(attribute.key)
        return None
    kind = column.type.python_type
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind in (float, bool):
        if not isinstance(value, kind | int):
            raise ValueError(value)
        return kind(value)
    return key_value(column, str(value))


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
    ordered = query.order_by(*order.clauses(place.backward))
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

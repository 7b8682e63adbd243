"""What narrows a list. Each filter is one URL parameter, and a chip over the table."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Double,
    Integer,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from qlmodels.tables import AgentSession, metadata
from qlmodels_admin.values import (
    InvalidRowKey,
    Unparsed,
    database_type,
    family_of,
    has_value,
    in_postgres,
    key_value,
    load_json,
    read_by_postgres,
    read_moment,
    unstorable,
    unstorable_reason,
)

NULLNESS = {"null", "not null"}
_sessions = metadata.tables[str(AgentSession.__tablename__)]


class InvalidFilter(ValueError):
    """What was asked for cannot be looked for; the message says why, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """On one column: `parameter` is its name and `title` its label, unless they are given."""

    column: str
    parameter: str = ""
    title: str = ""
    kind: ClassVar[str] = "text"

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameter", self.parameter or self.column)

    def titled(self, label: str) -> "Filter":
        """Return this filter with a title: its own, or the `label` of its column."""
        return self if self.title else replace(self, title=label)

    def takes_empty(self, model: Any) -> bool:
        """Return whether the empty text is a value of the column rather than no filter."""
        family = family_of(getattr(model, self.column).property.columns[0])
        return type(self) is Filter and family.takes_empty

    def condition(self, model: Any, value: str) -> ColumnElement[bool]:
        """Rows that have `value`; `null` and `not null` where the column may be null.

        Raises InvalidFilter.
        """
        attribute = getattr(model, self.column)
        if (reason := unstorable(value)) is not None:
            raise InvalidFilter(f"{self.title}: {reason}")
        if value in NULLNESS and attribute.property.columns[0].nullable:
            null: ColumnElement[bool] = attribute.is_(None)
            return null if value == "null" else ~null
        return self._holds(attribute, value)

    def _holds(self, attribute: Any, value: str) -> ColumnElement[bool]:
        column = attribute.property.columns[0]
        text = value if family_of(column).takes_empty else value.strip()
        try:
            return has_value(column, key_value(column, text))
        except InvalidRowKey as error:
            raise InvalidFilter(f"{self.title}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceFilter(Filter):
    """One of a few values, known beforehand."""

    values: tuple[str, ...]
    kind: ClassVar[str] = "choice"

    def _holds(self, attribute: Any, value: str) -> ColumnElement[bool]:
        if value not in self.values:
            raise InvalidFilter(f"{self.title} is one of {', '.join(self.values)}")
        return Filter._holds(self, attribute, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTypeFilter(Filter):
    """One agent type; the choices are looked up."""

    column: str = "agent_type"
    kind: ClassVar[str] = "agent_type"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFilter(Filter):
    """Rows of the sessions that name one instance."""

    column: str = "session_id"
    parameter: str = "instance"
    title: str = "instance"

    def condition(self, model: Any, value: str) -> ColumnElement[bool]:
        try:
            name = key_value(_sessions.c.agent_instance_id, value.strip())
        except InvalidRowKey as error:
            raise InvalidFilter(f"{self.title}: {error}") from error
        return exists().where(
            _sessions.c.agent_type == model.agent_type,
            _sessions.c.session_id == model.session_id,
            _sessions.c.agent_instance_id == name,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNoFilter(Filter):
    kind: ClassVar[str] = "choice"
    values: tuple[str, ...] = ("yes", "no")

    def _holds(self, attribute: Any, value: str) -> ColumnElement[bool]:
        if value not in self.values:
            raise InvalidFilter(f"{self.title} is yes or no")
        return attribute.is_(value == "yes")  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainsFilter(Filter):
    """Documents that hold what is asked for, found through the GIN index."""

    kind: ClassVar[str] = "json"

    def _holds(self, attribute: Any, value: str) -> ColumnElement[bool]:
        return contains_condition(attribute, value, self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeFilter(Filter):
    """Numbers from one to another, both included, written `-1..2`, `3..` or `..0.5`."""

    kind: ClassVar[str] = "range"

    def _holds(self, attribute: Any, value: str) -> ColumnElement[bool]:
        low, dots, high = value.partition("..")
        if not dots:
            low = high = value
        if family_of(column := attribute.property.columns[0]).by_text:
            return self._within(column, low.strip(), high.strip())
        whole = isinstance(database_type(column.type), Integer)
        own = in_postgres(attribute, column)
        bounds = [own >= self._bound(low, whole, math.ceil)] if low.strip() else []
        bounds += [own <= self._bound(high, whole, math.floor)] if high.strip() else []
        return and_(true(), *bounds)

    def _within(self, column: Column[Any], low: str, high: str) -> ColumnElement[bool]:
        own = in_postgres(column, column)
        bounds = [own >= read_by_postgres(low, column)] if low else []
        bounds += [own <= read_by_postgres(high, column)] if high else []
        return and_(true(), *bounds)

    def _bound(self, text: str, whole: bool, rounded: Any) -> ColumnElement[Any]:
        try:
            number = Decimal(text.strip())
            if not number.is_finite():
                raise ValueError(text)
        except (ValueError, InvalidOperation) as error:
            raise InvalidFilter(f"{self.title}: write a range as -1..2, 3.. or ..0.5") from error
        if not whole:
            return literal(float(number), Double())
        number = max(Decimal(-(2**63)), min(Decimal(2**63 - 1), number))
        return literal(rounded(number), BigInteger())


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFilter(Filter):
    """Times within so long before now, or from one to another, in UTC."""

    kind: ClassVar[str] = "moment"
    values: ClassVar[tuple[str, ...]] = ("1 hour", "1 day", "7 days", "30 days")
    UNITS: ClassVar[dict[str, timedelta]] = {
        "minute": timedelta(minutes=1),
        "hour": timedelta(hours=1),
        "day": timedelta(days=1),
        "week": timedelta(weeks=1),
    }

    def _holds(self, attribute: Any, value: str) -> ColumnElement[bool]:
        try:
            if ".." not in value:
                number, unit = value.split()
                length = self.UNITS[unit.removesuffix("s")] * float(number)
                return attribute >= func.now() - length  # type: ignore[no-any-return]
            low, _, high = (part.strip() for part in value.partition(".."))
            bounds = [attribute >= _moment(low)] if low else []
            if len(high) == len("2030-01-31"):  # a day, the whole of it
                bounds.append(attribute < _moment(high, timedelta(days=1)))
            elif high:
                bounds.append(attribute <= _moment(high))
            return and_(true(), *bounds)
        except (ValueError, KeyError, OverflowError) as error:
            raise InvalidFilter(
                f"{self.title}: write 7 days, or 2030-01-31..2030-02-15, with times if you like"
            ) from error


def _moment(text: str, later: timedelta = timedelta()) -> ColumnElement[datetime]:
    return literal(read_moment(text) + later, DateTime(timezone=True))


def contains_condition(attribute: Any, text: str, title: str) -> ColumnElement[bool]:
    """Return the condition that a document contains `text`. Raises InvalidFilter."""
    try:
        document = load_json(text)
    except ValueError as error:
        raise InvalidFilter(
            f'{title}: write JSON, for example {{"module": "auth"}} ({error})'
        ) from error
    if isinstance(document, Unparsed):
        raise InvalidFilter(f"{title}: this is nested too deeply to be looked for")
    if (reason := unstorable_reason(document)) is not None:
        raise InvalidFilter(f"{title}: Postgres cannot hold this JSON: {reason}")
    return attribute.contains(literal(document, JSONB()))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a term means: a UUID a key, `{...}` a part of a document, else text or a hash."""

    hashes: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def condition(
        self, model: Any, term: str, agent_types: list[str] | None = None
    ) -> ColumnElement[bool]:
        """Rows that match, within each of `agent_types`, with which every index begins.

        Raises InvalidFilter.
        """
        term = term.strip()
        if (reason := unstorable(term)) is not None:
            raise InvalidFilter(f"search: {reason}")
        if term.startswith(("{", "[")) and self.documents:
            return or_(
                *(
                    contains_condition(getattr(model, name), term, "search")
                    for name in self.documents
                )
            )
        if self.keys and (identity := self._key(term)):
            conditions: list[Any] = [getattr(model, name) == identity for name in self.keys]
        else:
            term = escape_like(term)
            conditions = [_text_of(model, name).like(f"{term}%") for name in self.hashes]
            conditions += [_text_of(model, name).ilike(f"%{term}%") for name in self.texts]
        if not conditions:
            return ~true()
        of_these = [model.agent_type.in_(agent_types)] if agent_types is not None else []
        return and_(*of_these, or_(*conditions))

    def _key(self, term: str) -> UUID | None:
        try:
            return UUID(term) if "-" in term or not self.hashes else None
        except ValueError:
            return None

    def placeholder(self) -> str:
        names = [*self.texts, *(f"{name} begins" for name in self.hashes), *self.keys]
        return ", ".join([*names, *(['{"key": "value"}'] if self.documents else [])])


def _text_of(model: Any, name: str) -> Any:
    """Return what a pattern is compared with: a text itself, of another type how psql shows it."""
    family = family_of((attribute := getattr(model, name)).property.columns[0])
    return attribute if family.is_words and not family.by_text else cast(attribute, Text)


def escape_like(term: str) -> str:
    return term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

"""What narrows a list. Each filter is one URL parameter, and a chip over the table."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, or_, true
from sqlalchemy.dialects.postgresql import JSONB

from qlmodels_admin import exact_json, keys


class FilterUnreadable(ValueError):
    """What was asked for cannot be looked for; the message says why, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """On one column; `parameter` and `title` are the column's name unless given."""

    column: str
    parameter: str = ""
    title: str = ""
    kind: ClassVar[str] = "text"

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameter", self.parameter or self.column)
        object.__setattr__(self, "title", self.title or self.column)

    def condition(self, model: Any, value: str) -> ColumnElement[bool]:
        """Raises FilterUnreadable."""
        attribute = getattr(model, self.column)
        try:
            wanted = keys.key_value(attribute.property.columns[0], value.strip())
        except keys.KeyUnreadable as error:
            raise FilterUnreadable(f"{self.title}: {error}") from error
        condition: ColumnElement[bool] = attribute == wanted
        return condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Filter):
    """One of a few values, known beforehand."""

    values: tuple[str, ...]
    kind: ClassVar[str] = "choice"

    def condition(self, model: Any, value: str) -> ColumnElement[bool]:
        if value not in self.values:
            raise FilterUnreadable(f"{self.title} is one of {', '.join(self.values)}")
        return Filter.condition(self, model, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfAgentType(Filter):
    """One agent type; the choices are looked up."""

    column: str = "agent_type"
    kind: ClassVar[str] = "agent_type"


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo(Filter):
    kind: ClassVar[str] = "choice"
    values: tuple[str, ...] = ("yes", "no")

    def condition(self, model: Any, value: str) -> ColumnElement[bool]:
        if value not in self.values:
            raise FilterUnreadable(f"{self.title} is yes or no")
        return getattr(model, self.column).is_(value == "yes")  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contains(Filter):
    """Documents that hold what is asked for, found through the GIN index."""

    kind: ClassVar[str] = "json"

    def condition(self, model: Any, value: str) -> ColumnElement[bool]:
        return contains(getattr(model, self.column), value, self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Range(Filter):
    """Numbers from one to another, written `-1..2`, `3..` or `..0.5`."""

    kind: ClassVar[str] = "range"

    def condition(self, model: Any, value: str) -> ColumnElement[bool]:
        low, dots, high = value.partition("..")
        if not dots:
            low = high = value
        attribute = getattr(model, self.column)
        bounds = [attribute >= self._number(low)] if low.strip() else []
        bounds += [attribute <= self._number(high)] if high.strip() else []
        return and_(true(), *bounds)

    def _number(self, text: str) -> float:
        try:
            return float(text)
        except ValueError as error:
            raise FilterUnreadable(f"{self.title}: write a range as -1..2, 3.. or ..0.5") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Since(Filter):
    """Times not longer ago than so much."""

    kind: ClassVar[str] = "choice"
    values: tuple[str, ...] = ("1 hour", "1 day", "7 days", "30 days")
    LENGTHS: ClassVar[dict[str, timedelta]] = {
        "1 hour": timedelta(hours=1),
        "1 day": timedelta(days=1),
        "7 days": timedelta(days=7),
        "30 days": timedelta(days=30),
    }

    def condition(self, model: Any, value: str) -> ColumnElement[bool]:
        length = self.LENGTHS.get(value)
        if length is None:
            raise FilterUnreadable(f"{self.title} is one of {', '.join(self.LENGTHS)}")
        return getattr(model, self.column) >= func.now() - length  # type: ignore[no-any-return]


def contains(attribute: Any, text: str, title: str) -> ColumnElement[bool]:
    """Raises FilterUnreadable."""
    try:
        document = exact_json.loads(text)
        exact_json.dumps(document).encode()
    except ValueError as error:
        raise FilterUnreadable(
            f'{title}: write JSON, for example {{"module": "auth"}} ({error})'
        ) from error
    if isinstance(document, exact_json.Unparsed):
        raise FilterUnreadable(f"{title}: this is nested too deeply to be looked for")
    if "\\u0000" in text:
        raise FilterUnreadable(f"{title}: no document holds a NUL character")
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
        """Rows that match; a hash is looked up by its beginning, within each of `agent_types`.

        Raises FilterUnreadable.
        """
        term = term.strip()
        if "\x00" in term or any("\ud800" <= character <= "\udfff" for character in term):
            raise FilterUnreadable("no text in Postgres holds this character")
        if term.startswith(("{", "[")) and self.documents:
            return or_(*(contains(getattr(model, name), term, "search") for name in self.documents))
        found = self._exactly(model, term)
        found += [getattr(model, name).ilike(f"%{_literally(term)}%") for name in self.texts]
        beginnings = [getattr(model, name).like(f"{_literally(term)}%") for name in self.hashes]
        if beginnings and agent_types is not None:
            found.append(and_(model.agent_type.in_(agent_types), or_(*beginnings)))
        else:
            found += beginnings
        return or_(*found) if found else ~true()

    def _exactly(self, model: Any, term: str) -> list[ColumnElement[bool]]:
        try:
            identity = UUID(term)
        except ValueError:
            return []
        return [getattr(model, name) == identity for name in self.keys]

    def placeholder(self) -> str:
        names = [*self.texts, *(f"{name} begins" for name in self.hashes), *self.keys]
        return ", ".join([*names, *(['{"key": "value"}'] if self.documents else [])])


def _literally(term: str) -> str:
    return term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

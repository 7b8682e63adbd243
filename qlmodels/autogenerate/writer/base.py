"""What every kind's writer gets and gives."""

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from alembic.util import CommandError

from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.errors import QLModelsError

# `varchar in ('a', 'b')` as Postgres prints it. The cast it adds would be pushed into the list
# when read again, and print otherwise ever after: without it the print reads as what it was.
LIST_CAST = re.compile(r"\(ARRAY\[((?:'(?:[^']|'')*'::character varying(?:, )?)+)\]\)::text\[\]")


def as_read(printed: str) -> str:
    """An expression that Postgres printed, so that it prints alike once it was read again."""
    return LIST_CAST.sub(r"ARRAY[\1]", printed)


class CannotWrite(QLModelsError, CommandError):
    """A difference was found that no statement can mend: change it by hand in a revision."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement; `warning` says what it costs or loses."""

    sql: str
    warning: str | None = None
    concurrently: bool = False


@dataclass(frozen=True)
class Change:
    """The two sides between which statements lead, and what the models say beside their facts.

    `fills` gives the SQL literal that a column takes in rows that have no value for it.
    `uninvited` are grantees that a platform's default privileges give everything in `public`.
    `made` is what does not exist before, or is made again.
    `guarded` makes statements that lose rows refuse to run unless they were confirmed.
    """

    source: Facts
    target: Facts
    fills: Mapping[str, str] = field(default_factory=dict)
    uninvited: tuple[str, ...] = ()
    guarded: bool = False
    concurrently: bool = False
    made: Set[Key] = frozenset()

    @property
    def sides(self) -> tuple[Facts, Facts]:
        return self.source, self.target


Statements = Iterator[Statement]

ASIDE = "qlmodels_aside"
"""A schema for what makes way until its rows are copied or converted."""


def set_aside(kind: str, name: str, warning: str | None = None) -> Statements:
    yield Statement(f"create schema if not exists {ASIDE}")
    yield Statement(f"alter {kind} {name} set schema {ASIDE}", warning)


def bare(name: str) -> str:
    """A name without its schema."""
    return name.rpartition(".")[2]


def cannot_alter(_old: Fact, _new: Fact, _change: Change) -> None:
    """ALTER does not exist or does not suffice: drop and create."""


@dataclass(frozen=True, slots=True)
class Writer:
    """How facts of one kind are made, unmade and changed. `alter` gives None for "replace it"."""

    create: Callable[[Fact, Change], Statements]
    drop: Callable[[Fact, Change], Statements]
    alter: Callable[[Fact, Fact, Change], Statements | None] = cannot_alter


def nothing(_fact: Fact, _change: Change) -> Statements:
    """Goes away with what it hangs on, or is not ours to drop."""
    return iter(())


def owned(fact: Fact, change: Change) -> tuple[str, str]:
    """What an owner, a privilege or a comment is about, as ALTER and GRANT spell it."""
    if fact.parent.kind == "function":
        function = change.target.get(fact.parent) or change.source[fact.parent]
        return ("procedure" if function["procedure"] else "function"), fact.parent.name
    return fact.parent.kind, fact.parent.name


def literal(text: str) -> str:
    escaped = text.replace("'", "''")
    if "\\" in text:
        escaped = escaped.replace("\\", "\\\\")
        return f"E'{escaped}'"
    return f"'{escaped}'"


def options(values: Mapping[str, Any]) -> str:
    """`(name=value, ...)`, as SET and WITH take it."""
    return f"({', '.join(f'{name}={_option(str(value))}' for name, value in values.items())})"


def _option(value: str) -> str:
    return value if value.replace(".", "").replace("_", "").isalnum() else literal(value)


def set_options(
    head: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Statements:
    """SET what differs, RESET what is gone; both, where the order would be another."""
    old, new = old or {}, new or {}
    stays = [name for name in old if name in new]
    if stays + [name for name in new if name not in stays] != list(new):
        stays = []
    if gone := [name for name in old if name not in stays]:
        yield Statement(f"{head} reset ({', '.join(gone)})")
    if different := {name: new[name] for name in new if name in gone or old.get(name) != new[name]}:
        yield Statement(f"{head} set {options(different)}")


def differing(old: Fact, new: Fact) -> set[str]:
    """Names of the properties that are not the same."""
    names = old.properties.keys() | new.properties.keys()
    return {name for name in names if old[name] != new[name]}

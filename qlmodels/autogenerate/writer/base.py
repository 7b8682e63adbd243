"""Statements as Postgres wrote them beside each fact, and what every kind's writer gets and gives.

`sql` of a fact holds `create`, `drop` and, by property, `alter`: a statement that sets the property
to what it is here, or several. `{"options": head}` is for a property of named options that SET and
RESET take, `{"changed": head}` for a list of which the new items follow the head. A property
without a statement cannot be altered.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from alembic.util import CommandError

from qlmodels.autogenerate.facts import Fact, Facts, Key, parts
from qlmodels.ddl.quoting import identifier, literal
from qlmodels.errors import QLModelsError


class CannotWrite(QLModelsError, CommandError):
    """A difference was found that no statement can fix: change it by hand in a revision."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement; `warning` says what it costs or loses.

    `dropped` undoes it once all else is done; `rebuilds` is a table that it makes again.
    """

    sql: str
    warning: str | None = None
    concurrently: bool = False
    dropped: str | None = None
    rebuilds: str | None = None


@dataclass(frozen=True)
class Change:
    """The two sides between which statements lead, and what the models say beside their facts.

    `fills` gives the SQL literal that a column takes in rows that have no value for it.
    `uninvited` are grantees that a platform's default privileges give everything in `public`.
    `made` is what does not exist before, or is made again; `rebuilt` are tables that are so with
    their rows.
    `concurrently` says of all indexes what each may say by itself.
    `guarded` makes statements that lose rows refuse to run unless they were confirmed.
    """

    source: Facts
    target: Facts
    fills: Mapping[str, str] = field(default_factory=dict)
    uninvited: tuple[str, ...] = ()
    guarded: bool = False
    concurrently: bool | None = None
    made: Set[Key] = frozenset()
    rebuilt: Set[Key] = frozenset()

    @property
    def sides(self) -> tuple[Facts, Facts]:
        return self.source, self.target


Statements = Iterator[Statement]
InlineOrder = tuple[int, str]
WholeWriter = Callable[[Fact, list[Fact], Change], Statements]

WARNINGS = {
    ("table", "drop"): "loses the table's rows",
    ("table", "unlogged"): "rewrites the table under an exclusive lock",
    ("column", "drop"): "loses the column's data",
    ("column", "type"): "rewrites or scans the table under an exclusive lock",
    ("column", "collation"): "rewrites or scans the table under an exclusive lock",
    ("sequence", "drop"): "loses the sequence's position",
}


def never(_fact: Fact) -> bool:
    return False


def apart(_fact: Fact) -> None:
    """Said in a statement of its own."""


def create(fact: Fact, _change: Change) -> Statements:
    return written(fact.sql.get("create"))


def drop(fact: Fact, _change: Change) -> Statements:
    return written(fact.sql.get("drop"), WARNINGS.get((fact.kind, "drop")))


def alter(old: Fact, new: Fact, _change: Change) -> Statements | None:
    """None for "drop it and make it again"."""
    return altered(old, new, new.sql.get("alter", {}))


def altered(old: Fact, new: Fact, alter: Mapping[str, Any]) -> Statements | None:
    """By statements for each property, which a kind may write itself."""
    changed = differing(old, new)
    if any(alter.get(name) is None for name in changed):
        return None
    statements = (
        statement
        for name in alter
        if name in changed
        for statement in _set(alter[name], old[name], new[name], WARNINGS.get((new.kind, name)))
    )
    return iter({statement.sql: statement for statement in statements}.values())


def _set(alter: Any, old: Any, new: Any, warning: str | None) -> Statements:
    match alter:
        case {"options": head}:
            return set_options(head, old, new)
        case {"changed": head}:
            return written(" ".join([head, *(item for item in new if item not in (old or ()))]))
        case _:
            return written(alter, warning)


def written(sql: Any, warning: str | None = None) -> Statements:
    """What a fact says: a statement, several, or None."""
    for statement in sql if isinstance(sql, list | tuple) else [sql]:
        if isinstance(statement, str):
            yield Statement(statement, warning)
        elif statement is not None:
            yield statement


@dataclass(frozen=True, slots=True)
class Kind:
    """How facts of one kind are read, made, unmade, changed and told.

    The rest of the comparison asks this table, and knows no kind by its name.
    """

    create: Callable[[Fact, Change], Statements] = create
    drop: Callable[[Fact, Change], Statements] = drop
    alter: Callable[[Fact, Fact, Change], Statements | None] = alter
    file: str | None = None
    """The SQL file that reads them, where it is not named as they are."""
    verbatim: bool = False
    """Printed as it was written, so that nothing of it is to be read again."""
    satellite: bool = False
    """Said of another fact, of kinds that share no catalog: an owner, privileges, a comment."""
    standalone: bool = False
    """Undeclared, it may belong to another project."""
    shared: bool = False
    """Other databases or projects may use it: made where absent, accepted where it exists."""
    after: tuple[str, ...] = ()
    """Kinds of facts of the same name that are made before."""
    resets: tuple[str, ...] = ()
    """Kinds of facts of the same name that a change of this takes away."""
    holds: Callable[[Fact], bool] = never
    """Whether it cannot be dropped and made again without a loss."""
    blocks: Callable[[Fact], bool] = never
    """Whether it bars a change of the type of a column that it needs."""
    makes_way: Callable[[Fact], bool] = never
    """Whether it is moved aside until nothing needs it, where ALTER cannot change it."""
    whole: WholeWriter | None = None
    """Makes it together with what hangs on it and is `inline`."""
    inline: Callable[[Fact], InlineOrder | None] = apart
    """Where in the statement that makes the whole it is said."""
    leads: bool = False
    """Its owner and privileges are set before anything else is made."""
    goes_along: bool = False
    """Part of what it hangs on, wherever that is moved."""
    bodies: bool = False
    """Has a body that may speak of what is made later."""
    plural: str | None = None
    noun: str | None = None
    described: str | None = None
    """How it is called where there always is one, if only a default."""


ASIDE = "qlmodels_aside"
"""How a schema begins that is for what makes way until its rows are copied or converted."""
MAX_NAME_BYTES = 63


def aside(name: str) -> str:
    """What something is called while it makes way: no two of one name are in one schema."""
    return f"{_aside_schema(name)}.{bare(name)}"


def _aside_schema(name: str) -> str:
    schema = parts(name)[0].strip('"')
    aside = ASIDE if schema == "public" else f"{ASIDE}_{schema}"
    if len(aside.encode()) > MAX_NAME_BYTES:
        aside = f"{ASIDE}_{sha256(schema.encode()).hexdigest()[:16]}"
    return identifier(aside)


def set_aside(kind: str, name: str, warning: str | None = None) -> Statements:
    yield from aside_schema(name)
    yield Statement(f"alter {kind} {name} set schema {_aside_schema(name)}", warning)


def aside_schema(name: str) -> Statements:
    """The schema where `name` makes way."""
    schema = _aside_schema(name)
    yield Statement(f"create schema if not exists {schema}", dropped=f"drop schema {schema}")


def bare(name: str) -> str:
    """A name without its schema."""
    return parts(name)[-1]


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

"""Names that changed: `info={"renamed_from": "old"}` on a table, column, constraint or index.

The former name of a table may say another schema: "old_schema.old". An enum, domain or other type
that changed its name alone is renamed unasked, for that loses nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any, NamedTuple

from alembic.util import CommandError
from sqlalchemy import MetaData, Table

from qlmodels.autogenerate.diff import SchemaDifference
from qlmodels.autogenerate.facts import Fact, Facts, Key, parts
from qlmodels.autogenerate.writer.base import ASIDE, Statement, bare
from qlmodels.ddl.quoting import identifier
from qlmodels.errors import QLModelsError

RENAMED_FROM_KEY = "renamed_from"


class LooksRenamed(QLModelsError, CommandError):
    """Something goes and something alike comes: say whether it was renamed."""


class NamePair(NamedTuple):
    """A former and a present name."""

    old: str
    new: str


@dataclass(frozen=True)
class Rename:
    """What renames one thing, or several that swap their names, and what undoes it."""

    kind: str
    pairs: list[NamePair]
    words: str
    up: list[Statement]
    down: list[Statement]

    def names(self, key: Key) -> bool:
        """Whether `key` is what gets another name."""
        return key.kind == self.kind and any(pair.old == key.name for pair in self.pairs)


Move = Callable[[NamePair], Iterable[str]]
History = Callable[[], str]
"""The text of the revisions that led to a database."""


@dataclass(frozen=True)
class Names:
    """Names of one kind beside each other: the columns of a table, or all tables."""

    kind: str
    known: Callable[[str], bool]
    move: Move
    history: History = str
    """Tells whether names were swapped, which no database shows."""

    def renames(self, pairs: Iterable[NamePair]) -> Iterator[Rename]:
        """What is still to be renamed, in an order that runs."""
        pending = sorted(pair for pair in pairs if pair.old != pair.new and self.known(pair.old))
        while taken := [pair for pair in pending if self._is_taken(pair, pending)]:
            pending = [pair for pair in pending if pair not in taken]
        while pending:
            olds = {pair.old for pair in pending}
            last = [pair for pair in pending if pair.new not in olds]
            together = last[:1] or _circle(pending)
            pending = [pair for pair in pending if pair not in together]
            rename = self._rename(together)
            if last or rename.up[0].sql not in self.history():
                yield rename

    def _is_taken(self, pair: NamePair, pending: list[NamePair]) -> bool:
        return self.known(pair.new) and all(pair.new != other.old for other in pending)

    def _rename(self, pairs: list[NamePair]) -> Rename:
        """Of those that swap, the first has a name for the while, so that the others can follow."""
        (first, *others), steps = pairs, pairs
        if others:
            *above, _ = parts(first.old)
            waiting = ".".join([*above, ASIDE])
            steps = [NamePair(first.old, waiting), *reversed(others), NamePair(waiting, first.new)]
        said = ", ".join(f"{self.kind} {new} is called {old}" for old, new in pairs)
        return Rename(
            self.kind,
            pairs,
            f"{said} in the database",
            [Statement(sql) for step in steps for sql in self.move(step)],
            [
                Statement(sql)
                for old, new in reversed(steps)
                for sql in self.move(NamePair(new, old))
            ],
        )


def _circle(pairs: list[NamePair]) -> list[NamePair]:
    """Those of `pairs` that swap their names with the first."""
    by_old = {pair.old: pair for pair in pairs}
    circle = [pairs[0]]
    while (following := by_old[circle[-1].new]) not in circle:
        circle.append(following)
    return circle


def renames(metadata: MetaData, live: Facts, target: Facts, history: History = str) -> list[Rename]:
    """Renames that this database has not seen, in an order that runs."""
    pairs = {table: _of_table(table) for table in metadata.tables.values()}
    tables = Names("table", _known("table", live), _moving("table"), history)
    found = [*_types(live, target), *tables.renames(pairs.values())]
    moved = {pair for rename in found for pair in rename.pairs}
    columns: dict[str, str] = {}
    for table, (old, new) in pairs.items():
        here = old if (old, new) in moved else new
        within = list(_within(table, here, new, live, history))
        found += within
        renamed = {pair for rename in within for pair in rename.pairs}
        for pair in map(_pair, table.columns):
            before = pair.old if pair in renamed else pair.new
            columns[f"{here}.{before}"] = f"{new}.{pair.new}"
    return [*found, *_sequences(columns, live, target)] if found else []


def _of_table(table: Table) -> NamePair:
    schema, name = table.schema or "public", table.name
    former = str(table.info.get(RENAMED_FROM_KEY, name))
    before, _, last = former.rpartition(".")
    old = f"{identifier(before or schema)}.{identifier(last)}"
    return NamePair(old, f"{identifier(schema)}.{identifier(name)}")


def _within(table: Table, here: str, there: str, live: Facts, history: History) -> Iterator[Rename]:
    """Of a table that was called `here`: its columns, constraints and indexes."""
    head, schema = f"alter table {there} rename", parts(there)[0]
    for kind, known, renaming, things in (
        ("column", _known("column", live, f"{here}."), f"{head} column", table.columns),
        (
            "constraint",
            _known("constraint", live, after=f" on {here}"),
            f"{head} constraint",
            table.constraints,
        ),
    ):
        names = Names(kind, known, partial(_renaming, renaming), history)
        yield from names.renames(map(_pair, things))
    known = _known("index", live, f"{parts(here)[0]}.")
    indexes = Names("index", known, partial(_renaming_index, schema), history)
    yield from indexes.renames(map(_pair, table.indexes))


def _known(kind: str, live: Facts, before: str = "", after: str = "") -> Callable[[str], bool]:
    return lambda name: Key(kind, f"{before}{name}{after}") in live


def _renaming(head: str, pair: NamePair) -> list[str]:
    return [f"{head} {pair.old} to {pair.new}"]


def _renaming_index(schema: str, pair: NamePair) -> list[str]:
    return [f"alter index {schema}.{pair.old} rename to {pair.new}"]


def _pair(thing: Any) -> NamePair:
    """Former and present name, quoted; the same where there is no other."""
    present = str(thing.name or "")
    former = getattr(thing, "info", {}).get(RENAMED_FROM_KEY, present)
    return NamePair(identifier(former), identifier(present))


def _moving(noun: str) -> Move:
    """Of names with a schema, which may change too."""

    def move(pair: NamePair) -> Iterator[str]:
        (before, old), (after, new) = parts(pair.old), parts(pair.new)
        if before != after:
            yield f"alter {noun} {pair.old} set schema {after}"
        if old != new:
            yield f"alter {noun} {after}.{old} rename to {new}"

    return move


def _types(live: Facts, target: Facts) -> Iterator[Rename]:
    """A type whose columns are all of a new one now, which is the same or has values of it."""
    gone = [fact for fact in live.values() if "noun" in fact.sql and _differs(fact, target)]
    come = [fact for fact in target.values() if "noun" in fact.sql and _differs(fact, live)]
    pairs: dict[str, list[NamePair]] = defaultdict(list)
    for old, new in product(gone, come):
        swapped = old.key in target or new.key in live
        if (
            old.key != new.key
            and (old.properties == new.properties or (not swapped and _share_labels(old, new)))
            and _is_replaced_everywhere(old, new, live, target)
        ):
            pairs[old.sql["noun"]].append(NamePair(old.name, new.name))
    for noun, found in pairs.items():
        yield from Names("type", _known("type", live), _moving(noun)).renames(found)


def _differs(fact: Fact, others: Facts) -> bool:
    """Whether the others have none of its name, or another one."""
    return fact.key not in others or others[fact.key].properties != fact.properties


def _share_labels(old: Fact, new: Fact) -> bool:
    return not {*(old["labels"] or ())}.isdisjoint(new["labels"] or ())


def _is_replaced_everywhere(old: Fact, new: Fact, live: Facts, target: Facts) -> bool:
    columns = [target[key] for key in live.dependents(old.key) if key in target]
    replaced = [old.name in str(live[c.key]["type"]) for c in columns if new.key in c.needs]
    return bool(replaced) and len(replaced) == len(columns)


def _sequences(columns: dict[str, str], live: Facts, target: Facts) -> Iterator[Rename]:
    """A serial column's sequence is called after it, and must not lose its position."""
    wanted = {s["owned by"]: s.name for s in target.of_kind("sequence")}
    named = {}
    for sequence in live.of_kind("sequence"):
        owner = columns.get(sequence["owned by"], "")
        if owner in wanted:  # it has moved to the schema of its table
            named[f"{parts(owner)[0]}.{bare(sequence.name)}"] = wanted[owner]
    names = Names("sequence", named.__contains__, _moving("sequence"))
    yield from names.renames(NamePair(old, new) for old, new in named.items())


def unexplained(different: list[SchemaDifference]) -> str | None:
    """Why a revision must not be written: a drop beside an add of the same type."""
    gone = [d.old for d in different if d.old and d.new is None and d.key.kind == "column"]
    come = [d.new for d in different if d.new and d.old is None and d.key.kind == "column"]
    for lost, made in product(gone, come):
        if lost.of == made.of and lost["type"] == made["type"]:
            return (
                f"column {lost.name} would be dropped and {made.name}, of the same"
                " type, added: rows would lose its values. If it was renamed, declare it"
                f' (info={{"renamed_from": "{bare(lost.name)}"}} on the column); if not, say so:'
                " -x renamed=no"
            )
    return None

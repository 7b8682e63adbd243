"""Names that changed: `info={"renamed_from": "old"}` on a table, column, constraint or index."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from alembic.util import CommandError
from sqlalchemy import MetaData, Table

from qlmodels.autogenerate.diff import SchemaDifference
from qlmodels.autogenerate.facts import Facts, Key
from qlmodels.autogenerate.writer.base import Statement, bare
from qlmodels.ddl.quoting import identifier
from qlmodels.errors import QLModelsError

RENAMED_FROM_KEY = "renamed_from"


class LooksRenamed(QLModelsError, CommandError):
    """Something goes and something alike comes: say whether it was renamed."""


@dataclass(frozen=True)
class Rename:
    words: str
    up: Statement
    down: Statement

    def names(self, key: Key) -> bool:
        """Whether `key` is what gets another name."""
        return f" {key.name} " in self.up.sql


def renames(metadata: MetaData, live: Facts, target: Facts) -> list[Rename]:
    """Declared renames that this database has not seen, in an order that runs."""
    found = [rename for table in metadata.tables.values() for rename in _of_table(table, live)]
    return [*found, *_sequences(metadata, live, target)] if found else []


def _of_table(table: Table, live: Facts) -> Iterator[Rename]:
    schema = identifier(table.schema or "public")
    before, name = _names(table)
    if _moved("table", f"{schema}.{before}", f"{schema}.{name}", live):
        yield _whole("table", schema, before, name)
    else:
        before = name
    for kind, pattern, parts in (
        ("column", f"{schema}.{before}.{{}}", table.columns),
        ("constraint", f"{{}} on {schema}.{before}", table.constraints),
    ):
        for old, new in map(_names, parts):
            if _moved(kind, pattern.format(old), pattern.format(new), live):
                head = f"alter table {schema}.{name} rename {kind}"
                yield Rename(
                    f"{kind} {new} of {schema}.{name} is called {old} in the database",
                    Statement(f"{head} {old} to {new}"),
                    Statement(f"{head} {new} to {old}"),
                )
    for old, new in map(_names, table.indexes):
        if _moved("index", f"{schema}.{old}", f"{schema}.{new}", live):
            yield _whole("index", schema, old, new)


def _names(thing: Any) -> tuple[str, str]:
    """Former and present name, quoted; the same where there is no other."""
    present = str(thing.name or "")
    former = getattr(thing, "info", {}).get(RENAMED_FROM_KEY, present)
    return identifier(former), identifier(present)


def _moved(kind: str, old: str, new: str, live: Facts) -> bool:
    return old != new and Key(kind, old) in live and Key(kind, new) not in live


def _whole(kind: str, schema: str, old: str, new: str) -> Rename:
    return Rename(
        f"{kind} {new} is called {old} in the database",
        Statement(f"alter {kind} {schema}.{old} rename to {new}"),
        Statement(f"alter {kind} {schema}.{new} rename to {old}"),
    )


def _sequences(metadata: MetaData, live: Facts, target: Facts) -> Iterator[Rename]:
    """A serial column's sequence is called after it, and must not lose its position."""
    present = {}
    for table in metadata.tables.values():
        schema, (before, name) = identifier(table.schema or "public"), _names(table)
        for old, new in map(_names, table.columns):
            present[f"{schema}.{before}.{old}"] = f"{schema}.{name}.{new}"
    wanted = {s["owned by"]: s for s in target.of_kind("sequence") if s.key not in live}
    for sequence in live.of_kind("sequence"):
        if new_one := wanted.get(present.get(sequence["owned by"], "")):
            schema, _, old = sequence.name.rpartition(".")
            yield _whole("sequence", schema, old, new_one.name.rpartition(".")[2])


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

"""Names that changed: `info={"renamed_from": "old"}` on a table, column, constraint or index."""

from collections.abc import Iterator
from dataclasses import dataclass

from alembic.util import CommandError
from sqlalchemy import Column, MetaData, Table

from qlmodels.autogenerate.diff import Difference
from qlmodels.autogenerate.facts import Facts, Key
from qlmodels.autogenerate.writer import Statement
from qlmodels.ddl.objects import identifier, qualified
from qlmodels.errors import QLModelsError

INFO = "renamed_from"


class LooksRenamed(QLModelsError, CommandError):
    """Something goes and something alike comes: say whether it was renamed."""


@dataclass(frozen=True)
class Rename:
    """`{head} rename {what} old to new`, and back; without `what`, `{head} rename to new`."""

    words: str
    head: str
    back_head: str
    what: str
    old: str
    new: str

    @property
    def up(self) -> Statement:
        return Statement(f"{self.head} rename {self._of(self.old)}to {self.new}")

    @property
    def down(self) -> Statement:
        return Statement(f"{self.back_head} rename {self._of(self.new)}to {self.old}")

    def _of(self, name: str) -> str:
        return f"{self.what} {name} " if self.what else ""


def renames(metadata: MetaData, live: Facts, target: Facts) -> list[Rename]:
    """Declared renames that this database has not seen, in an order that runs."""
    found: list[Rename] = []
    for table in metadata.tables.values():
        found += _of_table(table, live)
    return [*found, *_sequences(metadata, live, target)] if found else []


def _sequences(metadata: MetaData, live: Facts, target: Facts) -> Iterator[Rename]:
    """A serial column's sequence is called after it, and must not lose its position."""
    wanted = {s["owned by"]: s for s in target.of_kind("sequence") if s.key not in live}
    new_names = dict(pair for table in metadata.tables.values() for pair in _columns(table))
    for sequence in live.of_kind("sequence"):
        new = wanted.get(new_names.get(sequence["owned by"], ""))
        if new is not None:
            old_name, name = (s.name.rpartition(".")[2] for s in (sequence, new))
            yield Rename(
                f"sequence {new.name} is called {old_name} in the database",
                f"alter sequence {sequence.name}", f"alter sequence {new.name}", "",
                old_name, name,
            )  # fmt: skip


def _columns(table: Table) -> Iterator[tuple[str, str]]:
    """Former and present names of the columns, qualified."""
    schema = table.schema or "public"
    before = qualified(schema, table.info.get(INFO, table.name))
    for column in table.columns:
        former = identifier(column.info.get(INFO, column.name))
        yield f"{before}.{former}", f"{qualified(schema, table.name)}.{identifier(column.name)}"


def _of_table(table: Table, live: Facts) -> Iterator[Rename]:
    schema = table.schema or "public"
    new = qualified(schema, table.name)
    here = new
    if old := table.info.get(INFO):
        before = qualified(schema, old)
        if Key("table", before) in live and Key("table", new) not in live:
            here = before
            yield Rename(
                f"table {table.name} is called {old} in the database",
                f"alter table {before}", f"alter table {new}", "", identifier(old),
                identifier(table.name),
            )  # fmt: skip
    for column in table.columns:
        yield from _part(column, "column", f"{here}.{{}}", "column", new, live)
    for constraint in table.constraints:
        if constraint.name is not None:
            yield from _part(constraint, "constraint", f"{{}} on {here}", "constraint", new, live)
    for index in table.indexes:
        old, name = index.info.get(INFO), str(index.name)
        if old and _moved(Key("index", qualified(schema, old)), qualified(schema, name), live):
            yield Rename(
                f"index {name} is called {old} in the database",
                f"alter index {qualified(schema, old)}", f"alter index {qualified(schema, name)}",
                "", identifier(old), identifier(name),
            )  # fmt: skip


def _part(
    thing: Column[object] | object, kind: str, pattern: str, what: str, table: str, live: Facts
) -> Iterator[Rename]:
    old = getattr(thing, "info", {}).get(INFO)
    name = str(getattr(thing, "name", ""))
    if old and _moved(
        Key(kind, pattern.format(identifier(old))), pattern.format(identifier(name)), live
    ):
        head = f"alter table {table}"
        words = f"{kind} {name} of {table} is called {old} in the database"
        yield Rename(words, head, head, what, identifier(old), identifier(name))


def _moved(old: Key, new: str, live: Facts) -> bool:
    return old in live and Key(old.kind, new) not in live


def unexplained(different: list[Difference]) -> str | None:
    """Why a revision must not be written: a drop beside an add of the same type."""
    gone = [d for d in different if d.new is None and d.key.kind == "column"]
    come = [d for d in different if d.old is None and d.key.kind == "column"]
    for lost in gone:
        for made in come:
            alike = (
                lost.old is not None
                and made.new is not None
                and (lost.old.of == made.new.of and lost.old["type"] == made.new["type"])
            )
            if alike:
                old = lost.key.name.rpartition(".")[2]
                return (
                    f"column {lost.key.name} would be dropped and {made.key.name}, of the same"
                    " type, added: rows would lose its values. If it was renamed, declare it"
                    f' (info={{"renamed_from": "{old}"}} on the column); if not, say so:'
                    " -x renamed=no"
                )
    return None

"""Role x table x command: which rows each may reach, directly, through functions, by cascades."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

RowVerdict = Literal["open", "conditional", "denied", "undecided"]

COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")

LEGEND = (
    "S select, I insert, U update, D delete, T truncate. A capital is every row, a small letter "
    "the rows of the agent type that the transaction speaks for; (d) by a function only."
)


@dataclass(frozen=True, slots=True)
class MatrixEntry:
    """`open` is every row, `conditional` those of `predicate`; `note` says by which way."""

    verdict: RowVerdict = "denied"
    predicate: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class DefinerFunction:
    """A function that runs as its owner and decides by itself whom it answers."""

    name: str
    signature: str
    owner: str
    callers: frozenset[str]
    reaches: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Cascade:
    """A foreign key whose action writes `table` when a row of `parent` is deleted."""

    name: str
    table: str
    parent: str
    action: Literal["SET NULL", "CASCADE"]

    @property
    def command(self) -> str:
        return "DELETE" if self.action == "CASCADE" else "UPDATE"


@dataclass(frozen=True, slots=True)
class Matrix:
    """`direct` is what grants and policies allow by themselves; what is absent is denied.

    Tables are given without their schema, which is public.
    """

    roles: tuple[str, ...]
    tables: tuple[str, ...]
    direct: Mapping[tuple[str, str, str], MatrixEntry]
    definer_functions: tuple[DefinerFunction, ...]
    cascades: tuple[Cascade, ...]

    def cell(self, role: str, table: str, command: str) -> MatrixEntry:
        """What the role reaches at most: a function is credited with its owner's reach."""
        reached = self._by_function(role, table, command)
        return (
            reached
            if reached.verdict == "open"
            else self._by_cascade(role, table, reached, command)
        )

    def document(self) -> dict[str, Any]:
        """`summary`, `roles` and `rows` as `pgrls matrix --format json` gives them."""
        rows = [
            {
                "table": f"public.{table}",
                "command": command,
                "access": {role: _document(self.cell(role, table, command)) for role in self.roles},
            }
            for table in sorted(self.tables)
            for command in COMMANDS
        ]
        verdicts = [cell["verdict"] for row in rows for cell in row["access"].values()]  # type: ignore[attr-defined]
        counted = {
            verdict: verdicts.count(verdict)
            for verdict in ("open", "denied", "conditional", "undecided")
        }
        summary = {"tables": len(self.tables), "roles": len(self.roles), "cells": len(verdicts)}
        return {"summary": summary | counted, "roles": list(self.roles), "rows": rows}

    def letters(self, role: str, table: str) -> str:
        """For people: SIUDT, capital for every row, small for some, (d) where by function only."""
        return "".join(self._letter(role, table, command) for command in COMMANDS) or "-"

    def _letter(self, role: str, table: str, command: str) -> str:
        direct = self.direct.get((role, table, command), MatrixEntry())
        match direct.verdict:
            case "open":
                return command[0]
            case "conditional":
                return command[0].lower()
        by_function = self._by_function(role, table, command).verdict == "open"
        return f"({command[0].lower()})" if by_function else ""

    def _by_function(self, role: str, table: str, command: str) -> MatrixEntry:
        direct = self.direct.get((role, table, command), MatrixEntry())
        if direct.verdict == "open":
            return direct
        for function in sorted(self.definer_functions, key=attrgetter("signature")):
            owners = self.direct.get((function.owner, table, command), MatrixEntry())
            if (
                role in function.callers
                and (table, command) in function.reaches
                and owners.verdict == "open"
            ):
                called = f"through SECURITY DEFINER {function.signature}"
                return MatrixEntry("open", note=f"{called}, as its owner {function.owner}")
        return direct

    def _by_cascade(self, role: str, table: str, reached: MatrixEntry, command: str) -> MatrixEntry:
        for key in sorted(self.cascades, key=lambda key: key.name):
            if key.table != table or key.command != command:
                continue
            if self._by_function(role, key.parent, "DELETE").verdict != "denied":
                return MatrixEntry(
                    "undecided",
                    note=f"rows referencing public.{key.parent} rows the role can delete "
                    f"(foreign key {key.name}: ON DELETE {key.action}, run as the table's owner "
                    "with RLS off)",
                )
        return reached


def _document(cell: MatrixEntry) -> dict[str, str | None]:
    return {"verdict": cell.verdict, "predicate": cell.predicate, "note": cell.note}

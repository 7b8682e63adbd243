"""Puts one case to one tool: is the change seen, repaired to the byte, and undone?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import unified_diff
from itertools import count
from typing import Protocol

from tests.autogenerate.battery.cases import Case, Schema
from tests.autogenerate.battery.server import Database, Server

_numbers = count()


class Tool(Protocol):
    """Whatever compares a database with a declaration. A failure of its own is any exception."""

    name: str

    def adopt(self, empty: Database, schema: Schema) -> None:
        """Once: fill the database that every case is a clone of with what is declared."""

    def sees(self, database: Database, case: Case) -> bool: ...

    def repair(self, database: Database, case: Case) -> None: ...

    def undo(self, database: Database, case: Case) -> None: ...


@dataclass(frozen=True)
class Outcome:
    case: Case
    seen: bool = False
    repaired: bool = False
    undone: bool = False
    trouble: str = ""
    """What the tool said, or what differs where it claims success."""

    @property
    def as_expected(self) -> bool:
        reached = (self.seen, self.repaired, self.undone)
        match self.case.expected:
            case "nothing":
                return not self.seen
            case "seen":
                return self.seen
            case "repaired":
                return reached[:2] == (True, True)
            case "undone":
                return reached == (True, True, True)


@dataclass(frozen=True)
class Bench:
    """One server with one adopted database a schema."""

    server: Server
    origins: dict[Schema, Database]

    def put(self, case: Case, tool: Tool) -> Outcome:
        """Raises `asyncpg.PostgresError` and ValueError where the case itself is at fault."""
        with self._clone(case) as database:
            before = database.dump()
            database.run(case.mutation, by_superuser=case.by_superuser)
            try:
                after = database.dump()
                if after == before:
                    raise ValueError(f"{case.label}: changes nothing that pg_dump shows")
                return _judge(tool, database, case, before, after)
            finally:
                database.run(case.afterwards, by_superuser=case.by_superuser)

    @contextmanager
    def _clone(self, case: Case) -> Iterator[Database]:
        origin = self.origins[case.schema]
        clone = self.server.clone(origin, case.schema, f"battery_{next(_numbers)}")
        try:
            yield clone
        finally:
            self.server.drop(clone)


def _judge(tool: Tool, database: Database, case: Case, before: str, after: str) -> Outcome:
    seen = repaired = undone = False
    trouble = ""
    try:
        seen = tool.sees(database, case)
        if seen and case.expected in {"repaired", "undone"}:
            tool.repair(database, case)
            repaired = (now := database.dump()) == before
            trouble = _difference("not repaired", before, now)
            tool.undo(database, case)
            undone = (now := database.dump()) == after
            trouble += _difference("not undone", after, now)
    except Exception as failure:  # whatever a tool does, the next case goes on
        trouble += f"{type(failure).__name__}: {failure}"
    return Outcome(case, seen, repaired, undone, trouble)


def _difference(what: str, wanted: str, found: str) -> str:
    lines = unified_diff(
        wanted.splitlines(), found.splitlines(), "wanted", "found", n=1, lineterm=""
    )
    text = "\n".join(line for line in lines if line.strip("-+ "))
    return f"{what}:\n{text}\n" if text else ""

"""Puts one case to one tool: is the change seen, repaired to the byte, and undone?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import Protocol, Self

from tests.autogenerate.battery.cases import Case, Schema
from tests.autogenerate.battery.server import Database, Server

CLONE = "battery_case"


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


@dataclass
class Bench:
    """One server with one database a schema, which `tool` has adopted."""

    server: Server
    tool: Tool
    _origins: dict[Schema, Database] = field(default_factory=dict, init=False)
    _unspoilt: dict[Schema, str] = field(default_factory=dict, init=False)

    def put(self, case: Case) -> Outcome:
        """Raises `asyncpg.PostgresError` and ValueError where the case itself is at fault."""
        self._adopt(case.schema)
        with self._clone(case.schema) as database:
            before = Dump(self._unspoilt[case.schema], database.roles())
            database.run(case.mutation, by_superuser=case.by_superuser)
            try:
                after = Dump.of(database)
                if after == before:
                    raise ValueError(f"{case.label}: changes nothing that pg_dump shows")
                return _judge(self.tool, database, case, before, after)
            finally:
                database.run(case.afterwards, by_superuser=case.by_superuser)

    def close(self) -> None:
        """Leave nothing on the server but roles."""
        while self._origins:
            self.server.drop(self._origins.popitem()[1])

    def _adopt(self, schema: Schema) -> None:
        if schema in self._origins:
            return
        origin = self.server.create(f"battery_{schema}")
        self.tool.adopt(origin, schema)
        self._origins[schema] = origin
        with self._clone(schema) as clone:
            self._unspoilt[schema] = clone.schema()

    @contextmanager
    def _clone(self, schema: Schema) -> Iterator[Database]:
        """Always of the same name, for a dump names its database."""
        clone = self.server.clone(self._origins[schema], schema, CLONE)
        try:
            yield clone
        finally:
            self.server.drop(clone)


@dataclass(frozen=True)
class Dump:
    schema: str
    roles: str

    @classmethod
    def of(cls, database: Database) -> Self:
        return cls(database.schema(), database.roles())

    def difference(self, other: Self) -> str:
        """Lines that are in one of them only."""
        lines = unified_diff(
            (self.schema + self.roles).splitlines(),
            (other.schema + other.roles).splitlines(),
            "wanted",
            "found",
            n=1,
            lineterm="",
        )
        return "\n".join(line for line in lines if line.strip("-+ "))


def _judge(tool: Tool, database: Database, case: Case, before: Dump, after: Dump) -> Outcome:
    seen = repaired = undone = False
    trouble = ""
    try:
        seen = tool.sees(database, case)
        if seen and case.expected in {"repaired", "undone"}:
            tool.repair(database, case)
            repaired = (now := Dump.of(database)) == before
            if not repaired:
                trouble = f"not repaired:\n{before.difference(now)}\n"
            tool.undo(database, case)
            undone = (now := Dump.of(database)) == after
            if not undone:
                trouble += f"not undone:\n{after.difference(now)}\n"
    except Exception as failure:  # whatever a tool does, the next case goes on
        trouble += f"{type(failure).__name__}: {failure}"
    return Outcome(case, seen, repaired, undone, trouble)

"""What a check is: a question to the database, and why its answer matters."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Protocol

import asyncpg
from sqlalchemy import URL

from qlmodels.doctor.finding import Finding, Level


@dataclass(frozen=True)
class CheckContext:
    """The database at hand: the URL that it is asked by, a connection by it, the panel's URL."""

    url: URL
    connection: asyncpg.Connection
    panel: URL | None = None


class Check(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def needs_owner(self) -> bool:
        """Whether another login than the owner's would be told something else, or nothing."""
        ...

    async def findings(self, context: CheckContext) -> list[Finding]: ...


@dataclass(frozen=True)
class SqlCheck:
    """A check that one query answers: checks/`name`.sql gives what, evidence and fix, a row each.

    `values` are its thresholds, $1 and so on.
    """

    name: str
    why: str
    level: Level = "error"
    values: Sequence[Any] = ()
    needs_owner: bool = False

    async def findings(self, context: CheckContext) -> list[Finding]:
        rows = await context.connection.fetch(query(self.name), *self.values)
        return [Finding(check=self.name, level=self.level, why=self.why, **row) for row in rows]


def query(name: str) -> str:
    return (resources.files("qlmodels.doctor") / "checks" / f"{name}.sql").read_text("utf-8")

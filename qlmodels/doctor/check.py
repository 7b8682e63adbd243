"""What a check is: a question to the database, and why its answer matters."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Protocol

import asyncpg
from sqlalchemy import URL

from qlmodels.doctor.finding import Finding, Level


@dataclass(frozen=True)
class Patient:
    """The database at hand: its owner's URL, a connection by it, and the panel's URL."""

    url: URL
    owner: asyncpg.Connection
    panel: URL | None = None


class Check(Protocol):
    @property
    def name(self) -> str: ...

    async def findings(self, patient: Patient) -> list[Finding]: ...


@dataclass(frozen=True)
class Question:
    """A check that one query answers: checks/`name`.sql gives what, evidence and mend, a row each.

    `values` are its thresholds, $1 and so on.
    """

    name: str
    why: str
    level: Level = "fault"
    values: Sequence[Any] = ()

    async def findings(self, patient: Patient) -> list[Finding]:
        rows = await patient.owner.fetch(query(self.name), *self.values)
        return [Finding(check=self.name, level=self.level, why=self.why, **row) for row in rows]


def query(name: str) -> str:
    return (resources.files("qlmodels.doctor") / "checks" / f"{name}.sql").read_text("utf-8")

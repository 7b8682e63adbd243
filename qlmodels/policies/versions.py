"""Keeping a Q-table as a version, and finding what was kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

import asyncpg

from qlmodels.errors import UnknownAgentType
from qlmodels.files import sql_of
from qlmodels.policies.errors import NoSuchVersion

sql = sql_of("qlmodels.policies")

Reason: TypeAlias = Literal["hand", "session", "merge", "import", "restore", "purge", "promote"]


@dataclass(frozen=True, slots=True)
class Version:
    """A kept Q-table. `login` kept it, for `panel_user` if that is the panel's."""

    number: int
    kept_at: datetime
    reason: Reason
    login: str
    panel_user: str | None
    note: str | None
    states: int
    pairs: int
    visits: int

    @property
    def who(self) -> str:
        return self.panel_user or self.login


async def keep(
    connection: asyncpg.Connection,
    agent_type: str,
    reason: Reason = "hand",
    note: str | None = None,
    *,
    beyond: int = 0,
) -> int | None:
    """Keep the Q-table as it is; its number, greater than `beyond`. Nobody waits meanwhile.

    None where there are no pairs, before an import and at a session's end. Raises
    UnknownAgentType.
    """
    await environments_of(connection, [agent_type])
    number: int | None = await connection.fetchval(
        "select qlmodels_private.keep_policy($1, $2, $3, $4)", agent_type, reason, note, beyond
    )
    return number


async def read_versions(connection: asyncpg.Connection, agent_type: str) -> list[Version]:
    """What is kept of an agent type, the newest first."""
    return [Version(*row) for row in await connection.fetch(sql("versions"), agent_type, None)]


async def require_version(connection: asyncpg.Connection, agent_type: str, number: int) -> Version:
    """Raises NoSuchVersion."""
    row = await connection.fetchrow(sql("versions"), agent_type, number)
    if row is None:
        kept = [version.number for version in await read_versions(connection, agent_type)]
        there = f"versions {_listed(kept)} are" if kept else "nothing is"
        raise NoSuchVersion(
            f"Agent type {agent_type} has no version {number}: {there} kept; what is kept at the "
            "ends of sessions is thinned out."
        )
    return Version(*row)


async def environments_of(
    connection: asyncpg.Connection, agent_types: Sequence[str] | None = None
) -> dict[str, str | None]:
    """Their environments by name; without names, of all agent types that have learned something.

    Raises UnknownAgentType.
    """
    names = None if agent_types is None else list(agent_types)
    environments = {row[0]: row[1] for row in await connection.fetch(sql("kinds"), names)}
    for name in names or ():
        if name not in environments:
            raise UnknownAgentType.of(name)
    return environments


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, sorted(numbers)[-10:]))
    return shown if len(numbers) <= 10 else f"up to {shown}"

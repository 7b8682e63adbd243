"""Removing agent types: those that have no rows, and those whose rows go with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from asyncpg.exceptions import (
    ForeignKeyViolationError,
    RestrictViolationError,
    SerializationError,
)
from sqlalchemy import URL

from qlmodels import archive, logins, migrate
from qlmodels.agent_types.errors import AgentTypeInUse
from qlmodels.connection import as_url, connect
from qlmodels.errors import UnknownAgentType
from qlmodels.files import Progress, sql_of

_sql = sql_of("qlmodels.agent_types")


@dataclass(frozen=True, slots=True)
class RemovedAgentTypes:
    """What was removed: agent types, and how many rows of theirs, by table.

    A login that was not made for this database stays; `logins` are those that were dropped.
    """

    agent_types: tuple[str, ...]
    rows: dict[str, int]
    logins: tuple[str, ...]


async def remove_agent_types(
    owner: URL | str,
    agent_types: Sequence[str],
    *,
    archive_to: Path | None,
    watch: Progress | None = None,
) -> RemovedAgentTypes:
    """Delete agent types with their rows, kept versions and logins: all of it, or nothing.

    `owner` is the URL of the migrating login. An archive of exactly the rows that are deleted is
    written to the folder `archive_to` first; None writes none. Kept versions are in no archive.

    Raises UnknownAgentType, AgentTypeInUse where rows were written meanwhile, WrongRevision, and
    what `qlmodels.archive.export` raises; then nothing was removed.
    """
    await migrate.require_head(as_url(owner))
    async with connect(owner) as connection:
        names = await require_agent_types(connection, agent_types)
        try:
            async with connection.transaction(isolation="repeatable_read"):
                await connection.execute("set local row_security = on")
                await archive.lock_agent_types(connection, names)
                if archive_to is not None:
                    await archive.export_within(connection, archive_to, names, watch=watch)
                rows = await _delete(connection, names)
                dropped = await _drop_logins(connection, names)
        except (SerializationError, ForeignKeyViolationError, RestrictViolationError) as error:
            raise AgentTypeInUse(
                f"Rows of {', '.join(names)} were written while they were removed, so nothing was "
                "removed. Stop the agents and try again."
            ) from error
    return RemovedAgentTypes(tuple(names), rows, dropped)


async def remove_unused_agent_types(
    owner: asyncpg.Connection, agent_types: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Delete agent types that have no rows, with their logins; return those that went and stayed.

    Raises UnknownAgentType.
    """
    known = await require_agent_types(owner, agent_types)
    async with owner.transaction():
        gone = await owner.fetch(_sql("remove_unused"), known)
        removed = sorted(row["agent_type"] for row in gone)
        await _drop_logins(owner, removed)
    return removed, sorted(set(known) - set(removed))


async def require_agent_types(owner: asyncpg.Connection, agent_types: Sequence[str]) -> list[str]:
    """Return the names, each once and sorted. Raises UnknownAgentType."""
    rows = await owner.fetch(
        "select agent_type from public.agent_types where agent_type = any ($1::text[])",
        list(agent_types),
    )
    known = {row["agent_type"] for row in rows}
    if unknown := sorted(set(agent_types) - known):
        raise UnknownAgentType.of(*unknown)
    return sorted(known)


async def _delete(connection: asyncpg.Connection, names: Sequence[str]) -> dict[str, int]:
    status = await connection.execute(_sql("delete_versions"), list(names))
    rows = await archive.delete_agent_types(connection, names)
    versions = int(status.split()[-1])
    return {**rows, "policy_versions": versions} if versions else rows


async def _drop_logins(owner: asyncpg.Connection, agent_types: Sequence[str]) -> tuple[str, ...]:
    names = {logins.LOGIN_PREFIXES["agent"] + name for name in agent_types}
    made_here = [
        login.name
        for login in await logins.list_logins(owner)
        if login.name in names and login.made_here
    ]
    await logins.drop_all(owner, made_here)
    return tuple(made_here)

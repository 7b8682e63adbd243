"""Creating agent types with their logins: the rows in one statement, the logins in another."""

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg
from sqlalchemy import URL

from qlmodels import logins
from qlmodels.agent_types.errors import AgentTypeExists
from qlmodels.connection import as_url, at_same_address, connect
from qlmodels.ddl.quoting import identifier
from qlmodels.errors import UnknownAgentType
from qlmodels.files import sql_of
from qlmodels.tables import AgentType, metadata

_sql = sql_of("qlmodels.agent_types")

SET_BY_THE_SERVER: Final = frozenset({"created_at", "updated_at"})
SETTINGS: Final = tuple(
    column.name
    for column in metadata.tables["agent_types"].columns
    if column.name not in SET_BY_THE_SERVER
)
"""Columns of agent_types that a new row is given."""


async def create_agent_types(
    owner: URL | str,
    agent_types: Sequence[AgentType],
    *,
    with_logins: bool = True,
    passwords: Mapping[str, str] | None = None,
) -> dict[str, URL]:
    """Add agent types, all of them or none, and return the URL that the login of each connects by.

    `owner` is the URL of the migrating login. `passwords` are by agent type; those that are not
    given are generated, and kept nowhere but in the URLs. The result is empty without logins.

    Raises AgentTypeExists, BadLoginName, LoginOfOtherDatabase, NotAllowed.
    """
    async with connect(owner) as connection, connection.transaction():
        await _insert(connection, agent_types)
        if not with_logins:
            return {}
        names = [row.agent_type for row in agent_types]
        return await _make_logins(connection, as_url(owner), names, passwords or {})


async def copy_agent_type(
    owner: URL | str,
    source: str,
    name: str,
    changes: Mapping[str, Any],
    *,
    with_logins: bool = True,
    passwords: Mapping[str, str] | None = None,
) -> dict[str, URL]:
    """Add an agent type with the settings of `source`, except for `changes`, by column.

    Copies how `source` hashes, but none of its rows. Returns what `create_agent_types` returns.
    Raises UnknownAgentType, pydantic.ValidationError for settings that no agent type can have, and
    what `create_agent_types` raises.
    """
    async with connect(owner) as connection, connection.transaction():
        settings = await connection.fetchval(_sql("settings"), source)
        if settings is None:
            raise UnknownAgentType.of(source)
        given = {key: value for key, value in json.loads(settings).items() if key in SETTINGS}
        row = AgentType(**{**given, **changes, "agent_type": name})
        await _insert(connection, [row])
        await connection.execute(_sql("copy_adopted_hashes"), source, name)
        if not with_logins:
            return {}
        return await _make_logins(connection, as_url(owner), [name], passwords or {})


async def _insert(connection: asyncpg.Connection, rows: Sequence[AgentType]) -> None:
    names = [row.agent_type for row in rows]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise AgentTypeExists(f"{', '.join(twice)} is to be created twice. Name each once.")
    columns = ", ".join(map(identifier, SETTINGS))
    documents = json.dumps([row.model_dump(mode="json", by_alias=True) for row in rows])
    made = await connection.fetch(_sql("insert").format(columns=columns), documents)
    if existing := sorted(set(names) - {row["agent_type"] for row in made}):
        raise AgentTypeExists(
            f"There is an agent type {', '.join(existing)} already: change it by `qlmodels agent "
            f"set {existing[0]}`, or choose another name."
        )


async def _make_logins(
    connection: asyncpg.Connection, url: URL, names: Sequence[str], given: Mapping[str, str]
) -> dict[str, URL]:
    passwords = {name: given.get(name) or secrets.token_urlsafe(24) for name in names}
    made = await logins.ensure_agents(connection, passwords)
    return {name: at_same_address(url, made[name], passwords[name]) for name in names}

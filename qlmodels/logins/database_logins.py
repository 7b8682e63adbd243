"""Logins of agents, orchestrators and the panel: made, listed, rotated and revoked by the owner.

Postgres is given the SCRAM verifier, so that a password is in no statement and in no log.
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

from qlmodels.errors import NotAllowed, QLModelsError, UnknownAgentType
from qlmodels.files import sql_of
from qlmodels.logins.scram import verifier

_sql = sql_of("qlmodels.ddl")


LoginKind = Literal["agent", "fleet", "panel"]

LOGIN_PREFIXES: dict[LoginKind, str] = {"agent": "ql_", "fleet": "qlfleet_", "panel": "qlpanel_"}
GROUP_ROLES: dict[LoginKind, str] = {
    "agent": "qlmodels_agent",
    "fleet": "qlmodels_fleet",
    "panel": "qlmodels_panel",
}
CONNECTION_LIMITS: dict[LoginKind, int] = {"agent": 10, "fleet": 20, "panel": 20}
LOGIN_NAME = re.compile(r"[a-z][a-z0-9_-]{0,49}")
"""Postgres cuts names at 63 bytes, and a login cut short would be another one."""


class NoSuchLogin(QLModelsError):
    """There is no such login: see `qlmodels login list`."""


class BadLoginName(QLModelsError):
    """A login is named by lower-case letters, digits, - and _: 50 at most, a letter first."""


class LoginOfOtherDatabase(QLModelsError):
    """Roles are the server's, and this one was made for another database of it."""


class LoginExists(QLModelsError):
    """There is such a login already: `qlmodels login rotate` gives it a new password."""


@dataclass(frozen=True, slots=True)
class Login:
    name: str
    kind: LoginKind
    may_act_as: tuple[str, ...]
    connection_limit: int
    valid_until: datetime | None
    other_database: str | None
    """The database of this server that it was made for, where that is another one."""

    made_here: bool
    """Whether it was made for this database; what an earlier release made says for none."""


async def create(
    owner: asyncpg.Connection,
    kind: LoginKind,
    name: str,
    password: str,
    *,
    may_act_as: Sequence[str] = (),
    connection_limit: int | None = None,
) -> str:
    """Make a login and give its name: the prefix of its kind, then `name`.

    `name` of an agent's login is the agent type, and nothing else says whose rows it sees;
    `may_act_as` are the agent types of an orchestrator's login.

    Raises BadLoginName, LoginExists, LoginOfOtherDatabase, UnknownAgentType, NotAllowed.
    """
    _require_login_name(name)
    login = LOGIN_PREFIXES[kind] + name
    async with owner.transaction():
        await _require_agent_types(owner, [name] if kind == "agent" else may_act_as)
        limit = CONNECTION_LIMITS[kind] if connection_limit is None else connection_limit
        await _make(owner, kind, login, verifier(password), limit)
        await owner.executemany(
            "insert into qlmodels_private.fleet_grants (login, agent_type) values ($1, $2)",
            [(login, agent_type) for agent_type in may_act_as],
        )
    return login


def _require_login_name(name: str) -> None:
    if not LOGIN_NAME.fullmatch(name):
        raise BadLoginName(f"A login cannot be named {name!r}. {BadLoginName.__doc__}")


async def recreate(
    owner: asyncpg.Connection,
    kind: LoginKind,
    login: str,
    *,
    stored: str | None,
    connection_limit: int,
    valid_until: datetime | None,
) -> None:
    """Make a login of a backup, with the verifier of its password; without one it has none.

    Raises LoginExists, LoginOfOtherDatabase, NotAllowed.
    """
    async with owner.transaction():
        await _make(owner, kind, login, stored or "", connection_limit, valid_until)


async def _make(
    owner: asyncpg.Connection,
    kind: LoginKind,
    login: str,
    stored: str,
    limit: int,
    valid_until: datetime | None = None,
) -> None:
    given = _new_login(kind, login, stored, limit, valid_until)
    try:
        await _administer(owner, "create", [given])
    except asyncpg.DuplicateObjectError as error:
        await _find(owner, login)
        raise LoginExists(
            f"Login {login} exists already: `qlmodels login rotate` gives it a new password."
        ) from error


def _new_login(
    kind: LoginKind, login: str, stored: str, limit: int, valid_until: datetime | None = None
) -> dict[str, str | int]:
    return {
        "name": login,
        "group": GROUP_ROLES[kind],
        "verifier": stored,
        "connections": limit,
        "valid_until": valid_until.isoformat() if valid_until is not None else "infinity",
    }


async def ensure_agents(owner: asyncpg.Connection, passwords: Mapping[str, str]) -> dict[str, str]:
    """Make the logins of agent types, by `passwords`, and return their names by agent type.

    One that exists gets this password. Raises BadLoginName, LoginOfOtherDatabase, LoginExists for
    a role of that name that is no login of ours, UnknownAgentType, NotAllowed.
    """
    for name in passwords:
        _require_login_name(name)
    names = {agent_type: LOGIN_PREFIXES["agent"] + agent_type for agent_type in passwords}
    verifiers = await asyncio.to_thread(
        lambda: {name: verifier(password) for name, password in passwords.items()}
    )
    async with owner.transaction():
        await _require_agent_types(owner, [*passwords])
        existing = {login.name: login for login in await list_logins(owner)}
        made, rotated = [], []
        for agent_type, login in names.items():
            if login in existing:
                _refuse_other_database(existing[login])
                rotated.append({"name": login, "verifier": verifiers[agent_type]})
            else:
                limit = CONNECTION_LIMITS["agent"]
                made.append(_new_login("agent", login, verifiers[agent_type], limit))
        await _administer(owner, "rotate", rotated)
        try:
            await _administer(owner, "create", made)
        except asyncpg.DuplicateObjectError as error:
            raise LoginExists(
                f"A login of an agent type cannot be made: {error}. That role is no login of "
                "qlmodels. Rename it, or choose another agent type."
            ) from error
    return names


async def ensure(owner: asyncpg.Connection, kind: LoginKind, name: str, password: str) -> str:
    """Make a login where there is none, and see to it that this is its password."""
    try:
        return await create(owner, kind, name, password)
    except LoginExists:
        login = LOGIN_PREFIXES[kind] + name
        await rotate(owner, login, password)
        return login


async def rotate(owner: asyncpg.Connection, login: str, password: str) -> None:
    """Give a login another password; its open connections go on.

    Raises NoSuchLogin, LoginOfOtherDatabase, NotAllowed.
    """
    await _find(owner, login)
    await _administer(owner, "rotate", [{"name": login, "verifier": verifier(password)}])


async def set_limit(owner: asyncpg.Connection, login: str, limit: int) -> None:
    """Let a login hold at most `limit` connections from now on; -1 is any number.

    Raises NoSuchLogin, LoginOfOtherDatabase, NotAllowed.
    """
    await _find(owner, login)
    await _administer(owner, "limit", [{"name": login, "connections": limit}])


async def drop(owner: asyncpg.Connection, login: str) -> None:
    """End a login, its grants and its open connections; its rows stay.

    It is disabled first, so that no session begins while its connections are ended. May be called
    again after an interruption. Raises NoSuchLogin, LoginOfOtherDatabase, NotAllowed.
    """
    await _find(owner, login)
    await drop_all(owner, [login])


async def drop_all(owner: asyncpg.Connection, logins: Sequence[str]) -> None:
    """`drop`, of logins of ours that exist and were made for this database. Raises NotAllowed."""
    given = [{"name": login} for login in logins]
    await _administer(owner, "disable", given)
    async with owner.transaction():
        await owner.execute(
            "delete from qlmodels_private.fleet_grants where login = any ($1::text[])",
            list(logins),
        )
        await _administer(owner, "drop", given)


async def list_logins(owner: asyncpg.Connection) -> list[Login]:
    """All logins of ours, by name."""
    rows = await owner.fetch(_sql("logins/list_logins"))
    return [Login(**{**row, "may_act_as": tuple(row["may_act_as"])}) for row in rows]


async def _find(owner: asyncpg.Connection, login: str) -> Login:
    for row in await list_logins(owner):
        if row.name == login:
            _refuse_other_database(row)
            return row
    raise NoSuchLogin(f"There is no login {login} of qlmodels: see `qlmodels login list`.")


def _refuse_other_database(login: Login) -> None:
    if login.other_database is not None:
        raise LoginOfOtherDatabase(
            f"Login {login.name} was made for database {login.other_database} of this server, "
            "which may be in use with it. Change it from there, or keep this database on a server "
            "of its own."
        )


async def _require_agent_types(owner: asyncpg.Connection, wanted: Sequence[str]) -> None:
    known = await owner.fetch(
        "select agent_type from public.agent_types where agent_type = any($1)", list(wanted)
    )
    if unknown := sorted(set(wanted) - {row["agent_type"] for row in known}):
        raise UnknownAgentType.of(*unknown)


async def _administer(
    owner: asyncpg.Connection,
    action: Literal["create", "rotate", "limit", "disable", "drop"],
    logins: Sequence[Mapping[str, str | int]],
) -> None:
    """Run `action`_login.sql, whose input is a setting of this transaction: DDL takes no binds."""
    if not logins:
        return
    try:
        async with owner.transaction():
            await owner.execute(
                "select set_config('qlmodels.logins', $1, true)", json.dumps(logins)
            )
            await owner.execute(_sql(f"logins/{action}_login"))
    except asyncpg.InsufficientPrivilegeError as error:
        named = ", ".join(str(login["name"]) for login in logins)
        raise NotAllowed(
            f"The owner's login may not {action} login {named} ({error}): it needs CREATEROLE, "
            "and on Postgres 16 and later ADMIN on the role."
        ) from error

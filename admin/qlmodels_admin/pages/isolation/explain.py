"""One row under scrutiny: which grants and policies let a role reach it, and which do not."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from asyncpg.exceptions import PostgresError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from qlmodels.ddl.access import AGENT_ROLE, FLEET_ROLE
from qlmodels.ddl.quoting import literal
from qlmodels.logins import LOGIN_PREFIXES
from qlmodels.tables import metadata
from qlmodels_admin.db import asyncpg_connection, statements_of

query = statements_of(__package__)

_SPEAKS: Final = text(
    "select set_config('app.agent_type', :agent_type, true), "
    "set_config('request.jwt.claims', :claims, true)"
)
_SESSION_USER: Final = re.compile(r"\bSESSION_USER\b")
IS_UNCONFINED: Final = "qlmodels.is_unconfined()"
LOGIN_AGENT_TYPE: Final = "qlmodels.agent_of_login()"


@dataclass(frozen=True, slots=True)
class AppliedPolicy:
    """A policy, and whether its conditions hold for the row; None without a row or an answer."""

    name: str
    command: str
    is_permissive: bool
    roles: list[str]
    applies: bool
    using: str | None
    check: str | None
    using_holds: bool | None
    check_holds: bool | None

    def holds(self, command: str) -> bool | None:
        """For a row that is there, or for INSERT one that would be written as it is."""
        return self.check_holds if command == "INSERT" else self.using_holds


@dataclass(frozen=True, slots=True)
class AppliedGrant:
    """What is granted for one command: the whole table, some columns, or nothing."""

    command: str
    is_whole: bool
    columns: list[str]
    is_exempt: bool

    def verdict(self, scrutiny: "Explanation") -> tuple[bool | None, str]:
        """Return whether the row is reached, None where nobody asked about one; and why."""
        if not self.is_whole and not self.columns:
            return False, f"no {self.command} is granted."
        some = "" if self.is_whole else f" Granted on {', '.join(self.columns)} alone."
        if self.is_exempt:
            return True, f"row-level security does not bind the role.{some}"
        rules = [
            rule
            for rule in scrutiny.rules
            if rule.applies and rule.command in {"ALL", self.command}
        ]
        allowing = [rule for rule in rules if rule.is_permissive]
        if not allowing:
            return False, f"no policy for {self.command} applies to the role."
        named = ", ".join(rule.name for rule in allowing)
        if not scrutiny.is_found:
            return None, f"{named} decides, row by row.{some}"
        against = [rule for rule in rules if not rule.is_permissive]
        if forbidding := [rule.name for rule in against if not rule.holds(self.command)]:
            return False, f"{', '.join(forbidding)} restricts, and is not true for this row."
        if letting := [rule.name for rule in allowing if rule.holds(self.command)]:
            return True, f"{', '.join(letting)} lets this row through.{some}"
        return False, f"{named} is not true for this row."


@dataclass(frozen=True, slots=True)
class Explanation:
    rules: list[AppliedPolicy]
    rights: list[AppliedGrant]
    is_found: bool
    """Whether there is a row of the key."""

    speaker: str
    """As whom the role was taken to come."""

    tried: bool | None
    """Whether the row came back to an orchestrator who speaks for the agent type."""


async def explain(
    connection: AsyncConnection,
    table: str,
    role: str,
    agent_type: str | None,
    key: Sequence[Any] | None,
) -> Explanation:
    """The policies of the table and the grants of the role, evaluated for the row of the key."""
    values = {"role": role, "table_name": table}
    policies = (await connection.execute(query("policies"), values)).mappings().all()
    grants = (await connection.execute(query("grants"), values)).mappings().all()
    claims = json.dumps({"app_metadata": {"agent_type": agent_type}})
    await connection.execute(_SPEAKS, {"agent_type": agent_type or "", "claims": claims})
    row = _Row(connection, table, key, agent_type, is_agent=role == AGENT_ROLE)
    rules = [
        AppliedPolicy(
            policy["name"],
            policy["command"],
            policy["is_permissive"],
            policy["roles"],
            policy["applies"],
            policy["using_"],
            policy["check_"],
            await row.satisfies(policy["using_"]),
            await row.satisfies(policy["check_"] or policy["using_"]),
        )
        for policy in policies
    ]
    rights = [AppliedGrant(**grant) for grant in grants]
    is_found = bool(await row.satisfies("true"))
    speaker = (
        f"login {LOGIN_PREFIXES['agent']}{agent_type}"
        if role == AGENT_ROLE
        else f"speaking for {agent_type}"
    )
    tried = await row.comes_back() if role == FLEET_ROLE and agent_type and is_found else None
    return Explanation(rules, rights, is_found, speaker, tried)


@dataclass(frozen=True, slots=True)
class _Row:
    connection: AsyncConnection
    table: str
    key: Sequence[Any] | None
    agent_type: str | None
    is_agent: bool

    async def satisfies(self, condition: str | None) -> bool | None:
        """Return whether a policy's condition is true for the row, as the login of the agent type.

        The condition is Postgres' own print of what the table's owner declared. It runs with the
        panel's rights in a transaction that can only read; the login's name stands in it, for no
        session can be another login's.
        """
        if condition is None or self.key is None:
            return None
        login = literal(f"{LOGIN_PREFIXES['agent']}{self.agent_type}")
        seen = _SESSION_USER.sub(f"{login}::name", condition)
        if self.is_agent:  # the functions would answer for the panel's own login
            seen = seen.replace(IS_UNCONFINED, "false")
            seen = seen.replace(LOGIN_AGENT_TYPE, literal(self.agent_type or ""))
        return await self._ask(f"select ({seen}) is true from {self._place}")  # noqa: S608

    async def comes_back(self) -> bool | None:
        """Return whether an orchestrator who speaks for the agent type is given the row."""
        try:
            async with self.connection.begin_nested() as attempt:
                await self.connection.execute(query("act_as"), {"agent_type": self.agent_type})
                is_given = await self._ask(f"select true from {self._place}")  # noqa: S608
                await attempt.rollback()
        except DBAPIError:
            return None
        return is_given is True

    @property
    def _place(self) -> str:
        columns = metadata.tables[self.table].primary_key.columns
        wanted = " and ".join(
            f"{column.name} = ${place}" for place, column in enumerate(columns, 1)
        )
        return f"public.{self.table} where {wanted}"

    async def _ask(self, statement: str) -> bool | None:
        driver = await asyncpg_connection(self.connection)
        try:
            async with driver.transaction():
                holds: bool | None = await driver.fetchval(statement, *(self.key or ()))
        except PostgresError:
            return None
        return holds

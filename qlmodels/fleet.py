"""The agent types of a testing fleet, which a first upgrade adds, and the end of agent types."""

from collections.abc import Sequence
from typing import Final

import asyncpg

from qlmodels import logins
from qlmodels.errors import UnknownAgentType
from qlmodels.files import sql_of

_sql = sql_of("qlmodels.ddl")

TESTING_FLEET: Final = (
    "api-contract-validator",
    "chaos-engineer",
    "code-complexity",
    "coverage-analyzer",
    "deployment-readiness",
    "flaky-test-hunter",
    "fleet-commander",
    "performance-tester",
    "production-intelligence",
    "quality-analyzer",
    "quality-gate",
    "regression-risk-analyzer",
    "requirements-validator",
    "security-scanner",
    "test-data-architect",
    "test-executor",
    "test-generator",
    "visual-tester",
)
"""What a first upgrade adds, for clients that write rows of them without adding them."""


async def remove_agent_types(
    owner: asyncpg.Connection, agent_types: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Delete agent types that have no rows, with their logins; return those that went and stayed.

    A login that was not made for this database stays. Raises UnknownAgentType.
    """
    rows = await owner.fetch(
        "select agent_type from public.agent_types where agent_type = any ($1::text[])",
        list(agent_types),
    )
    known = {row["agent_type"] for row in rows}
    if unknown := sorted(set(agent_types) - known):
        raise UnknownAgentType.of(*unknown)
    async with owner.transaction():
        gone = await owner.fetch(_sql("remove_agent_types"), sorted(known))
        removed = sorted(row["agent_type"] for row in gone)
        names = {logins.LOGIN_PREFIXES["agent"] + name for name in removed}
        for login in await logins.list_logins(owner):
            if login.name in names and login.made_here:
                await logins.drop(owner, login.name)
    return removed, sorted(known - set(removed))


async def fleet_of(owner: asyncpg.Connection) -> list[str]:
    """Return the agent types of TESTING_FLEET that are there."""
    rows = await owner.fetch(
        "select agent_type from public.agent_types where agent_type = any ($1::text[]) "
        "order by agent_type",
        list(TESTING_FLEET),
    )
    return [row["agent_type"] for row in rows]

"""The agent types of a testing fleet, which a first upgrade adds."""

from typing import Final

import asyncpg

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


async def fleet_of(owner: asyncpg.Connection) -> list[str]:
    """Return the agent types of TESTING_FLEET that are there."""
    rows = await owner.fetch(
        "select agent_type from public.agent_types where agent_type = any ($1::text[]) "
        "order by agent_type",
        list(TESTING_FLEET),
    )
    return [row["agent_type"] for row in rows]

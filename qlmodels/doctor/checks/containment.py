"""Agents that search documents themselves, where row-level security keeps the GIN indexes away."""

from dataclasses import dataclass

import asyncpg

from qlmodels.doctor.check import CheckContext, query
from qlmodels.doctor.finding import Finding, hidden


@dataclass(frozen=True)
class ContainmentCheck:
    """Told by pg_stat_statements, where the database has it and its owner may read it."""

    calls: int = 10
    name: str = "containment"
    needs_owner: bool = True

    async def findings(self, context: CheckContext) -> list[Finding]:
        try:
            async with context.connection.transaction():
                if not await context.connection.fetchval(query("containment_place")):
                    return []
                if grant := await context.connection.fetchval(query("statistics_grant")):
                    return [hidden(self.name, "statements", grant)]
                rows = await context.connection.fetch(query(self.name), self.calls)
        except asyncpg.ObjectNotInPrerequisiteStateError:  # created, and not preloaded
            return []
        return [
            Finding(
                self.name,
                "error",
                why="@> is not leakproof, so that it is asked after the policy, row by row, and "
                "no GIN index serves it; the functions search as one who is audited.",
                **row,
            )
            for row in rows
        ]


CHECK = ContainmentCheck()

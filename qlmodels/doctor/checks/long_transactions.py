"""Transactions that have been open for long."""

from dataclasses import dataclass

from qlmodels.doctor.check import CheckContext, query
from qlmodels.doctor.finding import Finding, hidden


@dataclass(frozen=True)
class LongTransactionsCheck:
    """Of all logins, where this one may see them; else of its own, and it says so."""

    minutes: int = 15
    name: str = "long_transactions"
    needs_owner: bool = True

    async def findings(self, context: CheckContext) -> list[Finding]:
        rows = await context.connection.fetch(query(self.name), self.minutes)
        findings = [
            Finding(
                self.name,
                "error",
                why="Vacuum keeps every row that the oldest transaction might still see, "
                "and migrations wait behind its locks.",
                **row,
            )
            for row in rows
        ]
        grant = await context.connection.fetchval(query("statistics_grant"))
        return [*findings, *([hidden(self.name, "transactions", grant)] if grant else [])]


CHECK = LongTransactionsCheck()

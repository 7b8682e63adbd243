"""Prepared statements that clients leave on the server connections of a transaction pooler."""

from dataclasses import dataclass

from qlmodels.connection import pooler_of
from qlmodels.doctor.check import CheckContext, query
from qlmodels.doctor.finding import Finding


@dataclass(frozen=True)
class StatementCachesCheck:
    """Looked for on the one server connection that the pooler happens to give."""

    name: str = "statement_caches"
    needs_owner: bool = False

    async def findings(self, context: CheckContext) -> list[Finding]:
        if pooler_of(context.url) != "transaction":
            return []
        rows = await context.connection.fetch(query(self.name))
        return [
            Finding(
                self.name,
                "error",
                why="The next client on that connection may prepare the same name and fail, or "
                "run another's text; qlmodels' own pools and engines leave none.",
                **row,
            )
            for row in rows
        ]


CHECK = StatementCachesCheck()

"""A pooler in between that the configuration does not know of."""

from dataclasses import dataclass

from qlmodels.connection import pooler_of
from qlmodels.doctor.check import CheckContext, query
from qlmodels.doctor.finding import Finding


@dataclass(frozen=True)
class PoolerCheck:
    name: str = "pooler"
    needs_owner: bool = False

    async def findings(self, context: CheckContext) -> list[Finding]:
        behind = await context.connection.fetchval(query(self.name))
        promised = context.connection.get_server_pid()
        if pooler_of(context.url) != "none" or behind == promised:
            return []
        return [
            Finding(
                self.name,
                "error",
                f"a pooler answers at port {context.url.port}, and none is configured",
                f"the server's process is {behind}, where the connection was promised {promised}",
                "Behind a transaction pooler a prepared statement is on another connection the "
                "next time: statements fail, or run another's text.",
                "export QLMODELS_POOLER=transaction",
            )
        ]


CHECK = PoolerCheck()

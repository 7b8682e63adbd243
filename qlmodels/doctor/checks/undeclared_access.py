"""Policies, privileges, views and functions over the seven tables that are none of ours."""

from dataclasses import dataclass
from typing import Final

from qlmodels.access import undeclared
from qlmodels.doctor.check import CheckContext
from qlmodels.doctor.finding import Finding

OPENS: Final = (
    "It lets rows be seen or changed; what keeps agents and anon out is the restrictive policy "
    '"confined" alone, and other logins are not confined.'
)
LISTED: Final = "It opens nothing by itself, but whoever reads the schema must account for it."


@dataclass(frozen=True)
class UndeclaredAccess:
    name: str = "undeclared_access"
    needs_owner: bool = False

    async def findings(self, context: CheckContext) -> list[Finding]:
        return [
            Finding(
                self.name,
                "error" if access.opens else "warning",
                access.what,
                access.evidence,
                OPENS if access.opens else LISTED,
                access.fix,
            )
            for access in await undeclared(context.connection)
        ]


CHECK = UndeclaredAccess()

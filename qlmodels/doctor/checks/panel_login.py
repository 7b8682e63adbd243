"""Whether the panel's login sees the rows that it is to show, and by policy alone."""

from dataclasses import dataclass

from qlmodels.connection import connect
from qlmodels.doctor.check import CheckContext, query
from qlmodels.doctor.finding import Finding


@dataclass(frozen=True)
class PanelLoginCheck:
    name: str = "panel_login"
    needs_owner: bool = False

    async def findings(self, context: CheckContext) -> list[Finding]:
        if context.panel is None:
            return []
        async with connect(context.panel) as panel:
            rows = await panel.fetch(query(self.name))
        return [
            Finding(
                self.name,
                "error",
                why="The panel shows what its login sees: no row of anybody without the group, "
                "and with more rights than that it passes by row-level security.",
                **row,
            )
            for row in rows
        ]


CHECK = PanelLoginCheck()

"""Whether the panel's login sees the rows that it is to show, and by policy alone."""

from dataclasses import dataclass

from qlmodels.connection import connect
from qlmodels.doctor.check import CheckContext, query
from qlmodels.doctor.finding import Finding


@dataclass(frozen=True)
class PanelLoginCheck:
    name: str = "panel_login"
    needs_owner: bool = False

    async def findings(self, patient: CheckContext) -> list[Finding]:
        if patient.panel is None:
            return []
        async with connect(patient.panel) as panel:
            rows = await panel.fetch(query(self.name))
        return [
            Finding(
                self.name,
                "fault",
                why="The panel shows what its login sees: no row of anybody without the group, "
                "and with more rights than that it passes by row-level security.",
                **row,
            )
            for row in rows
        ]


CHECK = PanelLoginCheck()

"""The checks, one after the other, on one connection of the owner's."""

from collections.abc import Sequence

from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.connection import connect
from qlmodels.doctor.check import Check, Patient
from qlmodels.doctor.checks import ON_ANY, ON_OURS
from qlmodels.doctor.checks.reachability import unreachable
from qlmodels.doctor.finding import Finding


async def diagnose(owner: URL, panel: URL | None = None) -> list[Finding]:
    """Everything that is wrong with the database at `owner`, and with the panel's way to it.

    Nothing is changed. It takes seconds, most of them for `drift`, and one connection by each URL.
    """
    if (refused := await unreachable("DATABASE_URL", owner)) is not None:
        return [refused]
    refused = await unreachable("QLMODELS_PANEL_URL", panel) if panel is not None else None
    found = [refused] if refused is not None else []
    async with connect(owner) as connection:
        patient = Patient(owner, connection, panel if refused is None else None)
        found += await examined(patient, ON_ANY)
        if await migrate.current(owner) is not None:
            found += await examined(patient, ON_OURS)
    return found


async def examined(patient: Patient, checks: Sequence[Check]) -> list[Finding]:
    return [finding for check in checks for finding in await check.findings(patient)]

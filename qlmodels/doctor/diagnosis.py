"""The checks, one after the other, on one connection."""

from collections.abc import Callable, Sequence
from typing import Final

import asyncpg
from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.connection import connect
from qlmodels.doctor.check import Check, Patient
from qlmodels.doctor.checks import CHECKS, ON_ANY, ON_OURS
from qlmodels.doctor.checks.reachability import unreachable
from qlmodels.doctor.finding import Finding

AT_MOST: Final = "30s"
"""What a statement of the panel's login may take, which stands beside the learning fleet."""


async def diagnose(
    owner: URL, panel: URL | None = None, on_check: Callable[[int], None] = lambda _: None
) -> list[Finding]:
    """Everything that is wrong with the database at `owner`, and with the panel's way to it.

    `on_check` is called with 1 after each check. Nothing is changed. It takes seconds, most of
    them for `drift`, and one connection by each URL.
    """
    if (refused := await unreachable("DATABASE_URL", owner)) is not None:
        return [refused]
    refused = await unreachable("QLMODELS_PANEL_URL", panel) if panel is not None else None
    found = [refused] if refused is not None else []
    async with connect(owner) as connection:
        patient = Patient(owner, connection, panel if refused is None else None)
        found += await examined(patient, ON_ANY, on_check)
        if await migrate.current(owner) is not None:
            found += await examined(patient, ON_OURS, on_check)
    return found


async def diagnose_from_panel(panel: URL) -> list[Finding]:
    """What the panel's login can tell by itself; each check that it cannot answer is `unchecked`.

    Nothing is changed. It takes a second, and two connections.
    """
    if (refused := await unreachable("QLMODELS_PANEL_URL", panel)) is not None:
        return [refused, *(_unchecked(check, "the database was not reached") for check in CHECKS)]
    async with connect(panel) as connection:
        patient = Patient(panel, connection, panel)
        return [finding for check in CHECKS for finding in await _ventured(check, patient)]


async def examined(
    patient: Patient, checks: Sequence[Check], on_check: Callable[[int], None] = lambda _: None
) -> list[Finding]:
    found: list[Finding] = []
    for check in checks:
        found += await check.findings(patient)
        on_check(1)
    return found


async def _ventured(check: Check, patient: Patient) -> list[Finding]:
    """Of a login that may be refused the answer."""
    if check.needs_owner:
        return [_unchecked(check, "only the owner's login is told")]
    try:
        async with patient.connection.transaction(readonly=True):
            await patient.connection.execute(
                "select set_config('statement_timeout', $1, true)", AT_MOST
            )
            return await check.findings(patient)
    except (asyncpg.SyntaxOrAccessError, asyncpg.QueryCanceledError) as refusal:
        return [_unchecked(check, str(refusal))]


def _unchecked(check: Check, evidence: str) -> Finding:
    return Finding(
        check.name,
        "unchecked",
        f"{check.name} was not checked",
        evidence,
        "What it looks for may be there, unseen.",
        "qlmodels doctor",
    )

"""What the doctor's checks found from the panel's login, kept until they are asked anew."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, get_args

from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy import URL

from qlmodels.doctor import CHECKS, Finding, diagnose_from_panel
from qlmodels.doctor.finding import Level
from qlmodels.errors import QLModelsError

logger = logging.getLogger(__name__)

REPORT_MAX_AGE: Final = timedelta(hours=1)
"""How old a report may be before a view has it made anew."""

REPORT_WAIT_S: Final = 2.0
"""Seconds that a page waits for checks that are under way; then it goes without."""


@dataclass(frozen=True, slots=True)
class DoctorReport:
    findings: list[Finding]
    at: datetime

    @property
    def troubles(self) -> list[Finding]:
        """What is wrong, the worst first."""
        found = [finding for finding in self.findings if finding.level != "unchecked"]
        return sorted(found, key=lambda finding: get_args(Level).index(finding.level))

    @property
    def unchecked(self) -> dict[str, list[str]]:
        """Checks that could not be asked, by the reason."""
        reasons: dict[str, list[str]] = {}
        for finding in self.findings:
            if finding.level == "unchecked":
                reasons.setdefault(finding.evidence, []).append(finding.check)
        return reasons

    @property
    def passed(self) -> list[str]:
        """Checks that found nothing."""
        told = {finding.check for finding in self.findings}
        return sorted(check.name for check in CHECKS if check.name not in told)

    def on(self, check: str) -> Finding | None:
        """What one check says; None if nothing is wrong, as far as it can tell."""
        return next((finding for finding in self.findings if finding.check == check), None)

    def __str__(self) -> str:
        found = len({finding.check for finding in self.troubles})
        asked = found + len(self.passed)
        missing = sum(len(names) for names in self.unchecked.values())
        told = f"{found} of {asked} checks found something"
        if not found:
            told = f"none of {asked} checks found anything"
        return f"{told}, {missing} could not be asked" if missing else told


class DoctorReports:
    """The last report of this process; one at a time is made, beside all other requests."""

    def __init__(self, panel: URL) -> None:
        self.report: DoctorReport | None = None
        self._panel = panel
        self._task: asyncio.Task[None] | None = None

    @property
    def is_under_way(self) -> bool:
        return self._task is not None and not self._task.done()

    def begin(self) -> None:
        """Ask the checks, unless they are being asked."""
        if not self.is_under_way:
            self._task = asyncio.create_task(self._examine())

    async def read(self) -> DoctorReport | None:
        """The last report; made anew where it is old, and None where that takes long or fails."""
        if self.report is None or datetime.now(UTC) - self.report.at > REPORT_MAX_AGE:
            self.begin()
        if self._task is not None and self.is_under_way:
            await asyncio.wait([self._task], timeout=REPORT_WAIT_S)
        return self.report

    async def stop(self) -> None:
        """End what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _examine(self) -> None:
        try:
            findings = await diagnose_from_panel(self._panel)
        except (OSError, QLModelsError, PostgresError, InterfaceError):
            logger.warning("The checks did not finish; the former report stays.", exc_info=True)
        else:
            self.report = DoctorReport(findings, datetime.now(UTC))

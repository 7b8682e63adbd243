"""The findings of the doctor's checks from the panel's login."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, get_args

from sqlalchemy import URL

from qlmodels.doctor import CHECKS, Finding, diagnose_from_panel
from qlmodels.doctor.finding import Level
from qlmodels_admin.db import Cached

REPORT_MAX_AGE_S: Final = 3600.0
"""Seconds after which a view has the checks asked again."""

REPORT_WAIT_S: Final = 2.0
"""Seconds that a page waits for checks that are under way; then it goes without."""


@dataclass(frozen=True, slots=True)
class DoctorReport:
    findings: list[Finding]
    at: datetime

    @property
    def troubles(self) -> list[Finding]:
        """Return the findings, the worst first."""
        findings = [finding for finding in self.findings if finding.level != "skipped"]
        return sorted(findings, key=lambda finding: get_args(Level).index(finding.level))

    @property
    def skipped(self) -> dict[str, list[str]]:
        """Return the checks that could not be asked, by the reason."""
        reasons: dict[str, list[str]] = {}
        for finding in self.findings:
            if finding.level == "skipped":
                reasons.setdefault(finding.evidence, []).append(finding.check)
        return reasons

    @property
    def passed(self) -> list[str]:
        """Return the checks that found nothing."""
        names = {finding.check for finding in self.findings}
        return sorted(check.name for check in CHECKS if check.name not in names)

    def on(self, check: str) -> Finding | None:
        """Return the finding of one check; None if it found nothing."""
        return next((finding for finding in self.findings if finding.check == check), None)

    def __str__(self) -> str:
        failed = len({finding.check for finding in self.troubles})
        answered = failed + len(self.passed)
        missing = sum(len(names) for names in self.skipped.values())
        sentence = f"{failed} of {answered} checks found something"
        if not failed:
            sentence = f"none of {answered} checks found anything"
        return f"{sentence}, {missing} could not be asked" if missing else sentence


def cached_report(panel: URL) -> Cached[DoctorReport]:
    """Return the cache of the checks that the login of `panel` can ask."""

    async def read() -> DoctorReport:
        return DoctorReport(await diagnose_from_panel(panel), datetime.now(UTC))

    return Cached(
        read,
        max_age_s=REPORT_MAX_AGE_S,
        first_wait_s=REPORT_WAIT_S,
        stale_wait_s=REPORT_WAIT_S,
    )

"""What is wrong with a database, why it matters, and the command that fixes it."""

from qlmodels.doctor.checks import CHECKS
from qlmodels.doctor.diagnosis import diagnose, diagnose_from_panel
from qlmodels.doctor.finding import Finding

__all__ = ["CHECKS", "Finding", "diagnose", "diagnose_from_panel"]

"""What is wrong with a database, why it matters, and the command that mends it."""

from qlmodels.doctor.diagnosis import diagnose
from qlmodels.doctor.finding import Finding

__all__ = ["Finding", "diagnose"]

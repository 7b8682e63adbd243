"""Verdicts on how agent types and instances learn: rules, figures, and the reasons in words."""

from qlmodels.verdicts.history_scan import agent_type_names, scan_history
from qlmodels.verdicts.status import Instance, LearningStatus, fleet_status, read_statuses
from qlmodels.verdicts.thresholds import CONFIDENCE_Z, VERDICTS, Verdict

__all__ = [
    "CONFIDENCE_Z",
    "VERDICTS",
    "Instance",
    "LearningStatus",
    "Verdict",
    "agent_type_names",
    "fleet_status",
    "read_statuses",
    "scan_history",
]

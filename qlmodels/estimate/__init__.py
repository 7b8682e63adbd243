"""How much room a fleet will take, from what a row is measured to take."""

from qlmodels.estimate.load import Load, days_within, moments, storage
from qlmodels.estimate.measuring import ESTIMATED_TABLES, Measured, RowSize, measure
from qlmodels.estimate.plans import Plan, Plans, plans

__all__ = [
    "ESTIMATED_TABLES",
    "Load",
    "Measured",
    "Plan",
    "Plans",
    "RowSize",
    "days_within",
    "measure",
    "moments",
    "plans",
    "storage",
]

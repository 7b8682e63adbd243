"""Taking over a database that the original made: its tables, its rows, in one transaction."""

from qlmodels.adopt.adoption import AdoptedTable, Adoption, ExpiringRows, OnStep, RowsLost, adopt
from qlmodels.adopt.detect import LegacyDatabase, NotTheOriginal, TheOriginal, refuse_original

__all__ = [
    "AdoptedTable",
    "Adoption",
    "ExpiringRows",
    "LegacyDatabase",
    "NotTheOriginal",
    "OnStep",
    "RowsLost",
    "TheOriginal",
    "adopt",
    "refuse_original",
]

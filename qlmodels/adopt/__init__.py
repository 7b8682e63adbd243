"""Taking over a database that the original made: its tables, its rows, in one transaction."""

from qlmodels.adopt.adoption import Adoption, Expiring, Lost, Moved, OnStep, adopt
from qlmodels.adopt.detect import Found, NotTheOriginal, TheOriginal, refuse_original

__all__ = [
    "Adoption",
    "Expiring",
    "Found",
    "Lost",
    "Moved",
    "NotTheOriginal",
    "OnStep",
    "TheOriginal",
    "adopt",
    "refuse_original",
]

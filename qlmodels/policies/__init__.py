"""Kept versions of Q-tables: made, listed, compared, restored; and one merged into another.

Each function works on a connection of asyncpg, inside a transaction of whoever calls: as the
migrating owner or the panel's login, which alone may.
"""

from qlmodels.policies.comparing import Comparison, Moved, Turned, compare
from qlmodels.policies.errors import NoSuchVersion, NotMergeable
from qlmodels.policies.merging import RULES, Merged, Rule, merge, preview_merge
from qlmodels.policies.restoring import Restored, preview_restore, restore
from qlmodels.policies.versions import Reason, Version, keep, known, read_versions

__all__ = [
    "RULES",
    "Comparison",
    "Merged",
    "Moved",
    "NoSuchVersion",
    "NotMergeable",
    "Reason",
    "Restored",
    "Rule",
    "Turned",
    "Version",
    "compare",
    "keep",
    "known",
    "merge",
    "preview_merge",
    "preview_restore",
    "read_versions",
    "restore",
]

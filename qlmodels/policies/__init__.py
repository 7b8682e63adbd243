"""Kept versions of Q-tables: made, listed, compared, restored; and one merged into another.

Each function works on a connection of asyncpg, inside a transaction of whoever calls: as the
migrating owner or the panel's login, which alone may.
"""

from qlmodels.policies.comparing import Comparison, PolicyChange, ValueChange, compare
from qlmodels.policies.errors import NoSuchVersion, NotMergeable
from qlmodels.policies.merging import MERGE_RULES, Merged, MergeRule, merge, preview_merge
from qlmodels.policies.restoring import Restored, preview_restore, restore
from qlmodels.policies.versions import Reason, Version, environments_of, keep, read_versions

__all__ = [
    "MERGE_RULES",
    "Comparison",
    "MergeRule",
    "Merged",
    "NoSuchVersion",
    "NotMergeable",
    "PolicyChange",
    "Reason",
    "Restored",
    "ValueChange",
    "Version",
    "compare",
    "environments_of",
    "keep",
    "merge",
    "preview_merge",
    "preview_restore",
    "read_versions",
    "restore",
]

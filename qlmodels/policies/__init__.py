"""Kept versions of Q-tables: made, listed, compared, restored; merged and promoted.

Each function works on a connection of asyncpg, inside a transaction of whoever calls: as the
migrating owner or the panel's login, which alone may.
"""

from qlmodels.policies.comparing import Comparison, PolicyChange, ValueChange, compare
from qlmodels.policies.errors import (
    NoSuchVersion,
    NothingPromoted,
    NotMergeable,
    NotPromotable,
    SettingsDiffer,
)
from qlmodels.policies.merging import (
    MERGE_RULES,
    Merged,
    MergeRule,
    merge,
    merge_archived,
    preview_merge,
)
from qlmodels.policies.promoting import (
    Promoted,
    last_promotion,
    preview_promotion,
    promote,
    take_back,
)
from qlmodels.policies.restoring import Restored, preview_restore, restore
from qlmodels.policies.versions import Reason, Version, environments_of, keep, read_versions

__all__ = [
    "MERGE_RULES",
    "Comparison",
    "MergeRule",
    "Merged",
    "NoSuchVersion",
    "NotMergeable",
    "NotPromotable",
    "NothingPromoted",
    "PolicyChange",
    "Promoted",
    "Reason",
    "Restored",
    "SettingsDiffer",
    "ValueChange",
    "Version",
    "compare",
    "environments_of",
    "keep",
    "last_promotion",
    "merge",
    "merge_archived",
    "preview_merge",
    "preview_promotion",
    "preview_restore",
    "promote",
    "read_versions",
    "restore",
    "take_back",
]

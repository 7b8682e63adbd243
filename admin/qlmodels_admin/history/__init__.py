"""The audit log's pages: what changed, undo, restore."""

from qlmodels_admin.history.history_view import (
    AuditEntry,
    HistoryView,
    changed_values,
    who_of,
)
from qlmodels_admin.history.restore import RESTORE
from qlmodels_admin.history.undo import undo_routes, undoable_transaction

__all__ = [
    "RESTORE",
    "AuditEntry",
    "HistoryView",
    "changed_values",
    "undo_routes",
    "undoable_transaction",
    "who_of",
]

"""The audit log's pages: what changed, undo, restore."""

from qlmodels_admin.history.history_view import HistoryView, changed_values, who_of
from qlmodels_admin.history.restore import restore_version
from qlmodels_admin.history.undo import undo_changes

__all__ = ["HistoryView", "changed_values", "restore_version", "undo_changes", "who_of"]

"""Backups: all rows and logins of a database in one file, restored on any server."""

from qlmodels.backup.errors import (
    BackupDamaged,
    BackupInTheWay,
    DatabaseHoldsRows,
    NothingToBackUp,
)
from qlmodels.backup.manifest import BackupManifest
from qlmodels.backup.restoring import RestoredLogins, restore_backup
from qlmodels.backup.writing import back_up

__all__ = [
    "BackupDamaged",
    "BackupInTheWay",
    "BackupManifest",
    "DatabaseHoldsRows",
    "NothingToBackUp",
    "RestoredLogins",
    "back_up",
    "restore_backup",
]

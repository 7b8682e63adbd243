"""What keeps a backup from being written or restored."""

from qlmodels.errors import QLModelsError


class BackupInTheWay(QLModelsError):
    """A file of this name is there already: name another one."""


class BackupDamaged(QLModelsError):
    """The file is no backup of qlmodels, or one that was changed or cut short."""


class NothingToBackUp(QLModelsError):
    """The database has no schema of qlmodels."""


class DatabaseHoldsRows(QLModelsError):
    """The database holds rows, and a backup is restored where there are none."""

"""Files: SQL beside the code, durable writes, locks, progress of long copies."""

from qlmodels.files.fsync import fsync_path
from qlmodels.files.locks import Lock
from qlmodels.files.progress import OnRows, Progress, SilentProgress
from qlmodels.files.sql import sql_of

__all__ = ["Lock", "OnRows", "Progress", "SilentProgress", "fsync_path", "sql_of"]

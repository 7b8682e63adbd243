"""What can be wrong with an archive, or with writing and reading one."""

from collections.abc import Iterator
from contextlib import contextmanager

from asyncpg.exceptions import InterfaceError, InternalClientError, PostgresConnectionError

from qlmodels.errors import DatabaseUnreachable, QLModelsError


class FolderInUse(QLModelsError):
    """The folder holds files already: name an empty one, or one that does not exist yet."""


class NotAnArchive(QLModelsError):
    """The folder holds no finished export: export again."""


class ArchiveDamaged(QLModelsError):
    """A file of the archive is not as it was written: take another copy."""


class AgentTypeTaken(QLModelsError):
    """The database holds rows of an agent type that the archive would bring: see --replace."""


class RowsRefused(QLModelsError):
    """The database refused rows of the archive; nothing was written."""


class NotExportable(QLModelsError):
    """A value cannot be written in this format: choose another one by --format."""


class ParquetMissing(QLModelsError):
    """Parquet needs pyarrow: `pip install 'qlmodels[export]'`, or export as JSON Lines."""


@contextmanager
def told_when_lost(what: str) -> Iterator[None]:
    """Say what becomes of an export or import whose connection breaks."""
    try:
        yield
    except (InterfaceError, InternalClientError, PostgresConnectionError, ConnectionError) as error:
        raise DatabaseUnreachable(f"The connection broke ({error}). {what}") from error

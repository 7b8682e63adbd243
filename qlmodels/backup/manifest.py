"""What is in a backup: the first thing that a restore reads, and the last that a backup writes."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from qlmodels.backup.errors import BackupDamaged
from qlmodels.logins import LoginKind

MANIFEST_NAME: Final = "manifest.json"
BACKUP_FORMAT: Final = 1


class SavedTable(BaseModel):
    """A table's rows, in the text format of COPY, in the entry `schema.name`."""

    schema_name: str
    name: str
    columns: list[str]
    rows: int

    @property
    def entry(self) -> str:
        return f"{self.schema_name}.{self.name}"


class SavedNumber(BaseModel):
    """The last number that an identity column gave."""

    schema_name: str
    table: str
    column: str
    last: int


class SavedLogin(BaseModel):
    """A login; `verifier` is what the server compares a password with, where it could be read."""

    name: str
    kind: LoginKind
    connection_limit: int
    valid_until: datetime | None
    verifier: str | None


class BackupManifest(BaseModel):
    format: int = BACKUP_FORMAT
    qlmodels_version: str
    server_version: str
    revision: str
    written_at: datetime
    tables: list[SavedTable]
    numbers: list[SavedNumber]
    logins: list[SavedLogin]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def logins_without_password(self) -> list[str]:
        return [login.name for login in self.logins if login.verifier is None]


@contextmanager
def opened_backup(file: Path) -> Iterator[tuple[zipfile.ZipFile, BackupManifest]]:
    """Open a backup whose every entry is whole. Raises BackupDamaged and OSError."""
    with ExitStack() as opened:
        try:
            archive = opened.enter_context(zipfile.ZipFile(file))
            manifest = BackupManifest.model_validate_json(archive.read(MANIFEST_NAME))
            broken = archive.testzip()
        except (zipfile.BadZipFile, zlib.error, KeyError, ValidationError) as error:
            raise BackupDamaged(
                f"{file} is not a backup of qlmodels, or is damaged. Use another file."
            ) from error
        if manifest.format != BACKUP_FORMAT:
            raise BackupDamaged(
                f"{file} has format {manifest.format}, which this release does not know. "
                f"Restore it with qlmodels {manifest.qlmodels_version} or later."
            )
        if broken is not None:
            raise BackupDamaged(f"{file} is damaged in {broken}. Use another backup.")
        yield archive, manifest

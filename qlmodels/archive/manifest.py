"""The page that says what an archive holds. It is written last: without it there is no archive."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qlmodels.archive.errors import ArchiveDamaged, NotAnArchive
from qlmodels.archive.layout import TABLE_ORDER

MANIFEST_FILE = "manifest.json"
FORMAT_VERSION = 2
READ_VERSIONS = (1, 2)
Encoding: TypeAlias = Literal["jsonl", "parquet"]
OnBytes: TypeAlias = Callable[[int], None]
_CHUNK = 1 << 20


class _Page(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class TableFile(_Page):
    """A file of one table."""

    file: str = Field(pattern=r"\A[a-z_]+\.(jsonl|parquet)\z")
    rows: dict[str, int]
    """How many rows each agent type has in it."""

    highest: int | None = Field(le=2**63 - 1)
    """The highest number that the server gave to a row, where it numbers them."""

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"\A[0-9a-f]{64}\z")

    columns: list[str] | None = None
    """Of the file; None in format 1, in which the revision says it."""


class Manifest(_Page):
    """`revision` is the schema's; `exported_at` is the moment that all rows are of."""

    format_version: int
    encoding: Encoding
    qlmodels_version: str
    revision: str
    exported_at: datetime
    agent_types: list[str]
    tables: dict[str, TableFile]

    @property
    def rows(self) -> int:
        return sum(sum(table.rows.values()) for table in self.tables.values())


def read(folder: Path) -> Manifest:
    """Raises NotAnArchive, ArchiveDamaged."""
    try:
        text = (folder / MANIFEST_FILE).read_text("utf-8")
    except FileNotFoundError as error:
        raise NotAnArchive(
            f"{folder} holds no {MANIFEST_FILE}, which an export writes last: it is no "
            "archive, or one that was cut short. Export again."
        ) from error
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise ArchiveDamaged(f"{folder / MANIFEST_FILE} cannot be read: {error}") from error
    if manifest.format_version not in READ_VERSIONS:
        raise NotAnArchive(
            f"{folder} is an archive of format {manifest.format_version}, and this release reads "
            f"formats {READ_VERSIONS[0]} to {FORMAT_VERSION}: import it with qlmodels "
            f"{manifest.qlmodels_version}, which wrote it, or a later release."
        )
    if set(manifest.tables) != set(TABLE_ORDER):
        raise ArchiveDamaged(f"{folder / MANIFEST_FILE} does not name the seven tables.")
    return manifest


def columns(manifest: Manifest, table: str) -> list[str]:
    """Return the columns that the archive has of a table. Raises ArchiveDamaged."""
    listed = manifest.tables[table].columns or _listed_by_revision(manifest.revision).get(table)
    if listed is None:
        raise ArchiveDamaged(
            f"The archive does not list the columns of {table}, and revision {manifest.revision} is"
            f" not one whose columns are known: export it again with qlmodels"
            f" {manifest.qlmodels_version}."
        )
    return listed


@cache
def _listed_by_revision(revision: str) -> dict[str, list[str]]:
    """Columns by table, of the one revision whose archives did not list them."""
    if revision != "0001":
        return {}
    file = resources.files("qlmodels.archive") / "columns_0001.json"
    columns: dict[str, list[str]] = json.loads(file.read_text("utf-8"))
    return columns


def verify(folder: Path, manifest: Manifest, on_bytes: OnBytes) -> None:
    """See that every file is as it was written. Raises ArchiveDamaged."""
    for name, table in manifest.tables.items():
        path = folder / table.file
        if not path.is_file():
            raise ArchiveDamaged(
                f"{path}, which holds {name}, is missing: take a whole copy of the archive."
            )
        size, digest = path.stat().st_size, checksum(path, on_bytes)
        if (size, digest) != (table.bytes, table.sha256):
            raise ArchiveDamaged(
                f"{path} is not as it was written ({size:,} bytes, SHA-256 {digest[:12]}...; the "
                f"manifest says {table.bytes:,} and {table.sha256[:12]}...): take another copy."
            )


def checksum(path: Path, on_bytes: OnBytes) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            on_bytes(len(chunk))
    return digest.hexdigest()

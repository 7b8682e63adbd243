"""Archives: all rows of agents in a folder, to keep, to move, and to read without a database."""

from qlmodels.archive.errors import (
    AgentTypeTaken,
    ArchiveDamaged,
    FolderInUse,
    NotAnArchive,
    NotExportable,
    ParquetMissing,
    RowsRefused,
)
from qlmodels.archive.exporting import export
from qlmodels.archive.importing import import_archive
from qlmodels.archive.manifest import Encoding, Manifest
from qlmodels.archive.manifest import read as read_manifest
from qlmodels.files import Progress

__all__ = [
    "AgentTypeTaken",
    "ArchiveDamaged",
    "Encoding",
    "FolderInUse",
    "Manifest",
    "NotAnArchive",
    "NotExportable",
    "ParquetMissing",
    "Progress",
    "RowsRefused",
    "export",
    "import_archive",
    "read_manifest",
]

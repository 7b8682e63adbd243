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
from qlmodels.archive.progress import Watch

__all__ = [
    "AgentTypeTaken",
    "ArchiveDamaged",
    "Encoding",
    "FolderInUse",
    "Manifest",
    "NotAnArchive",
    "NotExportable",
    "ParquetMissing",
    "RowsRefused",
    "Watch",
    "export",
    "import_archive",
]

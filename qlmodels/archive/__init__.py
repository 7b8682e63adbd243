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
from qlmodels.archive.exporting import export, export_within
from qlmodels.archive.importing import import_archive
from qlmodels.archive.manifest import Encoding, Manifest
from qlmodels.archive.manifest import read as read_manifest
from qlmodels.archive.merging import merge_archive
from qlmodels.archive.removing import delete_agent_types, lock_agent_types
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
    "delete_agent_types",
    "export",
    "export_within",
    "import_archive",
    "lock_agent_types",
    "merge_archive",
    "read_manifest",
]

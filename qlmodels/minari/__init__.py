"""Episodes as a Minari dataset, which libraries for offline reinforcement learning read."""

from importlib import import_module

from qlmodels.errors import MinariMissing

try:  # Minari's storage imports all three, and no extra of Minari brings the last
    for library in ("minari", "h5py", "PIL"):
        import_module(library)
except ImportError as error:
    raise MinariMissing from error

from qlmodels.minari.dataset import (
    DatasetExists,
    Exported,
    InvalidDatasetId,
    NothingToExport,
    export_dataset,
)
from qlmodels.minari.environment_spaces import UnknownEnvironment
from qlmodels.minari.spaces import NotInSpace

__all__ = [
    "DatasetExists",
    "Exported",
    "InvalidDatasetId",
    "NotInSpace",
    "NothingToExport",
    "UnknownEnvironment",
    "export_dataset",
]

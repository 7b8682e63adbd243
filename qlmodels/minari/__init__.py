"""Episodes as a Minari dataset, which libraries for offline reinforcement learning read."""

from qlmodels.minari import requirements as requirements  # before what needs them
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

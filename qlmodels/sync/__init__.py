"""The store for synchronous code: scripts, notebooks, web frameworks with threads."""

from qlmodels.sync.buffer import Buffer, Written
from qlmodels.sync.learning_store import LearningStore

__all__ = ["Buffer", "LearningStore", "Written"]

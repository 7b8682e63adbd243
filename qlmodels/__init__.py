"""The data layer of fleets of Q-learning agents on Postgres."""

from importlib.metadata import version

from qlmodels.connection import create_engine, create_pool
from qlmodels.identity import acting_as
from qlmodels.settings import Settings
from qlmodels.store import Choice, Hashed, Learned, LearningStore, Transition
from qlmodels.tables import (
    AgentSession,
    AgentState,
    AgentType,
    Pattern,
    QValue,
    Reward,
    Trajectory,
)

__version__ = version("qlmodels")

__all__ = [
    "AgentSession",
    "AgentState",
    "AgentType",
    "Choice",
    "Hashed",
    "Learned",
    "LearningStore",
    "Pattern",
    "QValue",
    "Reward",
    "Settings",
    "Trajectory",
    "Transition",
    "__version__",
    "acting_as",
    "create_engine",
    "create_pool",
]

"""The data layer of fleets of Q-learning agents on Postgres."""

from importlib.metadata import version

from qlmodels.identity import acting_as
from qlmodels.settings import Settings
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
    "Pattern",
    "QValue",
    "Reward",
    "Settings",
    "Trajectory",
    "__version__",
    "acting_as",
]

"""The seven tables, one file each, named as the table."""

from qlmodels.reward_types import RewardType
from qlmodels.tables._registry import metadata
from qlmodels.tables._values import MAX_TAGS
from qlmodels.tables.agent_states import AgentState, AgentStatus
from qlmodels.tables.agent_types import AgentType
from qlmodels.tables.patterns import Pattern
from qlmodels.tables.q_values import QValue
from qlmodels.tables.rewards import Reward
from qlmodels.tables.sessions import AgentSession, SessionStatus
from qlmodels.tables.trajectories import Trajectory

__all__ = [
    "MAX_TAGS",
    "AgentSession",
    "AgentState",
    "AgentStatus",
    "AgentType",
    "Pattern",
    "QValue",
    "Reward",
    "RewardType",
    "SessionStatus",
    "Trajectory",
    "metadata",
]

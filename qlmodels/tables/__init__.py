"""The seven tables, one file each, named as the table."""

from qlmodels.reward_types import RewardType
from qlmodels.tables._registry import metadata
from qlmodels.tables._values import MAX_TAGS
from qlmodels.tables.agent_states import AgentState, AgentStatus
from qlmodels.tables.agent_types import AgentType
from qlmodels.tables.data_models import (
    AgentSessionCreate,
    AgentSessionRead,
    AgentSessionUpdate,
    AgentStateCreate,
    AgentStateRead,
    AgentStateUpdate,
    AgentTypeCreate,
    AgentTypeRead,
    AgentTypeUpdate,
    PatternCreate,
    PatternRead,
    PatternUpdate,
    QValueCreate,
    QValueRead,
    QValueUpdate,
    RewardCreate,
    RewardRead,
    RewardUpdate,
    TrajectoryCreate,
    TrajectoryRead,
    TrajectoryUpdate,
)
from qlmodels.tables.patterns import Pattern
from qlmodels.tables.q_values import QValue
from qlmodels.tables.rewards import Reward
from qlmodels.tables.sessions import AgentSession, SessionStatus
from qlmodels.tables.trajectories import Trajectory

__all__ = [
    "MAX_TAGS",
    "AgentSession",
    "AgentSessionCreate",
    "AgentSessionRead",
    "AgentSessionUpdate",
    "AgentState",
    "AgentStateCreate",
    "AgentStateRead",
    "AgentStateUpdate",
    "AgentStatus",
    "AgentType",
    "AgentTypeCreate",
    "AgentTypeRead",
    "AgentTypeUpdate",
    "Pattern",
    "PatternCreate",
    "PatternRead",
    "PatternUpdate",
    "QValue",
    "QValueCreate",
    "QValueRead",
    "QValueUpdate",
    "Reward",
    "RewardCreate",
    "RewardRead",
    "RewardType",
    "RewardUpdate",
    "SessionStatus",
    "Trajectory",
    "TrajectoryCreate",
    "TrajectoryRead",
    "TrajectoryUpdate",
    "metadata",
]

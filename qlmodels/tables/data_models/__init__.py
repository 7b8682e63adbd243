"""Create, Read and Update of the seven classes, made of their declarations."""

from qlmodels.tables.data_models.agent_states import (
    AgentStateCreate,
    AgentStateRead,
    AgentStateUpdate,
)
from qlmodels.tables.data_models.agent_types import AgentTypeCreate, AgentTypeRead, AgentTypeUpdate
from qlmodels.tables.data_models.patterns import PatternCreate, PatternRead, PatternUpdate
from qlmodels.tables.data_models.q_values import QValueCreate, QValueRead, QValueUpdate
from qlmodels.tables.data_models.rewards import RewardCreate, RewardRead, RewardUpdate
from qlmodels.tables.data_models.sessions import (
    AgentSessionCreate,
    AgentSessionRead,
    AgentSessionUpdate,
)
from qlmodels.tables.data_models.trajectories import (
    TrajectoryCreate,
    TrajectoryRead,
    TrajectoryUpdate,
)

__all__ = [
    "AgentSessionCreate",
    "AgentSessionRead",
    "AgentSessionUpdate",
    "AgentStateCreate",
    "AgentStateRead",
    "AgentStateUpdate",
    "AgentTypeCreate",
    "AgentTypeRead",
    "AgentTypeUpdate",
    "PatternCreate",
    "PatternRead",
    "PatternUpdate",
    "QValueCreate",
    "QValueRead",
    "QValueUpdate",
    "RewardCreate",
    "RewardRead",
    "RewardUpdate",
    "TrajectoryCreate",
    "TrajectoryRead",
    "TrajectoryUpdate",
]

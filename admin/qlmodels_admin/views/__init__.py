"""What the panel shows of each table, as declarations."""

from qlmodels_admin.history import HistoryView
from qlmodels_admin.views.agent_states import AgentStateView
from qlmodels_admin.views.agent_types import AgentTypeView
from qlmodels_admin.views.patterns import PatternView
from qlmodels_admin.views.q_values import QValueView
from qlmodels_admin.views.rewards import RewardView
from qlmodels_admin.views.sessions import AgentSessionView
from qlmodels_admin.views.trajectories import TrajectoryView

TABLES = (
    AgentTypeView,
    AgentSessionView,
    QValueView,
    TrajectoryView,
    RewardView,
    PatternView,
    AgentStateView,
    HistoryView,
)

__all__ = ["TABLES"]

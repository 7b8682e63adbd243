from typing import get_args

from qlmodels.tables import Reward, RewardType
from qlmodels_admin.rows import (
    AgentTypeFilter,
    ChoiceFilter,
    Filter,
    RangeFilter,
    Search,
    TimeFilter,
)
from qlmodels_admin.tables import DeleteRows, TableView

EDITABLE = [
    "session_id",
    "trajectory_id",
    "step",
    "state_hash",
    "action_hash",
    "reward_value",
    "reward_type",
    "reward_source",
    "observed_at",
    "extra",
]


class RewardView(TableView, model=Reward):
    question = "Every reward as it was observed: by step, type and source."
    empty = "Rewards appear here when an agent records an episode with LearningStore."
    column_list = [
        "reward_id",
        "agent_type",
        "reward_value",
        "reward_type",
        "reward_source",
        "step",
        "state_hash",
        "action_hash",
        "trajectory_id",
        "session_id",
        "observed_at",
    ]
    column_labels = {
        "reward_id": "id",
        "reward_value": "reward",
        "reward_type": "type",
        "reward_source": "source",
        "trajectory_id": "trajectory",
        "session_id": "session",
        "observed_at": "observed",
        "extra": "metadata",
    }
    column_sortable_list = [
        "reward_id",
        "agent_type",
        "reward_value",
        "reward_type",
        "reward_source",
        "step",
        "trajectory_id",
        "session_id",
        "observed_at",
    ]
    column_default_sort = ("reward_id", True)
    filters = [
        AgentTypeFilter(),
        ChoiceFilter(column="reward_type", values=get_args(RewardType)),
        Filter(column="reward_source"),
        Filter(column="trajectory_id"),
        Filter(column="session_id"),
        RangeFilter(column="reward_value"),
        TimeFilter(column="observed_at"),
    ]
    search = Search(
        texts=("reward_source",), hashes=("state_hash",), keys=("trajectory_id", "session_id")
    )
    card = ("agent_type", "reward_value", "reward_type")
    short = ("state_hash", "action_hash", "trajectory_id", "session_id")
    references = {
        "agent_type": "agent_types",
        "trajectory_id": "trajectories",
        "session_id": "sessions",
    }
    actions = (DeleteRows(),)
    create_fields = ["agent_type", *EDITABLE]
    edit_fields = EDITABLE

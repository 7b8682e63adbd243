from typing import get_args

from qlmodels.tables import AgentState, AgentStatus
from qlmodels_admin.rows import (
    AgentTypeFilter,
    ChoiceFilter,
    Filter,
    RangeFilter,
    Related,
    Search,
    TimeFilter,
)
from qlmodels_admin.tables import DeleteRows, SetValues, TableView

EDITABLE = [
    "agent_instance_id",
    "status",
    "current_exploration_rate",
    "current_learning_rate",
    "total_tasks",
    "successful_tasks",
    "failed_tasks",
    "total_reward",
    "avg_reward",
    "patterns_learned",
    "q_values_stored",
    "lookups",
    "lookup_hits",
    "last_activity",
    "initialized_at",
    "extra",
]


class AgentStateView(TableView, model=AgentState):
    question = "What each instance of an agent is doing, and how well."
    empty = "Instances appear here when an agent registers with LearningStore."
    column_list = [
        "state_id",
        "agent_type",
        "agent_instance_id",
        "status",
        "total_tasks",
        "success_rate",
        "avg_reward",
        "current_exploration_rate",
        "current_learning_rate",
        "q_values_stored",
        "last_activity",
    ]
    column_labels = {
        "state_id": "state",
        "agent_instance_id": "instance",
        "total_tasks": "tasks",
        "success_rate": "success",
        "avg_reward": "mean return",
        "current_exploration_rate": "ε",
        "current_learning_rate": "α",
        "q_values_stored": "pairs",
        "last_activity": "last seen",
        "extra": "metadata",
    }
    column_sortable_list = [
        "agent_type",
        "agent_instance_id",
        "status",
        "total_tasks",
        "success_rate",
        "avg_reward",
        "current_exploration_rate",
        "q_values_stored",
        "last_activity",
    ]
    column_default_sort = ("last_activity", True)
    filters = [
        AgentTypeFilter(),
        ChoiceFilter(column="status", values=get_args(AgentStatus)),
        Filter(column="agent_instance_id"),
        RangeFilter(column="success_rate"),
        TimeFilter(column="last_activity"),
    ]
    search = Search(texts=("agent_instance_id",), keys=("state_id",))
    card = ("agent_instance_id", "status", "avg_reward")
    named_by = ("agent_instance_id",)
    short = ("state_id",)
    statuses = ("status",)
    references = {"agent_type": "agent_types"}
    related = (
        Related(
            "sessions",
            (("agent_type", "agent_type"), ("agent_instance_id", "agent_instance_id")),
        ),
    )
    actions = (
        SetValues(name="status", label="Set status…", asks=["status"]),
        DeleteRows(),
    )
    create_fields = ["agent_type", "state_id", *EDITABLE]
    edit_fields = EDITABLE

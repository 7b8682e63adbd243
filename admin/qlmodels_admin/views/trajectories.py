from qlmodels.tables import Trajectory
from qlmodels_admin.rows import (
    AgentTypeFilter,
    Filter,
    InstanceFilter,
    RangeFilter,
    Related,
    Search,
    TimeFilter,
    YesNoFilter,
)
from qlmodels_admin.tables import DeleteRows, SetValues, TableView

EDITABLE = [
    "session_id",
    "task_id",
    "success",
    "total_reward",
    "discounted_reward",
    "execution_time_ms",
    "terminated",
    "truncated",
    "is_evaluation",
    "exploration_rate",
    "seed",
    "policy_version",
    "priority",
    "error_message",
    "started_at",
    "completed_at",
    "expires_at",
    "initial_state",
    "final_state",
    "actions_taken",
    "states_visited",
    "step_rewards",
    "legal_actions",
    "extra",
]


class TrajectoryView(TableView, model=Trajectory):
    question = "Episodes: what was done, step by step, and what it earned."
    empty = "Episodes appear here when an agent records them with LearningStore."
    column_list = [
        "trajectory_id",
        "agent_type",
        "task_id",
        "success",
        "total_reward",
        "discounted_reward",
        "exploration_rate",
        "policy_version",
        "execution_time_ms",
        "is_evaluation",
        "session_id",
        "completed_at",
    ]
    column_labels = {
        "trajectory_id": "trajectory",
        "task_id": "task",
        "total_reward": "return",
        "discounted_reward": "discounted",
        "exploration_rate": "ε",
        "policy_version": "policy",
        "execution_time_ms": "time in ms",
        "error_message": "error",
        "is_evaluation": "evaluation",
        "session_id": "session",
        "completed_at": "completed",
        "extra": "metadata",
    }
    column_sortable_list = [
        "agent_type",
        "task_id",
        "total_reward",
        "discounted_reward",
        "exploration_rate",
        "policy_version",
        "execution_time_ms",
        "session_id",
        "completed_at",
    ]
    column_default_sort = ("completed_at", True)
    filters = [
        AgentTypeFilter(),
        YesNoFilter(column="success"),
        YesNoFilter(column="is_evaluation"),
        Filter(column="task_id"),
        Filter(column="session_id"),
        InstanceFilter(),
        RangeFilter(column="total_reward"),
        TimeFilter(column="completed_at"),
        Filter(column="error_message"),
    ]
    search = Search(texts=("task_id",), keys=("trajectory_id", "session_id"))
    card = ("agent_type", "success", "total_reward")
    named_by = ("task_id",)
    short = ("trajectory_id", "session_id")
    references = {"agent_type": "agent_types", "session_id": "sessions"}
    related = (
        Related("rewards", (("agent_type", "agent_type"), ("trajectory_id", "trajectory_id"))),
    )
    explained = ("trajectory", "id", "Step by step")
    actions = (
        SetValues(
            name="priority",
            label="Set priority…",
            asks=["priority"],
            help="Replay draws an episode in proportion to its priority.",
        ),
        SetValues(
            name="expiry",
            label="Set expiry…",
            asks=["expires_at"],
            help="Blank keeps the rows; what has expired is deleted by retention.",
        ),
        DeleteRows(),
    )
    create_fields = ["agent_type", "trajectory_id", *EDITABLE]
    edit_fields = EDITABLE

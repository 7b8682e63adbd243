from typing import get_args

from qlmodels.tables import AgentSession, SessionStatus
from qlmodels_admin.rows import AgentTypeFilter, ChoiceFilter, Filter, Related, Search, TimeFilter
from qlmodels_admin.tables import DeleteRows, SetValues, TableView

EDITABLE = [
    "session_name",
    "status",
    "environment",
    "task_count",
    "total_reward",
    "start_time",
    "end_time",
    "agent_instance_id",
    "tags",
    "notes",
    "extra",
]


class AgentSessionView(TableView, model=AgentSession):
    question = "When agents ran, and what each run brought."
    empty = "Each run of an agent appears here: LearningStore makes a session when it starts."
    column_list = [
        "session_id",
        "agent_type",
        "agent_instance_id",
        "session_name",
        "status",
        "environment",
        "task_count",
        "total_reward",
        "tags",
        "hyperparameters",
        "start_time",
        "end_time",
    ]
    column_labels = {
        "session_id": "session",
        "session_name": "name",
        "agent_instance_id": "instance",
        "task_count": "tasks",
        "total_reward": "reward",
        "start_time": "started",
        "end_time": "ended",
        "extra": "metadata",
    }
    column_sortable_list = [
        "agent_type",
        "session_name",
        "status",
        "task_count",
        "total_reward",
        "start_time",
        "end_time",
    ]
    column_default_sort = ("start_time", True)
    filters = [
        AgentTypeFilter(),
        ChoiceFilter(column="status", values=get_args(SessionStatus)),
        Filter(column="environment"),
        Filter(column="agent_instance_id"),
        TimeFilter(column="start_time"),
        TimeFilter(column="end_time"),
    ]
    search = Search(texts=("session_name", "environment", "notes"), keys=("session_id",))
    card = ("agent_type", "status", "total_reward")
    named_by = ("session_name",)
    short = ("session_id",)
    statuses = ("status",)
    references = {"agent_type": "agent_types"}
    related = tuple(
        Related(table, (("agent_type", "agent_type"), ("session_id", "session_id")))
        for table in ("trajectories", "rewards", "q_values")
    )
    actions = (
        SetValues(name="end", label="Set status and end…", asks=["status", "end_time"]),
        DeleteRows(),
    )
    nulls = {"hyperparameters": "not recorded"}
    words = ("tags",)
    create_fields = ["agent_type", "session_id", *EDITABLE, "hyperparameters"]
    edit_fields = EDITABLE

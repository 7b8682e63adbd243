from qlmodels.tables import QValue
from qlmodels_admin.rows import (
    AgentTypeFilter,
    ContainsFilter,
    Filter,
    RangeFilter,
    Search,
    TimeFilter,
)
from qlmodels_admin.tables import DeleteRows, SetValues, TableView

EDITABLE = [
    "q_value",
    "visit_count",
    "confidence_score",
    "uncertainty",
    "td_error",
    "state_data",
    "action_data",
    "session_id",
    "last_updated",
    "expires_at",
    "extra",
]


class QValueView(TableView, model=QValue):
    question = "The learned value of each action in each state: one state-action pair a row."
    empty = "State-action pairs appear here after the first call of learn()."
    column_list = [
        "q_value_id",
        "agent_type",
        "state_hash",
        "state_data",
        "action_data",
        "q_value",
        "visit_count",
        "confidence_score",
        "session_id",
        "last_updated",
    ]
    column_labels = {
        "q_value_id": "id",
        "state_data": "state",
        "action_data": "action",
        "q_value": "value",
        "visit_count": "visits",
        "confidence_score": "confidence",
        "td_error": "TD error",
        "session_id": "session",
        "last_updated": "updated",
        "extra": "metadata",
    }
    column_sortable_list = [
        "q_value_id",
        "agent_type",
        "state_hash",
        "q_value",
        "visit_count",
        "confidence_score",
        "session_id",
        "last_updated",
    ]
    column_default_sort = "q_value_id"
    filters = [
        AgentTypeFilter(),
        ContainsFilter(column="state_data", title="state contains"),
        ContainsFilter(column="action_data", title="action contains"),
        Filter(column="state_hash"),
        Filter(column="session_id"),
        RangeFilter(column="q_value"),
        RangeFilter(column="visit_count"),
        RangeFilter(column="confidence_score"),
        RangeFilter(column="td_error"),
        TimeFilter(column="last_updated"),
    ]
    search = Search(hashes=("state_hash",), documents=("state_data", "action_data"))
    card = ("agent_type", "action_data", "q_value")
    named_by = ("state_data", "action_data")
    short = ("state_hash", "action_hash", "session_id")
    references = {"agent_type": "agent_types", "session_id": "sessions"}
    actions = (
        SetValues(
            name="expiry",
            label="Set expiry…",
            asks=["expires_at"],
            help="Blank keeps the rows; what has expired is deleted by retention.",
        ),
        DeleteRows(),
    )
    create_fields = ["agent_type", "state_hash", "action_hash", *EDITABLE]
    edit_fields = EDITABLE

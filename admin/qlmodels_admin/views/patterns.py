from qlmodels.tables import Pattern
from qlmodels_admin.rows import (
    AgentTypeFilter,
    ContainsFilter,
    Filter,
    RangeFilter,
    Related,
    Search,
)
from qlmodels_admin.tables import DeleteRows, SetValues, TableView

EDITABLE = [
    "pattern_name",
    "version",
    "pattern_type",
    "pattern_category",
    "pattern_data",
    "trigger_conditions",
    "expected_outcome",
    "usage_count",
    "success_count",
    "failure_count",
    "avg_reward",
    "confidence_score",
    "first_seen",
    "last_used",
    "expires_at",
    "parent_pattern_id",
    "extra",
]


class PatternView(TableView, model=Pattern):
    question = "What worked before, when to use it again, and how well that went."
    empty = "Patterns appear here when an agent saves one."
    column_list = [
        "pattern_id",
        "agent_type",
        "pattern_name",
        "version",
        "pattern_type",
        "trigger_conditions",
        "usage_count",
        "success_count",
        "avg_reward",
        "confidence_score",
        "last_used",
    ]
    column_labels = {
        "pattern_id": "pattern",
        "pattern_name": "name",
        "pattern_type": "type",
        "trigger_conditions": "applies when",
        "usage_count": "used",
        "success_count": "worked",
        "avg_reward": "reward",
        "confidence_score": "confidence",
        "parent_pattern_id": "made from",
        "extra": "metadata",
    }
    column_sortable_list = [
        "agent_type",
        "pattern_name",
        "pattern_type",
        "version",
        "usage_count",
        "success_count",
        "avg_reward",
        "confidence_score",
        "last_used",
    ]
    column_default_sort = ("usage_count", True)
    filters = [
        AgentTypeFilter(),
        Filter(column="pattern_type"),
        ContainsFilter(column="pattern_data", title="pattern contains"),
        ContainsFilter(column="trigger_conditions"),
        RangeFilter(column="confidence_score"),
        Filter(column="parent_pattern_id"),
    ]
    search = Search(
        texts=("pattern_name", "pattern_type", "pattern_category"),
        documents=("pattern_data", "trigger_conditions"),
        keys=("pattern_id",),
    )
    card = ("pattern_name", "usage_count", "avg_reward")
    named_by = ("pattern_name",)
    short = ("pattern_id", "parent_pattern_id")
    references = {"agent_type": "agent_types", "parent_pattern_id": "patterns"}
    related = (
        Related("patterns", (("agent_type", "agent_type"), ("parent_pattern_id", "pattern_id"))),
    )
    explained = ("effectiveness", "pattern", "How well it works")
    actions = (
        SetValues(
            name="expiry",
            label="Set expiry…",
            asks=["expires_at"],
            help="Blank keeps the rows; what has expired is deleted by retention.",
        ),
        DeleteRows(),
    )
    create_fields = ["agent_type", "pattern_id", *EDITABLE]
    edit_fields = EDITABLE

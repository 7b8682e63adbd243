from qlmodels.tables import AgentType
from qlmodels_admin.rows import Related, Search, YesNoFilter
from qlmodels_admin.tables import SetValues, TableView

EDITABLE = [
    "display_name",
    "description",
    "state_space_dimensions",
    "action_space_dimensions",
    "learning_rate",
    "learning_rate_decay",
    "min_learning_rate",
    "discount_factor",
    "exploration_rate",
    "min_exploration_rate",
    "exploration_decay",
    "initial_q_value",
    "environment",
    "retention_days",
    "is_active",
    "extra",
]


class AgentTypeView(TableView, model=AgentType):
    question = "Which kinds of agents there are, and how each of them learns."
    column_list = [
        "agent_type",
        "display_name",
        "learning_rate",
        "discount_factor",
        "exploration_rate",
        "state_space_dimensions",
        "action_space_dimensions",
        "retention_days",
        "is_active",
        "updated_at",
    ]
    column_labels = {
        "state_space_dimensions": "states",
        "action_space_dimensions": "actions",
        "retention_days": "retention in days",
        "is_active": "active",
        "updated_at": "changed",
        "extra": "metadata",
    }
    column_sortable_list = [
        "agent_type",
        "display_name",
        "learning_rate",
        "discount_factor",
        "exploration_rate",
        "retention_days",
        "updated_at",
    ]
    column_default_sort = "agent_type"
    filters = [YesNoFilter(column="is_active")]
    search = Search(texts=("agent_type", "display_name", "description"))
    card = ("display_name", "learning_rate", "exploration_rate")
    named_by = ("agent_type",)
    related = (
        Related("sessions", (("agent_type", "agent_type"),)),
        Related("q_values", (("agent_type", "agent_type"),)),
        Related("trajectories", (("agent_type", "agent_type"),)),
        Related("rewards", (("agent_type", "agent_type"),)),
        Related("patterns", (("agent_type", "agent_type"),)),
        Related("agent_states", (("agent_type", "agent_type"),)),
    )
    actions = (
        SetValues(
            name="active",
            label="Set active…",
            asks=["is_active"],
            help="An agent type that is not active may not act.",
        ),
        SetValues(name="retention", label="Set retention…", asks=["retention_days"]),
        SetValues(
            name="exploration",
            label="Set exploration…",
            asks=["exploration_rate", "min_exploration_rate", "exploration_decay"],
        ),
    )
    create_fields = ["agent_type", *EDITABLE]
    edit_fields = EDITABLE

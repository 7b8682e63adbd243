"""The kinds of agents of a fleet, and how each of them learns."""

from typing import TYPE_CHECKING, ClassVar, Literal, get_args

from sqlalchemy.orm import Mapped
from sqlmodel import Field

from qlmodels.tables._columns import agent_type, double, extra, flag, integer, now, string
from qlmodels.tables._constraints import at_least, check, finite, one_of, rates
from qlmodels.tables._related import many
from qlmodels.tables._row import Row
from qlmodels.tables._values import (
    AgentTypeName,
    AwareDatetime,
    Finite,
    FromServer,
    Name50,
    Name100,
    NotNegative,
    PlainText,
    PositiveCount,
    Rate,
    StorableJson,
)

if TYPE_CHECKING:
    from qlmodels.tables.agent_states import AgentState
    from qlmodels.tables.patterns import Pattern
    from qlmodels.tables.q_values import QValue
    from qlmodels.tables.rewards import Reward
    from qlmodels.tables.sessions import AgentSession
    from qlmodels.tables.trajectories import Trajectory

TABLE = "agent_types"
HashingRule = Literal["original"]


class AgentType(Row, table=True):
    """A kind of agent: its hyperparameters and how long its rows are kept."""

    __tablename__ = TABLE  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        check(TABLE, "agent_type", "agent_type ~ '^[a-z][a-z0-9-]{0,49}$'"),
        *at_least(TABLE, 1, "state_space_dimensions", "action_space_dimensions", "retention_days"),
        *rates(
            TABLE,
            "learning_rate",
            "min_learning_rate",
            "discount_factor",
            "exploration_rate",
            "min_exploration_rate",
            "exploration_decay",
        ),
        *finite(TABLE, "initial_q_value"),
        check(
            TABLE,
            "learning_rate_decay",
            "learning_rate_decay >= 0 and learning_rate_decay < 'Infinity'",
        ),
        one_of(TABLE, "hashing", get_args(HashingRule)),
    )

    agent_type: AgentTypeName = Field(
        sa_column=agent_type(),
        description="Name of the agent type: a lower-case letter, then letters, digits, hyphens",
    )
    display_name: Name100 = Field(sa_column=string(100), description="Name for people")
    description: PlainText | None = Field(
        default=None, sa_column=string(nullable=True), description="What agents of this type do"
    )
    state_space_dimensions: PositiveCount = Field(
        default=10, sa_column=integer(10), description="Number of features of a state"
    )
    action_space_dimensions: PositiveCount | None = Field(
        default=None,
        sa_column=integer(nullable=True),
        description="Number of actions to choose from, the same in every state; null: not known",
    )
    learning_rate: Rate = Field(
        default=0.1,
        sa_column=double(0.1),
        description="Learning rate alpha at the first visit of a pair, 0 to 1",
    )
    discount_factor: Rate = Field(
        default=0.95,
        sa_column=double(0.95),
        description="Discount factor gamma: what the value of the next state counts, 0 to 1",
    )
    exploration_rate: Rate = Field(
        default=0.2,
        sa_column=double(0.2),
        description="Exploration rate epsilon of a new instance, 0 to 1",
    )
    min_exploration_rate: Rate = Field(
        default=0.01,
        sa_column=double(0.01),
        description="Exploration rate below which it does not decay, 0 to 1",
    )
    exploration_decay: Rate = Field(
        default=0.995,
        sa_column=double(0.995),
        description="Factor by which the exploration rate falls with each finished episode",
    )
    initial_q_value: Finite = Field(
        default=0.0,
        sa_column=double(0),
        description="Value of an action that was never tried; optimistic values explore more",
    )
    learning_rate_decay: NotNegative = Field(
        default=0.0,
        sa_column=double(0),
        description="Exponent w of alpha = learning_rate / visits^w; 0 keeps alpha constant",
    )
    min_learning_rate: Rate = Field(
        default=0.0,
        sa_column=double(0),
        description="Learning rate below which alpha does not decay, 0 to 1",
    )
    environment: Name50 | None = Field(
        default=None,
        sa_column=string(50, nullable=True),
        description="The one environment this type learns in; null allows any",
    )
    retention_days: PositiveCount | None = Field(
        default=30,
        sa_column=integer(30, nullable=True),
        description="Days after which what is no longer used expires; null is never",
    )
    is_active: bool = Field(
        default=True,
        sa_column=flag(True),
        description="Whether agents of this type may act; agent types are never deleted",
    )
    extra: StorableJson = extra()
    created_at: FromServer[AwareDatetime] = Field(
        default=None, sa_column=now(), description="When the row was made; set by the server"
    )
    updated_at: FromServer[AwareDatetime] = Field(
        default=None, sa_column=now(), description="When the row last changed; set by the server"
    )
    hashing: HashingRule | None = Field(
        default=None,
        sa_column=string(20, nullable=True),
        description="How states and actions are hashed: as the original does; null is RFC 8785",
    )

    sessions: ClassVar[Mapped["list[AgentSession]"]] = many("sessions.AgentSession", "start_time")
    q_values: ClassVar[Mapped["list[QValue]"]] = many("q_values.QValue", "q_value_id")
    trajectories: ClassVar[Mapped["list[Trajectory]"]] = many(
        "trajectories.Trajectory", "completed_at"
    )
    rewards: ClassVar[Mapped["list[Reward]"]] = many("rewards.Reward", "reward_id")
    patterns: ClassVar[Mapped["list[Pattern]"]] = many("patterns.Pattern", "first_seen")
    agent_states: ClassVar[Mapped["list[AgentState]"]] = many(
        "agent_states.AgentState", "agent_instance_id"
    )

"""Runs of agents: what is learned and recorded in one go."""

from typing import TYPE_CHECKING, ClassVar, Literal, get_args
from uuid import UUID, uuid4

from sqlalchemy.orm import Mapped
from sqlmodel import Field

from qlmodels.tables._columns import (
    agent_type,
    document,
    double,
    extra,
    integer,
    moment,
    now,
    string,
    texts,
    uuid_key,
)
from qlmodels.tables._constraints import agent_type_key, at_least, check, finite, index, one_of
from qlmodels.tables._related import SAME_INSTANCE, many, one
from qlmodels.tables._row import Row
from qlmodels.tables._values import (
    MAX_TAGS,
    AgentTypeName,
    AwareDatetime,
    Finite,
    FromServer,
    MomentOrNow,
    Name50,
    Name100,
    Name200,
    NotNegativeCount,
    PlainText,
    StorableJson,
    StorableObject,
    Tags,
)

if TYPE_CHECKING:
    from qlmodels.tables.agent_states import AgentState
    from qlmodels.tables.agent_types import AgentType
    from qlmodels.tables.q_values import QValue
    from qlmodels.tables.rewards import Reward
    from qlmodels.tables.trajectories import Trajectory

TABLE = "sessions"
SessionStatus = Literal["active", "completed", "failed", "cancelled"]


class AgentSession(Row, table=True):
    """One run of an agent, from its start to its end."""

    __tablename__ = TABLE  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        agent_type_key(TABLE),
        one_of(TABLE, "status", get_args(SessionStatus)),
        *at_least(TABLE, 0, "task_count"),
        *finite(TABLE, "total_reward"),
        check(TABLE, "hyperparameters", "jsonb_typeof(hyperparameters) = 'object'"),
        check(
            TABLE,
            "tags",
            f"cardinality(tags) <= {MAX_TAGS} and array_position(tags, null) is null",
        ),
        index(TABLE, "start_time"),
        index(TABLE, "agent_instance_id", "start_time"),
    )

    agent_type: AgentTypeName = Field(sa_column=agent_type(), description="Whose run it is")
    session_id: UUID = Field(
        default_factory=uuid4, sa_column=uuid_key(), description="Identity within the agent type"
    )
    session_name: Name200 | None = Field(
        default=None, sa_column=string(200, nullable=True), description="Name for people"
    )
    start_time: MomentOrNow = Field(default=None, sa_column=now(), description="When the run began")
    end_time: AwareDatetime | None = Field(
        default=None, sa_column=moment(nullable=True), description="When the run ended"
    )
    status: SessionStatus = Field(
        default="active",
        sa_column=string(20, default="active"),
        description="active, completed, failed or cancelled",
    )
    task_count: NotNegativeCount = Field(
        default=0, sa_column=integer(0), description="Number of episodes of the run"
    )
    total_reward: Finite = Field(
        default=0.0, sa_column=double(0), description="Sum of the rewards of the run"
    )
    environment: Name50 = Field(
        default="development",
        sa_column=string(50, default="development"),
        description="Where the agent acted",
    )
    agent_instance_id: Name100 | None = Field(
        default=None, sa_column=string(100, nullable=True), description="The instance that ran"
    )
    extra: StorableJson = extra()
    created_at: FromServer[AwareDatetime] = Field(
        default=None, sa_column=now(), description="When the row was made; set by the server"
    )
    updated_at: FromServer[AwareDatetime] = Field(
        default=None, sa_column=now(), description="When the row last changed; set by the server"
    )
    hyperparameters: StorableObject | None = Field(
        default=None,
        sa_column=document(nullable=True),
        description="How the agent learned when the run began; null is not recorded",
    )
    tags: Tags = Field(
        default_factory=list, sa_column=texts(), description="Words to find and group runs by"
    )
    notes: PlainText | None = Field(
        default=None, sa_column=string(nullable=True), description="What the run is for, in words"
    )

    agent_type_row: ClassVar[Mapped["AgentType"]] = one("agent_types.AgentType")
    agent_state: ClassVar[Mapped["AgentState | None"]] = one(
        "agent_states.AgentState", **SAME_INSTANCE
    )
    trajectories: ClassVar[Mapped["list[Trajectory]"]] = many(
        "trajectories.Trajectory", "completed_at"
    )
    q_values: ClassVar[Mapped["list[QValue]"]] = many("q_values.QValue", "q_value_id")
    rewards: ClassVar[Mapped["list[Reward]"]] = many("rewards.Reward", "reward_id")

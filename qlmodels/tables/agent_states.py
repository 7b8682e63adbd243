"""Instances of agents: what each of them is doing, and how it fares."""

from typing import TYPE_CHECKING, ClassVar, Literal, get_args
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Column, Computed, Double, UniqueConstraint, text
from sqlalchemy.orm import Mapped
from sqlmodel import Field

from qlmodels.tables._columns import agent_type, double, extra, integer, now, string, uuid_key
from qlmodels.tables._constraints import agent_type_key, at_least, finite, index, one_of, rates
from qlmodels.tables._related import SAME_INSTANCE, many, one
from qlmodels.tables._row import Row
from qlmodels.tables._values import (
    AgentTypeName,
    AwareDatetime,
    BigCount,
    Finite,
    FromServer,
    MomentOrNow,
    Name100,
    NotNegativeCount,
    Rate,
    StorableJson,
)

if TYPE_CHECKING:
    from qlmodels.tables.agent_types import AgentType
    from qlmodels.tables.sessions import AgentSession

TABLE = "agent_states"
AgentStatus = Literal["idle", "active", "learning", "paused", "error"]

SUCCESS_RATE = """\
case when total_tasks > 0
     then successful_tasks::double precision / total_tasks::double precision
     else 0 end"""


class AgentState(Row, table=True):
    """One instance of an agent type: its status and its totals."""

    __tablename__ = TABLE  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        agent_type_key(TABLE),
        UniqueConstraint("agent_type", "agent_instance_id", name="uq_agent_states_instance"),
        index(TABLE, "updated_at"),
        one_of(TABLE, "status", get_args(AgentStatus)),
        *at_least(
            TABLE,
            0,
            "total_tasks",
            "successful_tasks",
            "failed_tasks",
            "patterns_learned",
            "q_values_stored",
            "lookups",
            "lookup_hits",
        ),
        *finite(TABLE, "total_reward", "avg_reward"),
        *rates(TABLE, "current_exploration_rate", "current_learning_rate"),
    )

    agent_type: AgentTypeName = Field(sa_column=agent_type(), description="What kind of agent")
    state_id: UUID = Field(
        default_factory=uuid4, sa_column=uuid_key(), description="Identity within the agent type"
    )
    agent_instance_id: Name100 = Field(
        sa_column=string(100), description="Name of the instance, unique in its agent type"
    )
    total_tasks: NotNegativeCount = Field(
        default=0, sa_column=integer(0), description="Episodes played"
    )
    successful_tasks: NotNegativeCount = Field(
        default=0, sa_column=integer(0), description="Episodes that succeeded"
    )
    failed_tasks: NotNegativeCount = Field(
        default=0, sa_column=integer(0), description="Episodes that failed"
    )
    total_reward: Finite = Field(default=0.0, sa_column=double(0), description="Sum of all returns")
    avg_reward: Finite = Field(default=0.0, sa_column=double(0), description="Mean return")
    current_exploration_rate: Rate = Field(
        sa_column=double(), description="Exploration rate epsilon now"
    )
    current_learning_rate: Rate = Field(sa_column=double(), description="Learning rate alpha now")
    success_rate: FromServer[Rate] = Field(
        default=None,
        sa_column=Column(Double, Computed(SUCCESS_RATE, persisted=True), nullable=True),
        description="successful_tasks / total_tasks, 0 without tasks; computed by the server",
    )
    patterns_learned: NotNegativeCount = Field(
        default=0, sa_column=integer(0), description="Patterns kept"
    )
    q_values_stored: NotNegativeCount = Field(
        default=0, sa_column=integer(0), description="Pairs learned"
    )
    lookups: BigCount = Field(
        default=0,
        sa_column=Column(BigInteger, nullable=False, server_default=text("0")),
        description="How often a state was looked up",
    )
    lookup_hits: BigCount = Field(
        default=0,
        sa_column=Column(BigInteger, nullable=False, server_default=text("0")),
        description="How many of these look-ups found a learned pair",
    )
    status: AgentStatus = Field(
        default="idle",
        sa_column=string(20, default="idle"),
        description="idle, active, learning, paused or error",
    )
    last_activity: MomentOrNow = Field(
        default=None, sa_column=now(), description="When the instance was last heard of"
    )
    initialized_at: MomentOrNow = Field(
        default=None, sa_column=now(), description="When the instance began"
    )
    updated_at: FromServer[AwareDatetime] = Field(
        default=None, sa_column=now(), description="When the row last changed; set by the server"
    )
    extra: StorableJson = extra()

    agent_type_row: ClassVar[Mapped["AgentType"]] = one("agent_types.AgentType")
    sessions: ClassVar[Mapped["list[AgentSession]"]] = many(
        "sessions.AgentSession", "start_time", **SAME_INSTANCE
    )

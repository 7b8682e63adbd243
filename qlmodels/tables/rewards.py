"""Rewards as they were observed, by step, type and source."""

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity
from sqlalchemy.orm import Mapped
from sqlmodel import Field

from qlmodels.reward_types import REWARD_TYPES, RewardType
from qlmodels.tables._columns import (
    agent_type,
    double,
    extra,
    hashed,
    integer,
    now,
    string,
    uuid_reference,
)
from qlmodels.tables._constraints import agent_type_key, at_least, finite, index, one_of, owned_key
from qlmodels.tables._related import one
from qlmodels.tables._row import Row
from qlmodels.tables._values import (
    AgentTypeName,
    BigInt,
    Finite,
    FromServer,
    Hash,
    MomentOrNow,
    Name100,
    NotNegativeCount,
    StorableJson,
)

if TYPE_CHECKING:
    from qlmodels.tables.agent_types import AgentType
    from qlmodels.tables.sessions import AgentSession
    from qlmodels.tables.trajectories import Trajectory

TABLE = "rewards"


class Reward(Row, table=True):
    """One reward for one action in one state."""

    __tablename__ = TABLE  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        agent_type_key(TABLE),
        owned_key(TABLE, "session_id", "sessions", "session_id", "CASCADE"),
        owned_key(TABLE, "trajectory_id", "trajectories", "trajectory_id", "CASCADE"),
        one_of(TABLE, "reward_type", REWARD_TYPES),
        *finite(TABLE, "reward_value"),
        *at_least(TABLE, 0, "step"),
        index(TABLE, "session_id"),
        index(TABLE, "trajectory_id"),
    )

    agent_type: AgentTypeName = Field(sa_column=agent_type(), description="Who was rewarded")
    reward_id: FromServer[BigInt] = Field(
        default=None,
        sa_column=Column(BigInteger, Identity(always=True), primary_key=True),
        description="Number of the reward; set by the server",
    )
    session_id: UUID | None = Field(
        default=None, sa_column=uuid_reference(), description="The session it came in"
    )
    trajectory_id: UUID | None = Field(
        default=None, sa_column=uuid_reference(), description="The episode it came in"
    )
    state_hash: Hash = Field(sa_column=hashed(), description="Hash of the state acted in")
    action_hash: Hash = Field(sa_column=hashed(), description="Hash of the action rewarded")
    reward_value: Finite = Field(sa_column=double(), description="The reward")
    step: NotNegativeCount | None = Field(
        default=None,
        sa_column=integer(nullable=True),
        description="Step of the episode, counted from 0",
    )
    reward_type: RewardType = Field(
        default="immediate",
        sa_column=string(50, default="immediate"),
        description="immediate, delayed, terminal or shaping",
    )
    reward_source: Name100 | None = Field(
        default=None, sa_column=string(100, nullable=True), description="What gave the reward"
    )
    observed_at: MomentOrNow = Field(
        default=None, sa_column=now(), description="When the reward was observed"
    )
    extra: StorableJson = extra()

    agent_type_row: ClassVar[Mapped["AgentType"]] = one("agent_types.AgentType")
    session: ClassVar[Mapped["AgentSession | None"]] = one("sessions.AgentSession")
    trajectory: ClassVar[Mapped["Trajectory | None"]] = one("trajectories.Trajectory")

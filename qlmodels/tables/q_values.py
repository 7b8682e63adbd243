"""The Q-table: what each action is worth in each state."""

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlmodel import Field

from qlmodels.tables._columns import (
    agent_type,
    document,
    double,
    extra,
    hashed,
    integer,
    moment,
    now,
    uuid_reference,
)
from qlmodels.tables._constraints import agent_type_key, containment_index, index, owned_key
from qlmodels.tables._related import one
from qlmodels.tables._row import Row
from qlmodels.tables._values import (
    AgentTypeName,
    AwareDatetime,
    BigInt,
    Finite,
    FromServer,
    Hash,
    JsonNotNull,
    MomentOrNow,
    NotNegativeCount,
    Rate,
    StorableJson,
)

if TYPE_CHECKING:
    from qlmodels.tables.agent_types import AgentType
    from qlmodels.tables.sessions import AgentSession

TABLE = "q_values"


class QValue(Row, table=True):
    """The value of one action in one state, as an agent type has learned it.

    The numbers that every upsert writes are checked by domains: Postgres reads the CHECK of a
    column anew for each statement, and keeps that of a domain as long as a connection lives.
    """

    __tablename__ = TABLE  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        agent_type_key(TABLE),
        owned_key(TABLE, "session_id", "sessions", "session_id", "SET NULL (session_id)"),
        UniqueConstraint("agent_type", "state_hash", "action_hash", name="uq_q_values_pair"),
        index(TABLE, "session_id"),
        containment_index(TABLE, "state_data"),
        containment_index(TABLE, "action_data"),
        # room on each page, so that an upsert stays on it (HOT)
        {"postgresql_with": {"fillfactor": 85}},
    )

    agent_type: AgentTypeName = Field(sa_column=agent_type(), description="Who learned it")
    q_value_id: FromServer[BigInt] = Field(
        default=None,
        sa_column=Column(BigInteger, Identity(always=True), primary_key=True),
        description="Number of the pair; set by the server",
    )
    session_id: UUID | None = Field(
        default=None, sa_column=uuid_reference(), description="The session that made the pair"
    )
    state_hash: Hash = Field(sa_column=hashed(), description="Hash of the state, at most 64 long")
    state_data: JsonNotNull = Field(
        sa_column=document(), description="The state, any JSON but null"
    )
    action_hash: Hash = Field(sa_column=hashed(), description="Hash of the action")
    action_data: JsonNotNull = Field(
        sa_column=document(), description="The action, any JSON but null"
    )
    q_value: Finite = Field(
        default=0.0,
        sa_column=double(0, domain="finite"),
        description="Expected discounted return of the action in the state",
    )
    visit_count: NotNegativeCount = Field(
        default=1,
        sa_column=integer(1, domain="count"),
        description="How often the pair was updated",
    )
    confidence_score: Rate = Field(
        default=0.5,
        sa_column=double(0.5, domain="rate"),
        description="Grows by 0.01 with each update, to 1",
    )
    uncertainty: Rate = Field(
        default=0.5,
        sa_column=double(0.5, domain="rate"),
        description="Falls by 0.01 with each update, to 0",
    )
    td_error: Finite | None = Field(
        default=None,
        sa_column=double(nullable=True, domain="finite"),
        description="Temporal-difference error of the last learning step",
    )
    last_updated: MomentOrNow = Field(
        default=None, sa_column=now(), description="When the value was last updated"
    )
    created_at: FromServer[AwareDatetime] = Field(
        default=None, sa_column=now(), description="When the pair was made; set by the server"
    )
    expires_at: AwareDatetime | None = Field(
        default=None,
        sa_column=moment(nullable=True),
        description="When the pair may be purged; each update puts it off",
    )
    extra: StorableJson = extra()

    agent_type_row: ClassVar[Mapped["AgentType"]] = one("agent_types.AgentType")
    session: ClassVar[Mapped["AgentSession | None"]] = one("sessions.AgentSession")

"""Patterns: what worked before, when to use it again, and how well that went."""

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import UniqueConstraint
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
    uuid_key,
    uuid_reference,
)
from qlmodels.tables._constraints import (
    agent_type_key,
    at_least,
    containment_index,
    finite,
    index,
    owned_key,
    rates,
)
from qlmodels.tables._related import many, one
from qlmodels.tables._row import Row
from qlmodels.tables._values import (
    AgentTypeName,
    AwareDatetime,
    Finite,
    JsonNotNull,
    MomentOrNow,
    Name50,
    Name200,
    NotNegativeCount,
    PositiveCount,
    Rate,
    StorableJson,
)

if TYPE_CHECKING:
    from qlmodels.tables.agent_types import AgentType

TABLE = "patterns"


class Pattern(Row, table=True):
    """Something that worked, the conditions under which it applies, and its record."""

    __tablename__ = TABLE  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        agent_type_key(TABLE),
        owned_key(TABLE, "parent_pattern_id", TABLE, "pattern_id", "SET NULL (parent_pattern_id)"),
        UniqueConstraint("agent_type", "pattern_name", "version", name="uq_patterns_version"),
        *at_least(TABLE, 0, "usage_count", "success_count", "failure_count"),
        *at_least(TABLE, 1, "version"),
        *finite(TABLE, "avg_reward"),
        *rates(TABLE, "confidence_score"),
        index(TABLE, "parent_pattern_id"),
        containment_index(TABLE, "pattern_data"),
        containment_index(TABLE, "trigger_conditions"),
    )

    agent_type: AgentTypeName = Field(sa_column=agent_type(), description="Whose pattern it is")
    pattern_id: UUID = Field(
        default_factory=uuid4, sa_column=uuid_key(), description="Identity within the agent type"
    )
    pattern_name: Name200 = Field(sa_column=string(200), description="Name for people")
    pattern_type: Name50 = Field(sa_column=string(50), description="What kind of pattern it is")
    pattern_category: Name50 | None = Field(
        default=None, sa_column=string(50, nullable=True), description="What it is about"
    )
    pattern_data: JsonNotNull = Field(sa_column=document(), description="The pattern itself")
    trigger_conditions: StorableJson = Field(
        default=None,
        sa_column=document(nullable=True),
        description='When it applies, for example {"coverage": {"$lt": 0.8}}',
    )
    expected_outcome: StorableJson = Field(
        default=None, sa_column=document(nullable=True), description="What it should bring"
    )
    usage_count: NotNegativeCount = Field(
        default=0, sa_column=integer(0), description="How often used"
    )
    success_count: NotNegativeCount = Field(
        default=0, sa_column=integer(0), description="How often it succeeded"
    )
    failure_count: NotNegativeCount = Field(
        default=0, sa_column=integer(0), description="How often it failed"
    )
    avg_reward: Finite = Field(
        default=0.0, sa_column=double(0), description="Mean reward over its uses"
    )
    confidence_score: Rate = Field(
        default=0.5, sa_column=double(0.5), description="How far it is trusted, 0 to 1"
    )
    first_seen: MomentOrNow = Field(
        default=None, sa_column=now(), description="When it was first seen"
    )
    last_used: AwareDatetime | None = Field(
        default=None, sa_column=moment(nullable=True), description="When it was last used"
    )
    expires_at: AwareDatetime | None = Field(
        default=None, sa_column=moment(nullable=True), description="When it may be purged"
    )
    version: PositiveCount = Field(
        default=1, sa_column=integer(1), description="Version of the pattern of this name"
    )
    parent_pattern_id: UUID | None = Field(
        default=None, sa_column=uuid_reference(), description="The pattern it was made from"
    )
    extra: StorableJson = extra()

    agent_type_row: ClassVar[Mapped["AgentType"]] = one("agent_types.AgentType")
    parent: ClassVar[Mapped["Pattern | None"]] = one(
        "patterns.Pattern", remote_side="[Pattern.agent_type, Pattern.pattern_id]"
    )
    children: ClassVar[Mapped["list[Pattern]"]] = many(
        "patterns.Pattern",
        "first_seen",
        remote_side="[Pattern.agent_type, Pattern.parent_pattern_id]",
    )

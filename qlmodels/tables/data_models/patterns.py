"""Made of the class of patterns by `python -m tests.support.data_models`."""

from uuid import UUID, uuid4

from sqlmodel import Field

from qlmodels.tables._values import (
    AgentTypeName,
    AwareDatetime,
    Finite,
    JsonNotNull,
    Name50,
    Name200,
    NotNegativeCount,
    NotNullIfGiven,
    PositiveCount,
    Rate,
    StorableJson,
)
from qlmodels.tables.data_models._base import CreateModel, ReadModel, UpdateModel


class PatternCreate(CreateModel):
    """A new row of patterns as a client sends it: without what the server sets."""

    agent_type: AgentTypeName = Field(description="Whose pattern it is")
    pattern_id: UUID = Field(default_factory=uuid4, description="Identity within the agent type")
    pattern_name: Name200 = Field(description="Name for people")
    pattern_type: Name50 = Field(description="What kind of pattern it is")
    pattern_category: Name50 | None = Field(default=None, description="What it is about")
    pattern_data: JsonNotNull = Field(description="The pattern itself")
    trigger_conditions: StorableJson = Field(
        default=None, description='When it applies, for example {"coverage": {"$lt": 0.8}}'
    )
    expected_outcome: StorableJson = Field(default=None, description="What it should bring")
    usage_count: NotNegativeCount = Field(default=0, description="How often used")
    success_count: NotNegativeCount = Field(default=0, description="How often it succeeded")
    failure_count: NotNegativeCount = Field(default=0, description="How often it failed")
    avg_reward: Finite = Field(default=0.0, description="Mean reward over its uses")
    confidence_score: Rate = Field(default=0.5, description="How far it is trusted, 0 to 1")
    first_seen: AwareDatetime | None = Field(default=None, description="When it was first seen")
    last_used: AwareDatetime | None = Field(default=None, description="When it was last used")
    expires_at: AwareDatetime | None = Field(default=None, description="When it may be purged")
    version: PositiveCount = Field(default=1, description="Version of the pattern of this name")
    parent_pattern_id: UUID | None = Field(default=None, description="The pattern it was made from")
    extra: StorableJson = Field(
        default_factory=dict,
        validation_alias="metadata",
        serialization_alias="metadata",
        description="Anything else",
    )


class PatternRead(ReadModel):
    """A row of patterns as the database has it."""

    agent_type: AgentTypeName = Field(description="Whose pattern it is")
    pattern_id: UUID = Field(description="Identity within the agent type")
    pattern_name: Name200 = Field(description="Name for people")
    pattern_type: Name50 = Field(description="What kind of pattern it is")
    pattern_category: Name50 | None = Field(description="What it is about")
    pattern_data: JsonNotNull = Field(description="The pattern itself")
    trigger_conditions: StorableJson = Field(
        description='When it applies, for example {"coverage": {"$lt": 0.8}}'
    )
    expected_outcome: StorableJson = Field(description="What it should bring")
    usage_count: NotNegativeCount = Field(description="How often used")
    success_count: NotNegativeCount = Field(description="How often it succeeded")
    failure_count: NotNegativeCount = Field(description="How often it failed")
    avg_reward: Finite = Field(description="Mean reward over its uses")
    confidence_score: Rate = Field(description="How far it is trusted, 0 to 1")
    first_seen: AwareDatetime = Field(description="When it was first seen")
    last_used: AwareDatetime | None = Field(description="When it was last used")
    expires_at: AwareDatetime | None = Field(description="When it may be purged")
    version: PositiveCount = Field(description="Version of the pattern of this name")
    parent_pattern_id: UUID | None = Field(description="The pattern it was made from")
    extra: StorableJson = Field(
        validation_alias="metadata", serialization_alias="metadata", description="Anything else"
    )


class PatternUpdate(UpdateModel):
    """Changes of a row of patterns; what is left out stays as it is."""

    pattern_name: NotNullIfGiven[Name200] = Field(default=None, description="Name for people")
    pattern_type: NotNullIfGiven[Name50] = Field(
        default=None, description="What kind of pattern it is"
    )
    pattern_category: Name50 | None = Field(default=None, description="What it is about")
    pattern_data: JsonNotNull = Field(default=None, description="The pattern itself")
    trigger_conditions: StorableJson = Field(
        default=None, description='When it applies, for example {"coverage": {"$lt": 0.8}}'
    )
    expected_outcome: StorableJson = Field(default=None, description="What it should bring")
    usage_count: NotNullIfGiven[NotNegativeCount] = Field(
        default=None, description="How often used"
    )
    success_count: NotNullIfGiven[NotNegativeCount] = Field(
        default=None, description="How often it succeeded"
    )
    failure_count: NotNullIfGiven[NotNegativeCount] = Field(
        default=None, description="How often it failed"
    )
    avg_reward: NotNullIfGiven[Finite] = Field(
        default=None, description="Mean reward over its uses"
    )
    confidence_score: NotNullIfGiven[Rate] = Field(
        default=None, description="How far it is trusted, 0 to 1"
    )
    first_seen: NotNullIfGiven[AwareDatetime] = Field(
        default=None, description="When it was first seen"
    )
    last_used: AwareDatetime | None = Field(default=None, description="When it was last used")
    expires_at: AwareDatetime | None = Field(default=None, description="When it may be purged")
    version: NotNullIfGiven[PositiveCount] = Field(
        default=None, description="Version of the pattern of this name"
    )
    parent_pattern_id: UUID | None = Field(default=None, description="The pattern it was made from")
    extra: StorableJson = Field(
        default=None,
        validation_alias="metadata",
        serialization_alias="metadata",
        description="Anything else",
    )

"""Made of the class of q_values by `python -m tests.support.data_models`."""

from uuid import UUID

from sqlmodel import Field

from qlmodels.tables._values import (
    AgentTypeName,
    AwareDatetime,
    BigInt,
    Finite,
    Hash,
    JsonNotNull,
    NotNegativeCount,
    NotNullIfGiven,
    Rate,
    StorableJson,
)
from qlmodels.tables.data_models._base import CreateModel, ReadModel, UpdateModel


class QValueCreate(CreateModel):
    """A new row of q_values as a client sends it: without what the server sets."""

    agent_type: AgentTypeName = Field(description="Who learned it")
    session_id: UUID | None = Field(default=None, description="The session that made the pair")
    state_hash: Hash = Field(description="Hash of the state, at most 64 long")
    state_data: JsonNotNull = Field(description="The state, any JSON but null")
    action_hash: Hash = Field(description="Hash of the action")
    action_data: JsonNotNull = Field(description="The action, any JSON but null")
    q_value: Finite = Field(
        default=0.0, description="Expected discounted return of the action in the state"
    )
    visit_count: NotNegativeCount = Field(default=1, description="How often the pair was updated")
    confidence_score: Rate = Field(default=0.5, description="Grows by 0.01 with each update, to 1")
    uncertainty: Rate = Field(default=0.5, description="Falls by 0.01 with each update, to 0")
    td_error: Finite | None = Field(
        default=None, description="Temporal-difference error of the last learning step"
    )
    last_updated: AwareDatetime | None = Field(
        default=None, description="When the value was last updated"
    )
    expires_at: AwareDatetime | None = Field(
        default=None, description="When the pair may be purged; each update puts it off"
    )
    extra: StorableJson = Field(
        default_factory=dict,
        validation_alias="metadata",
        serialization_alias="metadata",
        description="Anything else",
    )


class QValueRead(ReadModel):
    """A row of q_values as the database has it."""

    agent_type: AgentTypeName = Field(description="Who learned it")
    q_value_id: BigInt = Field(description="Number of the pair; set by the server")
    session_id: UUID | None = Field(description="The session that made the pair")
    state_hash: Hash = Field(description="Hash of the state, at most 64 long")
    state_data: JsonNotNull = Field(description="The state, any JSON but null")
    action_hash: Hash = Field(description="Hash of the action")
    action_data: JsonNotNull = Field(description="The action, any JSON but null")
    q_value: Finite = Field(description="Expected discounted return of the action in the state")
    visit_count: NotNegativeCount = Field(description="How often the pair was updated")
    confidence_score: Rate = Field(description="Grows by 0.01 with each update, to 1")
    uncertainty: Rate = Field(description="Falls by 0.01 with each update, to 0")
    td_error: Finite | None = Field(
        description="Temporal-difference error of the last learning step"
    )
    last_updated: AwareDatetime = Field(description="When the value was last updated")
    created_at: AwareDatetime = Field(description="When the pair was made; set by the server")
    expires_at: AwareDatetime | None = Field(
        description="When the pair may be purged; each update puts it off"
    )
    extra: StorableJson = Field(
        validation_alias="metadata", serialization_alias="metadata", description="Anything else"
    )


class QValueUpdate(UpdateModel):
    """Changes of a row of q_values; what is left out stays as it is."""

    session_id: UUID | None = Field(default=None, description="The session that made the pair")
    state_hash: NotNullIfGiven[Hash] = Field(
        default=None, description="Hash of the state, at most 64 long"
    )
    state_data: JsonNotNull = Field(default=None, description="The state, any JSON but null")
    action_hash: NotNullIfGiven[Hash] = Field(default=None, description="Hash of the action")
    action_data: JsonNotNull = Field(default=None, description="The action, any JSON but null")
    q_value: NotNullIfGiven[Finite] = Field(
        default=None, description="Expected discounted return of the action in the state"
    )
    visit_count: NotNullIfGiven[NotNegativeCount] = Field(
        default=None, description="How often the pair was updated"
    )
    confidence_score: NotNullIfGiven[Rate] = Field(
        default=None, description="Grows by 0.01 with each update, to 1"
    )
    uncertainty: NotNullIfGiven[Rate] = Field(
        default=None, description="Falls by 0.01 with each update, to 0"
    )
    td_error: Finite | None = Field(
        default=None, description="Temporal-difference error of the last learning step"
    )
    last_updated: NotNullIfGiven[AwareDatetime] = Field(
        default=None, description="When the value was last updated"
    )
    expires_at: AwareDatetime | None = Field(
        default=None, description="When the pair may be purged; each update puts it off"
    )
    extra: StorableJson = Field(
        default=None,
        validation_alias="metadata",
        serialization_alias="metadata",
        description="Anything else",
    )

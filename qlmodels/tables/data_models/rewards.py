"""Made of the class of rewards by `python -m tests.support.data_models`."""

from uuid import UUID

from sqlmodel import Field

from qlmodels.reward_types import RewardType
from qlmodels.tables._values import (
    AgentTypeName,
    AwareDatetime,
    BigInt,
    Finite,
    Hash,
    Name100,
    NotNegativeCount,
    NotNullIfGiven,
    StorableJson,
)
from qlmodels.tables.data_models._base import CreateModel, ReadModel, UpdateModel


class RewardCreate(CreateModel):
    """A new row of rewards as a client sends it: without what the server sets."""

    agent_type: AgentTypeName = Field(description="Who was rewarded")
    session_id: UUID | None = Field(default=None, description="The session it came in")
    trajectory_id: UUID | None = Field(default=None, description="The episode it came in")
    state_hash: Hash = Field(description="Hash of the state acted in")
    action_hash: Hash = Field(description="Hash of the action rewarded")
    reward_value: Finite = Field(description="The reward")
    step: NotNegativeCount | None = Field(
        default=None, description="Step of the episode, counted from 0"
    )
    reward_type: RewardType = Field(
        default="immediate", description="immediate, delayed, terminal or shaping"
    )
    reward_source: Name100 | None = Field(default=None, description="What gave the reward")
    observed_at: AwareDatetime | None = Field(
        default=None, description="When the reward was observed"
    )
    extra: StorableJson = Field(
        default_factory=dict,
        validation_alias="metadata",
        serialization_alias="metadata",
        description="Anything else",
    )


class RewardRead(ReadModel):
    """A row of rewards as the database has it."""

    agent_type: AgentTypeName = Field(description="Who was rewarded")
    reward_id: BigInt = Field(description="Number of the reward; set by the server")
    session_id: UUID | None = Field(description="The session it came in")
    trajectory_id: UUID | None = Field(description="The episode it came in")
    state_hash: Hash = Field(description="Hash of the state acted in")
    action_hash: Hash = Field(description="Hash of the action rewarded")
    reward_value: Finite = Field(description="The reward")
    step: NotNegativeCount | None = Field(description="Step of the episode, counted from 0")
    reward_type: RewardType = Field(description="immediate, delayed, terminal or shaping")
    reward_source: Name100 | None = Field(description="What gave the reward")
    observed_at: AwareDatetime = Field(description="When the reward was observed")
    extra: StorableJson = Field(
        validation_alias="metadata", serialization_alias="metadata", description="Anything else"
    )


class RewardUpdate(UpdateModel):
    """Changes of a row of rewards; what is left out stays as it is."""

    session_id: UUID | None = Field(default=None, description="The session it came in")
    trajectory_id: UUID | None = Field(default=None, description="The episode it came in")
    state_hash: NotNullIfGiven[Hash] = Field(default=None, description="Hash of the state acted in")
    action_hash: NotNullIfGiven[Hash] = Field(
        default=None, description="Hash of the action rewarded"
    )
    reward_value: NotNullIfGiven[Finite] = Field(default=None, description="The reward")
    step: NotNegativeCount | None = Field(
        default=None, description="Step of the episode, counted from 0"
    )
    reward_type: NotNullIfGiven[RewardType] = Field(
        default=None, description="immediate, delayed, terminal or shaping"
    )
    reward_source: Name100 | None = Field(default=None, description="What gave the reward")
    observed_at: NotNullIfGiven[AwareDatetime] = Field(
        default=None, description="When the reward was observed"
    )
    extra: StorableJson = Field(
        default=None,
        validation_alias="metadata",
        serialization_alias="metadata",
        description="Anything else",
    )

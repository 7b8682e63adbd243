"""Made of the class of trajectories by `python -m tests.support.data_models`."""

from uuid import UUID, uuid4

from pydantic import model_validator
from sqlmodel import Field

from qlmodels.tables._values import (
    AgentTypeName,
    AwareDatetime,
    BigInt,
    Documents,
    Finite,
    JsonNotNull,
    ListsOfDocuments,
    Name100,
    NotNegativeCount,
    NotNullIfGiven,
    PlainText,
    PositiveFinite,
    Rate,
    StorableJson,
)
from qlmodels.tables.data_models._base import CreateModel, ReadModel, UpdateModel
from qlmodels.tables.trajectories import consistent


class TrajectoryCreate(CreateModel):
    """A new row of trajectories as a client sends it: without what the server sets."""

    agent_type: AgentTypeName = Field(description="Who acted")
    trajectory_id: UUID = Field(default_factory=uuid4, description="Identity within the agent type")
    session_id: UUID | None = Field(default=None, description="The session of the episode")
    task_id: Name100 = Field(description="What the agent was to do")
    initial_state: JsonNotNull = Field(description="State before the first step")
    final_state: JsonNotNull = Field(description="State after the last step")
    actions_taken: Documents = Field(description="The n actions, in order")
    states_visited: Documents = Field(
        description="The states before each step, and after the last: n or n+1"
    )
    step_rewards: list[Finite] = Field(description="The n rewards, in order")
    total_reward: Finite = Field(description="Return of the episode: the sum of its rewards")
    discounted_reward: Finite = Field(description="Discounted return, seen from the first step")
    execution_time_ms: NotNegativeCount = Field(description="Duration in milliseconds")
    success: bool = Field(description="Whether the task was achieved")
    terminated: bool = Field(default=False, description="The environment ended the episode")
    truncated: bool = Field(default=False, description="A limit cut the episode short")
    is_evaluation: bool = Field(default=False, description="Played greedily, without learning")
    seed: BigInt | None = Field(
        default=None, description="Seed of the environment, to play it again"
    )
    exploration_rate: Rate | None = Field(
        default=None, description="Exploration rate epsilon during the episode"
    )
    policy_version: NotNegativeCount = Field(
        default=0, description="Version that the policy which acted descends from"
    )
    priority: PositiveFinite = Field(
        default=1.0, description="Weight in prioritised replay, above 0"
    )
    replay_count: NotNegativeCount = Field(
        default=0, description="How often a replay was answered with a new priority"
    )
    error_message: PlainText | None = Field(
        default=None, description="What went wrong, if anything"
    )
    started_at: AwareDatetime = Field(description="When the episode began")
    completed_at: AwareDatetime | None = Field(default=None, description="When the episode ended")
    expires_at: AwareDatetime | None = Field(default=None, description="When it may be purged")
    extra: StorableJson = Field(
        default_factory=dict,
        validation_alias="metadata",
        serialization_alias="metadata",
        description="Anything else",
    )
    legal_actions: ListsOfDocuments | None = Field(
        default=None,
        description="The legal actions in each of the states, or one list for all; null if unknown",
    )

    _consistent = model_validator(mode="after")(consistent)


class TrajectoryRead(ReadModel):
    """A row of trajectories as the database has it."""

    agent_type: AgentTypeName = Field(description="Who acted")
    trajectory_id: UUID = Field(description="Identity within the agent type")
    session_id: UUID | None = Field(description="The session of the episode")
    task_id: Name100 = Field(description="What the agent was to do")
    initial_state: JsonNotNull = Field(description="State before the first step")
    final_state: JsonNotNull = Field(description="State after the last step")
    actions_taken: Documents = Field(description="The n actions, in order")
    states_visited: Documents = Field(
        description="The states before each step, and after the last: n or n+1"
    )
    step_rewards: list[Finite] = Field(description="The n rewards, in order")
    total_reward: Finite = Field(description="Return of the episode: the sum of its rewards")
    discounted_reward: Finite = Field(description="Discounted return, seen from the first step")
    execution_time_ms: NotNegativeCount = Field(description="Duration in milliseconds")
    success: bool = Field(description="Whether the task was achieved")
    terminated: bool = Field(description="The environment ended the episode")
    truncated: bool = Field(description="A limit cut the episode short")
    is_evaluation: bool = Field(description="Played greedily, without learning")
    seed: BigInt | None = Field(description="Seed of the environment, to play it again")
    exploration_rate: Rate | None = Field(description="Exploration rate epsilon during the episode")
    policy_version: NotNegativeCount = Field(
        description="Version that the policy which acted descends from"
    )
    priority: PositiveFinite = Field(description="Weight in prioritised replay, above 0")
    replay_count: NotNegativeCount = Field(
        description="How often a replay was answered with a new priority"
    )
    sample_key: Rate = Field(
        description="Random place in [0, 1), by which replay samples; set by the server"
    )
    error_message: PlainText | None = Field(description="What went wrong, if anything")
    started_at: AwareDatetime = Field(description="When the episode began")
    completed_at: AwareDatetime = Field(description="When the episode ended")
    expires_at: AwareDatetime | None = Field(description="When it may be purged")
    extra: StorableJson = Field(
        validation_alias="metadata", serialization_alias="metadata", description="Anything else"
    )
    legal_actions: ListsOfDocuments | None = Field(
        description="The legal actions in each of the states, or one list for all; null if unknown"
    )


class TrajectoryUpdate(UpdateModel):
    """Changes of a row of trajectories; what is left out stays as it is."""

    session_id: UUID | None = Field(default=None, description="The session of the episode")
    task_id: NotNullIfGiven[Name100] = Field(default=None, description="What the agent was to do")
    initial_state: JsonNotNull = Field(default=None, description="State before the first step")
    final_state: JsonNotNull = Field(default=None, description="State after the last step")
    actions_taken: NotNullIfGiven[Documents] = Field(
        default=None, description="The n actions, in order"
    )
    states_visited: NotNullIfGiven[Documents] = Field(
        default=None, description="The states before each step, and after the last: n or n+1"
    )
    step_rewards: NotNullIfGiven[list[Finite]] = Field(
        default=None, description="The n rewards, in order"
    )
    total_reward: NotNullIfGiven[Finite] = Field(
        default=None, description="Return of the episode: the sum of its rewards"
    )
    discounted_reward: NotNullIfGiven[Finite] = Field(
        default=None, description="Discounted return, seen from the first step"
    )
    execution_time_ms: NotNullIfGiven[NotNegativeCount] = Field(
        default=None, description="Duration in milliseconds"
    )
    success: NotNullIfGiven[bool] = Field(default=None, description="Whether the task was achieved")
    terminated: NotNullIfGiven[bool] = Field(
        default=None, description="The environment ended the episode"
    )
    truncated: NotNullIfGiven[bool] = Field(
        default=None, description="A limit cut the episode short"
    )
    is_evaluation: NotNullIfGiven[bool] = Field(
        default=None, description="Played greedily, without learning"
    )
    seed: BigInt | None = Field(
        default=None, description="Seed of the environment, to play it again"
    )
    exploration_rate: Rate | None = Field(
        default=None, description="Exploration rate epsilon during the episode"
    )
    policy_version: NotNullIfGiven[NotNegativeCount] = Field(
        default=None, description="Version that the policy which acted descends from"
    )
    priority: NotNullIfGiven[PositiveFinite] = Field(
        default=None, description="Weight in prioritised replay, above 0"
    )
    replay_count: NotNullIfGiven[NotNegativeCount] = Field(
        default=None, description="How often a replay was answered with a new priority"
    )
    error_message: PlainText | None = Field(
        default=None, description="What went wrong, if anything"
    )
    started_at: NotNullIfGiven[AwareDatetime] = Field(
        default=None, description="When the episode began"
    )
    completed_at: NotNullIfGiven[AwareDatetime] = Field(
        default=None, description="When the episode ended"
    )
    expires_at: AwareDatetime | None = Field(default=None, description="When it may be purged")
    extra: StorableJson = Field(
        default=None,
        validation_alias="metadata",
        serialization_alias="metadata",
        description="Anything else",
    )
    legal_actions: ListsOfDocuments | None = Field(
        default=None,
        description="The legal actions in each of the states, or one list for all; null if unknown",
    )

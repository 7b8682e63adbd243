"""Made of the class of agent_states by `python -m tests.support.data_models`."""

from uuid import UUID, uuid4

from sqlmodel import Field

from qlmodels.tables._values import (
    AgentTypeName,
    AwareDatetime,
    BigCount,
    Finite,
    Name100,
    NotNegativeCount,
    NotNullIfGiven,
    Rate,
    StorableJson,
)
from qlmodels.tables.agent_states import AgentStatus
from qlmodels.tables.data_models._base import CreateModel, ReadModel, UpdateModel


class AgentStateCreate(CreateModel):
    """A new row of agent_states as a client sends it: without what the server sets."""

    agent_type: AgentTypeName = Field(description="What kind of agent")
    state_id: UUID = Field(default_factory=uuid4, description="Identity within the agent type")
    agent_instance_id: Name100 = Field(description="Name of the instance, unique in its agent type")
    total_tasks: NotNegativeCount = Field(default=0, description="Episodes played")
    successful_tasks: NotNegativeCount = Field(default=0, description="Episodes that succeeded")
    failed_tasks: NotNegativeCount = Field(default=0, description="Episodes that failed")
    total_reward: Finite = Field(default=0.0, description="Sum of all returns")
    avg_reward: Finite = Field(default=0.0, description="Mean return")
    current_exploration_rate: Rate = Field(description="Exploration rate epsilon now")
    current_learning_rate: Rate = Field(description="Learning rate alpha now")
    patterns_learned: NotNegativeCount = Field(default=0, description="Patterns kept")
    q_values_stored: NotNegativeCount = Field(default=0, description="Pairs learned")
    lookups: BigCount = Field(default=0, description="How often a state was looked up")
    lookup_hits: BigCount = Field(
        default=0, description="How many of these look-ups found a learned pair"
    )
    status: AgentStatus = Field(
        default="idle", description="idle, active, learning, paused or error"
    )
    last_activity: AwareDatetime | None = Field(
        default=None, description="When the instance was last heard of"
    )
    initialized_at: AwareDatetime | None = Field(
        default=None, description="When the instance began"
    )
    extra: StorableJson = Field(
        default_factory=dict,
        validation_alias="metadata",
        serialization_alias="metadata",
        description="Anything else",
    )


class AgentStateRead(ReadModel):
    """A row of agent_states as the database has it."""

    agent_type: AgentTypeName = Field(description="What kind of agent")
    state_id: UUID = Field(description="Identity within the agent type")
    agent_instance_id: Name100 = Field(description="Name of the instance, unique in its agent type")
    total_tasks: NotNegativeCount = Field(description="Episodes played")
    successful_tasks: NotNegativeCount = Field(description="Episodes that succeeded")
    failed_tasks: NotNegativeCount = Field(description="Episodes that failed")
    total_reward: Finite = Field(description="Sum of all returns")
    avg_reward: Finite = Field(description="Mean return")
    current_exploration_rate: Rate = Field(description="Exploration rate epsilon now")
    current_learning_rate: Rate = Field(description="Learning rate alpha now")
    success_rate: Rate = Field(
        description="successful_tasks / total_tasks, 0 without tasks; computed by the server"
    )
    patterns_learned: NotNegativeCount = Field(description="Patterns kept")
    q_values_stored: NotNegativeCount = Field(description="Pairs learned")
    lookups: BigCount = Field(description="How often a state was looked up")
    lookup_hits: BigCount = Field(description="How many of these look-ups found a learned pair")
    status: AgentStatus = Field(description="idle, active, learning, paused or error")
    last_activity: AwareDatetime = Field(description="When the instance was last heard of")
    initialized_at: AwareDatetime = Field(description="When the instance began")
    updated_at: AwareDatetime = Field(description="When the row last changed; set by the server")
    extra: StorableJson = Field(
        validation_alias="metadata", serialization_alias="metadata", description="Anything else"
    )


class AgentStateUpdate(UpdateModel):
    """Changes of a row of agent_states; what is left out stays as it is."""

    agent_instance_id: NotNullIfGiven[Name100] = Field(
        default=None, description="Name of the instance, unique in its agent type"
    )
    total_tasks: NotNullIfGiven[NotNegativeCount] = Field(
        default=None, description="Episodes played"
    )
    successful_tasks: NotNullIfGiven[NotNegativeCount] = Field(
        default=None, description="Episodes that succeeded"
    )
    failed_tasks: NotNullIfGiven[NotNegativeCount] = Field(
        default=None, description="Episodes that failed"
    )
    total_reward: NotNullIfGiven[Finite] = Field(default=None, description="Sum of all returns")
    avg_reward: NotNullIfGiven[Finite] = Field(default=None, description="Mean return")
    current_exploration_rate: NotNullIfGiven[Rate] = Field(
        default=None, description="Exploration rate epsilon now"
    )
    current_learning_rate: NotNullIfGiven[Rate] = Field(
        default=None, description="Learning rate alpha now"
    )
    patterns_learned: NotNullIfGiven[NotNegativeCount] = Field(
        default=None, description="Patterns kept"
    )
    q_values_stored: NotNullIfGiven[NotNegativeCount] = Field(
        default=None, description="Pairs learned"
    )
    lookups: NotNullIfGiven[BigCount] = Field(
        default=None, description="How often a state was looked up"
    )
    lookup_hits: NotNullIfGiven[BigCount] = Field(
        default=None, description="How many of these look-ups found a learned pair"
    )
    status: NotNullIfGiven[AgentStatus] = Field(
        default=None, description="idle, active, learning, paused or error"
    )
    last_activity: NotNullIfGiven[AwareDatetime] = Field(
        default=None, description="When the instance was last heard of"
    )
    initialized_at: NotNullIfGiven[AwareDatetime] = Field(
        default=None, description="When the instance began"
    )
    extra: StorableJson = Field(
        default=None,
        validation_alias="metadata",
        serialization_alias="metadata",
        description="Anything else",
    )

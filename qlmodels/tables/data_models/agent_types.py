"""Made of the class of agent_types by `python -m tests.support.data_models`."""

from sqlmodel import Field

from qlmodels.tables._values import (
    AgentTypeName,
    AwareDatetime,
    Finite,
    Name50,
    Name100,
    NotNegative,
    NotNullIfGiven,
    PlainText,
    PositiveCount,
    Rate,
    StorableJson,
)
from qlmodels.tables.agent_types import HashingRule
from qlmodels.tables.data_models._base import CreateModel, ReadModel, UpdateModel


class AgentTypeCreate(CreateModel):
    """A new row of agent_types as a client sends it: without what the server sets."""

    agent_type: AgentTypeName = Field(
        description="Name of the agent type: a lower-case letter, then letters, digits, hyphens"
    )
    display_name: Name100 = Field(description="Name for people")
    description: PlainText | None = Field(default=None, description="What agents of this type do")
    state_space_dimensions: PositiveCount = Field(
        default=10, description="Number of features of a state"
    )
    action_space_dimensions: PositiveCount | None = Field(
        default=None,
        description="Number of actions to choose from, the same in every state; null: not known",
    )
    learning_rate: Rate = Field(
        default=0.1, description="Learning rate alpha at the first visit of a pair, 0 to 1"
    )
    discount_factor: Rate = Field(
        default=0.95,
        description="Discount factor gamma: what the value of the next state counts, 0 to 1",
    )
    exploration_rate: Rate = Field(
        default=0.2, description="Exploration rate epsilon of a new instance, 0 to 1"
    )
    min_exploration_rate: Rate = Field(
        default=0.01, description="Exploration rate below which it does not decay, 0 to 1"
    )
    exploration_decay: Rate = Field(
        default=0.995,
        description="Factor by which the exploration rate falls with each finished episode",
    )
    initial_q_value: Finite = Field(
        default=0.0,
        description="Value of an action that was never tried; optimistic values explore more",
    )
    learning_rate_decay: NotNegative = Field(
        default=0.0,
        description="Exponent w of alpha = learning_rate / visits^w; 0 keeps alpha constant",
    )
    min_learning_rate: Rate = Field(
        default=0.0, description="Learning rate below which alpha does not decay, 0 to 1"
    )
    environment: Name50 | None = Field(
        default=None, description="The one environment this type learns in; null allows any"
    )
    retention_days: PositiveCount | None = Field(
        default=30, description="Days after which what is no longer used expires; null is never"
    )
    is_active: bool = Field(
        default=True,
        description="Whether agents of this type may act; agent types are never deleted",
    )
    extra: StorableJson = Field(
        default_factory=dict,
        validation_alias="metadata",
        serialization_alias="metadata",
        description="Anything else",
    )
    hashing: HashingRule | None = Field(
        default=None,
        description="How states and actions are hashed: as the original does; null is RFC 8785",
    )


class AgentTypeRead(ReadModel):
    """A row of agent_types as the database has it."""

    agent_type: AgentTypeName = Field(
        description="Name of the agent type: a lower-case letter, then letters, digits, hyphens"
    )
    display_name: Name100 = Field(description="Name for people")
    description: PlainText | None = Field(description="What agents of this type do")
    state_space_dimensions: PositiveCount = Field(description="Number of features of a state")
    action_space_dimensions: PositiveCount | None = Field(
        description="Number of actions to choose from, the same in every state; null: not known"
    )
    learning_rate: Rate = Field(
        description="Learning rate alpha at the first visit of a pair, 0 to 1"
    )
    discount_factor: Rate = Field(
        description="Discount factor gamma: what the value of the next state counts, 0 to 1"
    )
    exploration_rate: Rate = Field(description="Exploration rate epsilon of a new instance, 0 to 1")
    min_exploration_rate: Rate = Field(
        description="Exploration rate below which it does not decay, 0 to 1"
    )
    exploration_decay: Rate = Field(
        description="Factor by which the exploration rate falls with each finished episode"
    )
    initial_q_value: Finite = Field(
        description="Value of an action that was never tried; optimistic values explore more"
    )
    learning_rate_decay: NotNegative = Field(
        description="Exponent w of alpha = learning_rate / visits^w; 0 keeps alpha constant"
    )
    min_learning_rate: Rate = Field(
        description="Learning rate below which alpha does not decay, 0 to 1"
    )
    environment: Name50 | None = Field(
        description="The one environment this type learns in; null allows any"
    )
    retention_days: PositiveCount | None = Field(
        description="Days after which what is no longer used expires; null is never"
    )
    is_active: bool = Field(
        description="Whether agents of this type may act; agent types are never deleted"
    )
    extra: StorableJson = Field(
        validation_alias="metadata", serialization_alias="metadata", description="Anything else"
    )
    created_at: AwareDatetime = Field(description="When the row was made; set by the server")
    updated_at: AwareDatetime = Field(description="When the row last changed; set by the server")
    hashing: HashingRule | None = Field(
        description="How states and actions are hashed: as the original does; null is RFC 8785"
    )


class AgentTypeUpdate(UpdateModel):
    """Changes of a row of agent_types; what is left out stays as it is."""

    display_name: NotNullIfGiven[Name100] = Field(default=None, description="Name for people")
    description: PlainText | None = Field(default=None, description="What agents of this type do")
    state_space_dimensions: NotNullIfGiven[PositiveCount] = Field(
        default=None, description="Number of features of a state"
    )
    action_space_dimensions: PositiveCount | None = Field(
        default=None,
        description="Number of actions to choose from, the same in every state; null: not known",
    )
    learning_rate: NotNullIfGiven[Rate] = Field(
        default=None, description="Learning rate alpha at the first visit of a pair, 0 to 1"
    )
    discount_factor: NotNullIfGiven[Rate] = Field(
        default=None,
        description="Discount factor gamma: what the value of the next state counts, 0 to 1",
    )
    exploration_rate: NotNullIfGiven[Rate] = Field(
        default=None, description="Exploration rate epsilon of a new instance, 0 to 1"
    )
    min_exploration_rate: NotNullIfGiven[Rate] = Field(
        default=None, description="Exploration rate below which it does not decay, 0 to 1"
    )
    exploration_decay: NotNullIfGiven[Rate] = Field(
        default=None,
        description="Factor by which the exploration rate falls with each finished episode",
    )
    initial_q_value: NotNullIfGiven[Finite] = Field(
        default=None,
        description="Value of an action that was never tried; optimistic values explore more",
    )
    learning_rate_decay: NotNullIfGiven[NotNegative] = Field(
        default=None,
        description="Exponent w of alpha = learning_rate / visits^w; 0 keeps alpha constant",
    )
    min_learning_rate: NotNullIfGiven[Rate] = Field(
        default=None, description="Learning rate below which alpha does not decay, 0 to 1"
    )
    environment: Name50 | None = Field(
        default=None, description="The one environment this type learns in; null allows any"
    )
    retention_days: PositiveCount | None = Field(
        default=None, description="Days after which what is no longer used expires; null is never"
    )
    is_active: NotNullIfGiven[bool] = Field(
        default=None,
        description="Whether agents of this type may act; agent types are never deleted",
    )
    extra: StorableJson = Field(
        default=None,
        validation_alias="metadata",
        serialization_alias="metadata",
        description="Anything else",
    )
    hashing: HashingRule | None = Field(
        default=None,
        description="How states and actions are hashed: as the original does; null is RFC 8785",
    )

"""Made of the class of sessions by `python -m tests.support.data_models`."""

from uuid import UUID, uuid4

from sqlmodel import Field

from qlmodels.tables._values import (
    AgentTypeName,
    AwareDatetime,
    Finite,
    Name50,
    Name100,
    Name200,
    NotNegativeCount,
    NotNullIfGiven,
    PlainText,
    StorableJson,
    StorableObject,
    Tags,
)
from qlmodels.tables.data_models._base import CreateModel, ReadModel, UpdateModel
from qlmodels.tables.sessions import SessionStatus


class AgentSessionCreate(CreateModel):
    """A new row of sessions as a client sends it: without what the server sets."""

    agent_type: AgentTypeName = Field(description="Whose run it is")
    session_id: UUID = Field(default_factory=uuid4, description="Identity within the agent type")
    session_name: Name200 | None = Field(default=None, description="Name for people")
    start_time: AwareDatetime | None = Field(default=None, description="When the run began")
    end_time: AwareDatetime | None = Field(default=None, description="When the run ended")
    status: SessionStatus = Field(
        default="active", description="active, completed, failed or cancelled"
    )
    task_count: NotNegativeCount = Field(default=0, description="Number of episodes of the run")
    total_reward: Finite = Field(default=0.0, description="Sum of the rewards of the run")
    environment: Name50 = Field(default="development", description="Where the agent acted")
    agent_instance_id: Name100 | None = Field(default=None, description="The instance that ran")
    extra: StorableJson = Field(
        default_factory=dict,
        validation_alias="metadata",
        serialization_alias="metadata",
        description="Anything else",
    )
    hyperparameters: StorableObject | None = Field(
        default=None, description="How the agent learned when the run began; null is not recorded"
    )
    tags: Tags = Field(default_factory=list, description="Words to find and group runs by")
    notes: PlainText | None = Field(default=None, description="What the run is for, in words")


class AgentSessionRead(ReadModel):
    """A row of sessions as the database has it."""

    agent_type: AgentTypeName = Field(description="Whose run it is")
    session_id: UUID = Field(description="Identity within the agent type")
    session_name: Name200 | None = Field(description="Name for people")
    start_time: AwareDatetime = Field(description="When the run began")
    end_time: AwareDatetime | None = Field(description="When the run ended")
    status: SessionStatus = Field(description="active, completed, failed or cancelled")
    task_count: NotNegativeCount = Field(description="Number of episodes of the run")
    total_reward: Finite = Field(description="Sum of the rewards of the run")
    environment: Name50 = Field(description="Where the agent acted")
    agent_instance_id: Name100 | None = Field(description="The instance that ran")
    extra: StorableJson = Field(
        validation_alias="metadata", serialization_alias="metadata", description="Anything else"
    )
    created_at: AwareDatetime = Field(description="When the row was made; set by the server")
    updated_at: AwareDatetime = Field(description="When the row last changed; set by the server")
    hyperparameters: StorableObject | None = Field(
        description="How the agent learned when the run began; null is not recorded"
    )
    tags: Tags = Field(description="Words to find and group runs by")
    notes: PlainText | None = Field(description="What the run is for, in words")


class AgentSessionUpdate(UpdateModel):
    """Changes of a row of sessions; what is left out stays as it is."""

    session_name: Name200 | None = Field(default=None, description="Name for people")
    start_time: NotNullIfGiven[AwareDatetime] = Field(
        default=None, description="When the run began"
    )
    end_time: AwareDatetime | None = Field(default=None, description="When the run ended")
    status: NotNullIfGiven[SessionStatus] = Field(
        default=None, description="active, completed, failed or cancelled"
    )
    task_count: NotNullIfGiven[NotNegativeCount] = Field(
        default=None, description="Number of episodes of the run"
    )
    total_reward: NotNullIfGiven[Finite] = Field(
        default=None, description="Sum of the rewards of the run"
    )
    environment: NotNullIfGiven[Name50] = Field(default=None, description="Where the agent acted")
    agent_instance_id: Name100 | None = Field(default=None, description="The instance that ran")
    extra: StorableJson = Field(
        default=None,
        validation_alias="metadata",
        serialization_alias="metadata",
        description="Anything else",
    )
    hyperparameters: StorableObject | None = Field(
        default=None, description="How the agent learned when the run began; null is not recorded"
    )
    tags: NotNullIfGiven[Tags] = Field(default=None, description="Words to find and group runs by")
    notes: PlainText | None = Field(default=None, description="What the run is for, in words")

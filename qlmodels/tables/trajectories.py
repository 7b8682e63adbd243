"""Episodes: what was done, seen and earned, step by step."""

from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar
from uuid import UUID, uuid4

from pydantic import model_validator
from sqlalchemy import BigInteger, Column, Index, text
from sqlalchemy.orm import Mapped
from sqlmodel import Field

from qlmodels.tables._columns import (
    agent_type,
    document,
    double,
    extra,
    flag,
    integer,
    moment,
    now,
    random_key,
    string,
    uuid_key,
    uuid_reference,
)
from qlmodels.tables._constraints import (
    agent_type_key,
    at_least,
    check,
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
    BigInt,
    Documents,
    Finite,
    FromServer,
    JsonNotNull,
    JsonValue,
    ListsOfDocuments,
    MomentOrNow,
    Name100,
    NotNegativeCount,
    PlainText,
    PositiveFinite,
    Rate,
    StorableJson,
)

if TYPE_CHECKING:
    from qlmodels.tables.agent_types import AgentType
    from qlmodels.tables.rewards import Reward
    from qlmodels.tables.sessions import AgentSession

TABLE = "trajectories"

OUTCOME = ("total_reward", "success", "is_evaluation", "exploration_rate", "seed")
"""What a learning curve is drawn from: read from an index, past the documents of the episodes."""

ONE_LENGTH = """\
case when jsonb_typeof(actions_taken) = 'array'
      and jsonb_typeof(step_rewards) = 'array'
      and jsonb_typeof(states_visited) = 'array'
     then jsonb_array_length(step_rewards) = jsonb_array_length(actions_taken)
      and jsonb_array_length(states_visited) - jsonb_array_length(actions_taken) in (0, 1)
     else false end"""


LEGAL_ACTIONS = """\
case when legal_actions is null then true
     when jsonb_typeof(legal_actions) <> 'array'
       or jsonb_path_exists(legal_actions, 'strict $[*] ? (@.type() <> "array")') then false
     else jsonb_array_length(legal_actions) = 1
       or jsonb_array_length(legal_actions) = jsonb_array_length(states_visited) end"""


class _Steps(Protocol):
    actions_taken: list[JsonValue]
    states_visited: list[JsonValue]
    step_rewards: list[float]
    legal_actions: list[list[JsonValue]] | None


_Episode = TypeVar("_Episode", bound=_Steps)


def consistent(episode: _Episode) -> _Episode:
    """Return the episode. Raises ValueError where its parts are not of its length."""
    actions, rewards = len(episode.actions_taken), len(episode.step_rewards)
    states = len(episode.states_visited)
    if rewards != actions:
        raise ValueError(f"{actions} actions but {rewards} rewards: each step has one of each")
    if states - actions not in (0, 1):
        raise ValueError(f"{actions} actions but {states} states: give {actions} or {actions + 1}")
    if episode.legal_actions is not None and len(episode.legal_actions) not in (1, states):
        raise ValueError(
            f"{states} states but legal actions of {len(episode.legal_actions)}: "
            "give those of each state, or one list for all"
        )
    return episode


class Trajectory(Row, table=True):
    """One episode: n actions, n rewards, and n or n + 1 states."""

    __tablename__ = TABLE  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        agent_type_key(TABLE),
        owned_key(TABLE, "session_id", "sessions", "session_id", "CASCADE"),
        check(TABLE, "steps", ONE_LENGTH),
        check(TABLE, "legal_actions", LEGAL_ACTIONS),
        *finite(TABLE, "total_reward", "discounted_reward"),
        *at_least(TABLE, 0, "execution_time_ms", "policy_version", "replay_count"),
        *rates(TABLE, "exploration_rate"),
        check(TABLE, "priority", "priority > 0 and priority < 'Infinity'"),
        check(TABLE, "sample_key", "sample_key >= 0 and sample_key < 1"),
        index(TABLE, "session_id", "completed_at", include=OUTCOME),
        index(TABLE, "completed_at", include=("session_id", *OUTCOME)),
        Index(
            f"ix_{TABLE}_evaluation",
            "agent_type",
            "completed_at",
            postgresql_include=["session_id", *OUTCOME],
            postgresql_where=text("is_evaluation"),
        ),
        # one btree for a task's episodes and for how a task's name begins
        Index(
            f"ix_{TABLE}_task_id",
            "agent_type",
            "task_id",
            postgresql_ops={"task_id": "varchar_pattern_ops"},
        ),
        index(TABLE, "sample_key"),
        # prioritised replay draws among episodes whose priorities are within a factor of two
        Index(
            f"ix_{TABLE}_priority",
            "agent_type",
            text("(ceil(ln(priority) / ln(2::double precision)))"),
            "sample_key",
        ),
    )

    agent_type: AgentTypeName = Field(sa_column=agent_type(), description="Who acted")
    trajectory_id: UUID = Field(
        default_factory=uuid4, sa_column=uuid_key(), description="Identity within the agent type"
    )
    session_id: UUID | None = Field(
        default=None, sa_column=uuid_reference(), description="The session of the episode"
    )
    task_id: Name100 = Field(sa_column=string(100), description="What the agent was to do")
    initial_state: JsonNotNull = Field(
        sa_column=document(), description="State before the first step"
    )
    final_state: JsonNotNull = Field(sa_column=document(), description="State after the last step")
    actions_taken: Documents = Field(sa_column=document(), description="The n actions, in order")
    states_visited: Documents = Field(
        sa_column=document(),
        description="The states before each step, and after the last: n or n+1",
    )
    step_rewards: list[Finite] = Field(sa_column=document(), description="The n rewards, in order")
    total_reward: Finite = Field(
        sa_column=double(), description="Return of the episode: the sum of its rewards"
    )
    discounted_reward: Finite = Field(
        sa_column=double(), description="Discounted return, seen from the first step"
    )
    execution_time_ms: NotNegativeCount = Field(
        sa_column=integer(), description="Duration in milliseconds"
    )
    success: bool = Field(sa_column=flag(), description="Whether the task was achieved")
    terminated: bool = Field(
        default=False, sa_column=flag(False), description="The environment ended the episode"
    )
    truncated: bool = Field(
        default=False, sa_column=flag(False), description="A limit cut the episode short"
    )
    is_evaluation: bool = Field(
        default=False, sa_column=flag(False), description="Played greedily, without learning"
    )
    seed: BigInt | None = Field(
        default=None,
        sa_column=Column(BigInteger, nullable=True),
        description="Seed of the environment, to play it again",
    )
    exploration_rate: Rate | None = Field(
        default=None,
        sa_column=double(nullable=True),
        description="Exploration rate epsilon during the episode",
    )
    policy_version: NotNegativeCount = Field(
        default=0,
        sa_column=integer(0),
        description="Version that the policy which acted descends from",
    )
    priority: PositiveFinite = Field(
        default=1.0, sa_column=double(1), description="Weight in prioritised replay, above 0"
    )
    replay_count: NotNegativeCount = Field(
        default=0,
        sa_column=integer(0),
        description="How often a replay was answered with a new priority",
    )
    sample_key: FromServer[Rate] = Field(
        default=None,
        sa_column=random_key(),
        description="Random place in [0, 1), by which replay samples; set by the server",
    )
    error_message: PlainText | None = Field(
        default=None, sa_column=string(nullable=True), description="What went wrong, if anything"
    )
    started_at: AwareDatetime = Field(sa_column=moment(), description="When the episode began")
    completed_at: MomentOrNow = Field(
        default=None, sa_column=now(), description="When the episode ended"
    )
    expires_at: AwareDatetime | None = Field(
        default=None, sa_column=moment(nullable=True), description="When it may be purged"
    )
    extra: StorableJson = extra()
    legal_actions: ListsOfDocuments | None = Field(
        default=None,
        sa_column=document(nullable=True),
        description="The legal actions in each of the states, or one list for all; null if unknown",
    )

    agent_type_row: ClassVar[Mapped["AgentType"]] = one("agent_types.AgentType")
    session: ClassVar[Mapped["AgentSession | None"]] = one("sessions.AgentSession")
    rewards: ClassVar[Mapped["list[Reward]"]] = many("rewards.Reward", "reward_id")

    _consistent = model_validator(mode="after")(consistent)

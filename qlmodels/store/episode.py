"""One episode: n actions, n rewards, and n or n + 1 states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from qlmodels.store import checks
from qlmodels.store.errors import InvalidValue
from qlmodels.store.hashing import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """What was done, seen and earned, step by step; a row of the trajectories table.

    `states` are those before each step and, optionally, the one after the last. Times are aware.
    With `policy_version` 0 the database sets the version that was kept last.
    `trajectory_id` is made here, so that recording twice stores once. Raises InvalidValue when
    the lengths do not fit.
    """

    task_id: str
    states: Sequence[Any]
    actions: Sequence[Any]
    rewards: Sequence[float]
    success: bool
    started_at: datetime
    completed_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    terminated: bool = False
    truncated: bool = False
    is_evaluation: bool = False
    seed: int | None = None
    exploration_rate: float | None = None
    policy_version: int = 0
    priority: float = 1.0
    error_message: str | None = None
    session: UUID | None = None
    trajectory_id: UUID = field(default_factory=uuid4)
    extra: Mapping[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("states", "actions", "rewards"):
            object.__setattr__(self, name, checks.sequence(getattr(self, name), name))
        rewards = [checks.finite(reward, "reward") for reward in self.rewards]
        object.__setattr__(self, "rewards", rewards)
        steps = len(self.actions)
        if len(self.rewards) != steps:
            raise InvalidValue(
                f"The episode has {steps} actions but {len(self.rewards)} rewards, and each step "
                "has one of each: give as many rewards as actions."
            )
        if not self.states or len(self.states) - steps not in (0, 1):
            raise InvalidValue(
                f"The episode has {steps} actions but {len(self.states)} states: give the state "
                f"before each action, {steps} of them, and the last state if it is known."
            )
        checks.moment(self.started_at, "started_at")
        checks.moment(self.completed_at, "completed_at")

    @property
    def total_reward(self) -> float:
        return float(sum(self.rewards))

    def discounted_reward(self, discount_factor: float) -> float:
        """The return seen from the first step."""
        discounted = 0.0
        for reward in reversed(self.rewards):
            discounted = reward + discount_factor * discounted
        return discounted

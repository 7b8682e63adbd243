"""One episode: n actions, n rewards, and n or n + 1 states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from qlmodels.store import checks
from qlmodels.store.errors import InvalidValue, NoActions
from qlmodels.store.hashing import Json, identify
from qlmodels.store.plain import unwrapped


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """What was done, seen and earned, step by step; a row of the trajectories table.

    `states` are those before each step and, optionally, the one after the last. Times are aware.
    With `policy_version` 0 the database sets the version that was kept last. `legal` are the legal
    actions, one list for all states or a list for each of them, which a replay learns with; after
    the last state of an episode that terminated there are none, and its list may be left out.
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
    legal: Sequence[Any] | None = None

    def __post_init__(self) -> None:
        for name in ("states", "actions", "rewards"):
            object.__setattr__(self, name, checks.sequence(getattr(self, name), name))
        rewards = [checks.finite(reward, "reward") for reward in self.rewards]
        object.__setattr__(self, "rewards", rewards)
        for name in ("success", "terminated", "truncated", "is_evaluation"):
            object.__setattr__(self, name, checks.flag(getattr(self, name), name))
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
        if self.legal is not None:
            object.__setattr__(
                self, "legal", self._legal_lists(checks.sequence(self.legal, "legal actions"))
            )
        checks.moment(self.started_at, "started_at")
        checks.moment(self.completed_at, "completed_at")

    def _legal_lists(self, given: list[Any]) -> list[list[Any]]:
        """One list, or one for each state; actions may be lists themselves, so look for them."""
        if not given:
            raise NoActions("There are 0 legal actions of the episode. Give all of them, or None.")
        lists = [unwrapped(item) for item in given]
        if not all(isinstance(item, list | tuple) for item in lists) or self._are_in(given):
            return [given]
        missing = len(self.states) - len(lists)
        if missing == 1 and self.terminated:
            lists.append([])
            missing = 0
        if missing and len(lists) != 1:
            raise InvalidValue(
                f"The episode has {len(self.states)} states but {len(lists)} lists of legal "
                "actions: give one list for all states, or one for each, the last state included."
            )
        return [list(item) for item in lists]

    def _are_in(self, legal: list[Any]) -> bool:
        """Return whether all actions of the episode are among these, and there are any."""
        known = {identify(action, "legal action").hash for action in legal}
        taken = {identify(action, "action").hash for action in self.actions}
        return bool(taken) and taken <= known

    @property
    def total_reward(self) -> float:
        return float(sum(self.rewards))

    def discounted_reward(self, discount_factor: float) -> float:
        """The return seen from the first step."""
        discounted = 0.0
        for reward in reversed(self.rewards):
            discounted = reward + discount_factor * discounted
        return discounted

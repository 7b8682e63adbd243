"""One step of experience, and what was learned from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from qlmodels.reward_types import RewardType
from qlmodels.store import checks
from qlmodels.store.next_policy import NextPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One step. States and actions are JSON values or `Hashed`.

    `next_actions` are the legal actions of the next state; without them the store's own
    `actions` count, and without those the agent type's action_space_dimensions; where that is null
    too, a step that does not terminate raises NoActions. `truncated`
    steps bootstrap like any other, `terminated` ones do not: their next state is not looked at.
    `next_policy` makes the next state worth what its actions are under that policy, in place of
    their maximum; see `learn`. `learning_rate` takes the place of the agent type's, and `weight`
    multiplies the change, as importance weights of a replay do.
    With a `reward_type` the reward is
    recorded in the rewards table too, with its `step` in the episode, counted from 0.
    """

    state: Any
    action: Any
    reward: float
    next_state: Any
    next_actions: Any = None
    terminated: bool = False
    truncated: bool = False
    discount_factor: float | None = None
    session: UUID | None = None
    reward_type: RewardType | None = None
    reward_source: str | None = None
    step: int | None = None
    next_policy: NextPolicy | None = None
    learning_rate: float | None = None
    weight: float | None = None

    def __post_init__(self) -> None:
        """Read iterators, which give what they hold only once."""
        for name in ("next_actions", "next_policy"):
            value = getattr(self, name)
            if isinstance(value, Iterator):
                object.__setattr__(self, name, checks.sequence(value, name))


@dataclass(frozen=True, slots=True)
class Learned:
    """The pair after a step, and what the actions of the next state are worth then.

    `td_error` is the difference before it was multiplied by `learning_rate` and the step's weight.
    `next_values` and `next_visits` are in the order of the next actions; None where there were
    none to tell of (terminated, no actions given, or learned in a batch).
    """

    q_value: float
    td_error: float
    learning_rate: float
    visit_count: int
    next_values: tuple[float, ...] | None = None
    next_visits: tuple[int, ...] | None = None

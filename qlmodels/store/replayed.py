"""An episode that was drawn for replay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias
from uuid import UUID

from qlmodels.store.error_translation import actions_unknown
from qlmodels.store.errors import NoActions
from qlmodels.store.hashing import parse
from qlmodels.store.transition import Transition

Legal: TypeAlias = Callable[[Any], Sequence[Any]]


@dataclass(frozen=True)
class Replayed:
    """A drawn episode. `probability` is that of each draw, `weight` (at most 1) corrects for it.

    Both rest on the number of episodes and the sum of priorities, which are read once a minute
    and, where a bucket holds more than a thousand, estimated within a few percent.
    """

    trajectory_id: UUID
    task_id: str
    total_reward: float
    success: bool
    terminated: bool
    truncated: bool
    priority: float
    probability: float
    weight: float
    _documents: Sequence[str] = field(repr=False)
    _agent_type: str | None = field(default=None, repr=False)
    """Whose actions are not known; None where they are."""
    _legal: str | None = field(default=None, repr=False)

    @cached_property
    def states(self) -> list[Any]:
        """The n states before the steps and, where it was recorded, the last one."""
        return list(parse(self._documents[0]))

    @cached_property
    def actions(self) -> list[Any]:
        return list(parse(self._documents[1]))

    @cached_property
    def rewards(self) -> list[float]:
        return list(parse(self._documents[2]))

    @cached_property
    def legal(self) -> list[list[Any]] | None:
        """The legal actions in each of the states; None where they were not recorded."""
        if self._legal is None:
            return None
        lists = list(parse(self._legal))
        return lists * len(self.states) if len(lists) == 1 else lists

    def transitions(self, next_actions: Sequence[Any] | Legal | None = None) -> list[Transition]:
        """The steps whose next state is known, for `learn_many`.

        The legal actions are those that were recorded. In their place `next_actions` are those of
        every state, or a function that gives them for a state. Raises NoActions where they are
        known neither from here nor from the episode, the store or its agent type, and a step does
        not terminate.
        """
        last = len(self.actions) - 1
        steps = [
            Transition(
                state=self.states[step],
                action=action,
                reward=self.rewards[step],
                next_state=self.states[step + 1] if step + 1 < len(self.states) else None,
                terminated=self.terminated and step == last,
                truncated=self.truncated and step == last,
            )
            for step, action in enumerate(self.actions)
            if step + 1 < len(self.states) or self.terminated
        ]
        return [self._with_actions(at, step, next_actions) for at, step in enumerate(steps)]

    def _with_actions(
        self, at: int, step: Transition, next_actions: Sequence[Any] | Legal | None
    ) -> Transition:
        if step.terminated:
            return step
        if next_actions is None and self.legal is not None:
            return replace(step, next_actions=self.legal[at + 1])
        if next_actions is None and self._agent_type is not None:
            raise NoActions(actions_unknown(self._agent_type))
        legal = next_actions(step.next_state) if callable(next_actions) else next_actions
        return replace(step, next_actions=legal)

"""The reference: tabular Q-learning in a dictionary, with the store's rules and its dice."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qlmodels.store import Choice, Learned, Transition
from qlmodels.store.choice import choose, epsilon_greedy


@dataclass
class MemoryStore:
    """As much of LearningStore as an agent of the demo needs."""

    rates: Mapping[str, float]
    rng: random.Random
    values: dict[tuple[str, str], float] = field(default_factory=dict)
    visits: dict[tuple[str, str], int] = field(default_factory=dict)

    async def exploration_rate(self) -> float:
        return self.rates["exploration_rate"]

    async def select_action(
        self, state: Any, actions: Any = None, epsilon: float | None = None
    ) -> Choice:
        values = [self._value(state, action) for action in actions]
        visits = [self.visits.get((state.hash, action), 0) for action in actions]
        return choose(epsilon_greedy(epsilon or 0.0), self.rng, actions, values, visits)

    async def learn_from(self, transition: Transition) -> Learned:
        step = transition
        key = (step.state.hash, step.action)
        visits = self.visits[key] = self.visits.get(key, 0) + 1
        alpha = max(
            self.rates.get("min_learning_rate", 0.0),
            self.rates["learning_rate"] / visits ** self.rates.get("learning_rate_decay", 0.0),
        )
        best = 0.0
        if not step.terminated:
            best = max(self._value(step.next_state, action) for action in step.next_actions)
        error = step.reward + self.rates["discount_factor"] * best - self._value(*self._pair(step))
        self.values[key] = self._value(*self._pair(step)) + alpha * error
        return Learned(self.values[key], error, alpha, visits)

    async def learn_and_select(
        self, transition: Transition, epsilon: float | None = None
    ) -> tuple[Learned, Choice]:
        learned = await self.learn_from(transition)
        return learned, await self.select_action(
            transition.next_state, transition.next_actions, epsilon
        )

    def _value(self, state: Any, action: str) -> float:
        return self.values.get((state.hash, action), self.rates["initial_q_value"])

    @staticmethod
    def _pair(step: Transition) -> tuple[Any, str]:
        return step.state, step.action

"""Choosing an action: epsilon-greedy, ties broken at random."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class KnownAction:
    """An action that was tried in a state."""

    action: Any
    q_value: float
    confidence_score: float
    visit_count: int


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen action; `explored` when it was drawn among all, `visit_count` 0 when untried."""

    action: Any
    q_value: float
    visit_count: int
    explored: bool


def choose(
    rng: random.Random,
    actions: Sequence[Any],
    values: Sequence[float],
    visits: Sequence[int],
    epsilon: float,
) -> Choice:
    """Draw from `rng` once when greedy without a tie, else twice, so that a seed repeats it all."""
    explored = rng.random() < epsilon
    if explored:
        index = rng.randrange(len(actions))
    else:
        best = max(values)
        ties = [index for index, value in enumerate(values) if value == best]
        index = ties[0] if len(ties) == 1 else rng.choice(ties)
    return Choice(actions[index], values[index], visits[index], explored)

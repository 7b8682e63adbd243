"""Choosing an action by what the actions are worth; ties are broken at random."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from qlmodels.store import checks
from qlmodels.store.checks import Number
from qlmodels.store.errors import InvalidValue
from qlmodels.store.plain import shown

MIN_TEMPERATURE, MAX_TEMPERATURE = 1e-100, 1e100
"""Beyond them softmax is the greedy choice, or one at random."""


@dataclass(frozen=True, slots=True)
class KnownAction:
    """An action that was tried in a state."""

    action: Any
    q_value: float
    confidence_score: float
    visit_count: int


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen action; `visit_count` is 0 when untried.

    `explored` when it was drawn among all, or, by `softmax` and `ucb`, when another was worth more.
    """

    action: Any
    q_value: float
    visit_count: int
    explored: bool


class Chooser(Protocol):
    """A way to choose: `greedy()`, `epsilon_greedy(e)`, `softmax(t)`, `ucb(c)`, or your own."""

    def choose(
        self, rng: random.Random, values: Sequence[float], visits: Sequence[int]
    ) -> tuple[int, bool]:
        """Return the position of the chosen action, and whether that explores."""
        ...


@dataclass(frozen=True, slots=True)
class EpsilonGreedy:
    """See `epsilon_greedy`."""

    epsilon: float

    def choose(
        self,
        rng: random.Random,
        values: Sequence[float],
        visits: Sequence[int] = (),  # noqa: ARG002
    ) -> tuple[int, bool]:
        """Draw once when greedy without a tie, else twice, so that a seed repeats it all."""
        if rng.random() < self.epsilon:
            return rng.randrange(len(values)), True
        return _best(rng, values), False

    def target(self) -> Mapping[str, Any] | None:
        """As SQL has it; None is the greedy policy."""
        return {"epsilon_greedy": self.epsilon} if self.epsilon else None


@dataclass(frozen=True, slots=True)
class Softmax:
    """See `softmax`."""

    temperature: float

    def choose(
        self,
        rng: random.Random,
        values: Sequence[float],
        visits: Sequence[int] = (),  # noqa: ARG002
    ) -> tuple[int, bool]:
        """Draw once."""
        best = max(values)
        weights = [math.exp((value - best) / self.temperature) for value in values]
        (chosen,) = rng.choices(range(len(values)), weights)
        return chosen, values[chosen] < best

    def target(self) -> Mapping[str, Any]:
        """As SQL has it."""
        return {"softmax": self.temperature}


@dataclass(frozen=True, slots=True)
class UpperConfidenceBound:
    """See `ucb`."""

    c: float

    def choose(
        self, rng: random.Random, values: Sequence[float], visits: Sequence[int]
    ) -> tuple[int, bool]:
        """Draw only where there is a tie."""
        logarithm = math.log(max(sum(visits), 1))
        chosen = _best(
            rng,
            [
                value + self.c * math.sqrt(logarithm / number) if number else math.inf
                for value, number in zip(values, visits, strict=True)
            ],
        )
        return chosen, values[chosen] < max(values)


def greedy() -> EpsilonGreedy:
    """Choose the action that is worth most."""
    return EpsilonGreedy(0.0)


def epsilon_greedy(epsilon: Number) -> EpsilonGreedy:
    """Choose any action with probability `epsilon` (0 to 1), and else the one worth most.

    Raises InvalidValue.
    """
    return EpsilonGreedy(checks.rate(epsilon, "epsilon"))


def softmax(temperature: Number) -> Softmax:
    """Choose each action in proportion to exp(value / `temperature`).

    Raises InvalidValue for a temperature that is not above 0 (from 1e-100 to 1e100).
    """
    number = checks.positive(temperature, "temperature")
    if not MIN_TEMPERATURE <= number <= MAX_TEMPERATURE:
        raise InvalidValue(
            f"The temperature is {number}. Give a number from {MIN_TEMPERATURE} to "
            f"{MAX_TEMPERATURE}."
        )
    return Softmax(number)


def ucb(c: Number) -> UpperConfidenceBound:
    """Choose the action of the highest value + `c` sqrt(ln(visits of all) / its visits).

    Actions that were never tried come first. Raises InvalidValue for a `c` below 0.
    """
    return UpperConfidenceBound(checks.not_negative(c, "c"))


def choose(
    chooser: Chooser,
    rng: random.Random,
    actions: Sequence[Any],
    values: Sequence[float],
    visits: Sequence[int],
) -> Choice:
    found: Any = chooser.choose(rng, values, visits)
    try:
        index, explored = found
        return Choice(actions[index], values[index], visits[index], bool(explored))
    except (TypeError, ValueError, IndexError) as error:
        raise InvalidValue(
            f"The way to choose, {shown(chooser)}, gave {shown(found)}. Let it give the position "
            f"of one of the {len(actions)} actions, and whether that explores."
        ) from error


def _best(rng: random.Random, values: Sequence[float]) -> int:
    best = max(values)
    ties = [index for index, value in enumerate(values) if value == best]
    return ties[0] if len(ties) == 1 else rng.choice(ties)

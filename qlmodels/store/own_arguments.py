"""Arguments of a store's own: how it draws, chooses, and what it learns towards."""

import random
from typing import Any, cast

from qlmodels.store import checks
from qlmodels.store.choice import Chooser, EpsilonGreedy, Softmax, UpperConfidenceBound
from qlmodels.store.errors import InvalidValue
from qlmodels.store.plain import shown


def generator(rng: Any, seed: int | None) -> random.Random:
    """Return `rng`, or a generator of `seed`, or one that no run repeats. Raises InvalidValue."""
    given = checks.optional(checks.generator, rng, "rng")
    if given is None:
        return random.Random(seed)  # noqa: S311
    if seed is not None:
        raise InvalidValue(f"Both rng and the seed {seed} were given. Give one of them.")
    return given


def chooser(value: Any, what: str) -> Chooser:
    """Return a way to choose. Raises InvalidValue."""
    if callable(getattr(type(value), "choose", None)):
        return cast(Chooser, value)
    raise InvalidValue(
        f"The {what} is {shown(value)}. Give greedy(), epsilon_greedy(e), softmax(t) or ucb(c)."
    )


def target(value: Any, what: str) -> EpsilonGreedy | Softmax:
    """Return the policy of the target of steps that give none. Raises InvalidValue."""
    if isinstance(value, EpsilonGreedy | Softmax):
        return value
    raise InvalidValue(
        f"The {what} of a store is {shown(value)}. Give greedy(), epsilon_greedy(e) or softmax(t); "
        "probabilities are given with a step."
    )


def described(policy: object | None, default: str) -> str:
    """Write a way to choose as in Python, and one that is not ours by the name of its class."""
    match policy:
        case None:
            return default
        case EpsilonGreedy(epsilon):
            return f"epsilon_greedy({epsilon:g})" if epsilon else "greedy"
        case Softmax(temperature):
            return f"softmax({temperature:g})"
        case UpperConfidenceBound(c):
            return f"ucb({c:g})"
        case _:
            return type(policy).__name__

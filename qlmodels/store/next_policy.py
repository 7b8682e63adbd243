"""The policy under which a step's next state is worth what it is: the target of the update."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from qlmodels.store import checks
from qlmodels.store.checks import Number
from qlmodels.store.choice import EpsilonGreedy, Softmax
from qlmodels.store.errors import InvalidValue
from qlmodels.store.hashing import Document
from qlmodels.store.plain import shown

NextPolicy: TypeAlias = (
    EpsilonGreedy | Softmax | Mapping[Any, Number] | Iterable[tuple[Any, Number]]
)
"""`greedy()`, `epsilon_greedy(e)`, `softmax(t)`, or the probability of each action: a dictionary,
or pairs where an action cannot be a key of one."""

Target: TypeAlias = Mapping[str, Any] | None
"""A policy as SQL has it; None is the greedy one."""

TOLERANCE = 1e-9
"""How far the sum of probabilities may be from 1."""


def target(
    policy: NextPolicy | None,
    legal: Sequence[str] | None,
    identify: Callable[[Any, str], Document],
) -> Target:
    """Return the policy as SQL has it. `legal` are hashes of the next state's actions, if known.

    Raises InvalidValue for probabilities that are none, and for actions that are not legal.
    """
    if policy is None:
        return None
    if isinstance(policy, EpsilonGreedy | Softmax):
        return policy.target()
    probabilities: dict[str, float] = {}
    for action, probability in _pairs(policy):
        found = identify(action, "action in next_policy").hash
        if legal is not None and found not in legal:
            raise InvalidValue(
                f"The next_policy gives {shown(action)} a probability, which is no legal action of "
                "the next state. Give probabilities of the next_actions alone."
            )
        number = checks.not_negative(probability, "probability in next_policy")
        probabilities[found] = probabilities.get(found, 0.0) + number
    total = sum(probabilities.values())
    if abs(total - 1) > TOLERANCE:
        raise InvalidValue(
            f"The probabilities in next_policy sum to {total}. Give probabilities whose sum is 1."
        )
    return {"probabilities": probabilities}


def _pairs(policy: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(policy, Mapping):
        return checks.mapping(policy, "actions in next_policy").items()
    try:
        return [(action, probability) for action, probability in policy]
    except Exception as error:  # no pairs, or an iterator's own
        raise InvalidValue(
            f"The next_policy is {shown(policy)}. Give greedy(), epsilon_greedy(e), softmax(t), or "
            "a dictionary of actions and probabilities."
        ) from error

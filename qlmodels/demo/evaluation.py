"""How good a policy is: exactly, by dynamic programming, not by playing."""

from collections.abc import Mapping, Sequence

from qlmodels.demo.world import World
from qlmodels.store import LearningStore

MovePolicy = Sequence[Mapping[str, float]]
"""For each state, the probability of each action."""


async def greedy_policy(store: LearningStore, world: World, initial_q_value: float) -> MovePolicy:
    """What the Q-table says, read back state by state; equal values share the probability.

    Actions without a row count as `initial_q_value`, as they do when one is chosen.
    """
    policy = []
    for state, document in enumerate(world.documents):
        known = {action.action: action.q_value for action in await store.actions(document)}
        values = [known.get(move, initial_q_value) for move in world.moves[state]]
        best = [
            move
            for move, value in zip(world.moves[state], values, strict=True)
            if value == max(values)
        ]
        policy.append(dict.fromkeys(best, 1 / len(best)))
    return policy


def expected_return(world: World, policy: MovePolicy, horizon: int) -> float:
    """Mean undiscounted return over all start states, of episodes of at most `horizon` steps."""
    values = [0.0] * len(world.documents)
    for _ in range(horizon):
        values = [
            sum(chance * _worth(world, values, state, move) for move, chance in moves.items())
            for state, moves in enumerate(policy)
        ]
    return _from_start(world, values)


def optimum(world: World, horizon: int) -> float:
    """The best that any policy, even one that counts its steps, can expect."""
    values = [0.0] * len(world.documents)
    for _ in range(horizon):
        values = [
            max((_worth(world, values, state, move) for move in moves), default=0.0)
            for state, moves in enumerate(world.moves)
        ]
    return _from_start(world, values)


def _worth(world: World, values: Sequence[float], state: int, move: str) -> float:
    return sum(
        chance * (reward + (0.0 if ends else values[after]))
        for chance, after, reward, ends in world.outcomes[state][move]
    )


def _from_start(world: World, values: Sequence[float]) -> float:
    return sum(chance * values[state] for state, chance in world.starts.items())

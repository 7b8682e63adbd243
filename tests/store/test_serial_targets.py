"""Concurrent steps with a next_policy have the result of some serial order of them."""

import asyncio
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

import asyncpg
import pytest

from qlmodels.store import Learned, LearningStore, NextPolicy, Transition, epsilon_greedy, softmax
from tests.store.conftest import AGENT

pytestmark = pytest.mark.one_major

ALPHA, GAMMA, STEPS_A_WRITER = 0.1, 0.95, 4
STATES, ACTIONS = ("s", "t"), ("a", "b")
Values = Mapping[tuple[str, str], float]


def of_epsilon_greedy(values: Sequence[float]) -> float:
    best = max(values)
    return 0.7 * best + 0.3 * sum(values) / len(values)


def of_softmax(values: Sequence[float]) -> float:
    weights = [math.exp(value / 0.5) for value in values]
    return sum(map(lambda w, v: w * v, weights, values)) / sum(weights)


POLICIES: list[tuple[NextPolicy, Callable[[Sequence[float]], float]]] = [
    (epsilon_greedy(0.3), of_epsilon_greedy),
    (softmax(0.5), of_softmax),
    ({"a": 0.25, "b": 0.75}, lambda values: 0.25 * values[0] + 0.75 * values[1]),
]


def textbook(
    steps: Sequence[Transition], target: Callable[[Sequence[float]], float]
) -> tuple[list[float], Values]:
    """The value after each step, one by one in memory, and all values at the end."""
    table = {(state, action): 0.0 for state in STATES for action in ACTIONS}
    told = []
    for step in steps:
        key = step.state, step.action
        following = target([table[step.next_state, action] for action in ACTIONS])
        table[key] += ALPHA * (step.reward + GAMMA * following - table[key])
        told.append(table[key])
    return told, table


def orders(writers: Sequence[Sequence[Transition]]) -> Iterator[list[tuple[int, Transition]]]:
    """All serial orders of the steps of two writers, each step with its writer."""
    number = sum(map(len, writers))
    for chosen in combinations(range(number), len(writers[0])):
        left = [iter(steps) for steps in writers]
        whose = [0 if place in chosen else 1 for place in range(number)]
        yield [(who, next(left[who])) for who in whose]


@pytest.mark.parametrize(("policy", "target"), POLICIES)
@pytest.mark.parametrize("rounds", [8, pytest.param(100, marks=pytest.mark.slow)])
async def test_two_writers(
    pool: asyncpg.Pool,
    owner: asyncpg.Connection,
    policy: NextPolicy,
    target: Callable[[Sequence[float]], float],
    rounds: int,
) -> None:
    """Each step looks at the state that the other writer changes, so that a stale look shows."""
    rng, store = random.Random(1), LearningStore(pool, AGENT, actions=ACTIONS)
    await owner.execute("update agent_types set learning_rate_decay = 0")
    interleaved = 0
    for _ in range(rounds):
        await owner.execute("delete from q_values")
        writers = [
            [
                Transition(
                    state=state,
                    action=rng.choice(ACTIONS),
                    reward=rng.uniform(-9, 9),
                    next_state=following,
                    next_policy=policy,
                )
                for _ in range(STEPS_A_WRITER)
            ]
            for state, following in (STATES, STATES[::-1])
        ]

        async def write(steps: Sequence[Transition]) -> list[Learned]:
            return [await store.learn_from(step) for step in steps]

        told = await asyncio.gather(*map(write, writers))
        rows = await owner.fetch(
            "select state_data #>> '{}', action_data #>> '{}', q_value from q_values"
        )
        stored = {(state, action): value for state, action, value in rows}
        fitting = 0
        for order in orders(writers):
            values, table = textbook([step for _, step in order], target)
            pairs = zip(order, values, strict=True)
            of_each = ([], [])  # type: tuple[list[float], list[float]]
            for (who, _), value in pairs:
                of_each[who].append(value)
            fitting += all(
                [one.q_value for one in results] == pytest.approx(expected, abs=1e-9)
                for results, expected in zip(told, of_each, strict=True)
            ) and stored == pytest.approx({key: table[key] for key in stored}, abs=1e-9)
        assert fitting >= 1
        one_after_the_other = [
            [(0, step) for step in writers[0]],
            [(1, step) for step in writers[1]],
        ]
        alone = textbook([step for part in one_after_the_other for _, step in part], target)[1]
        interleaved += stored != pytest.approx({key: alone[key] for key in stored}, abs=1e-9)
    assert interleaved >= 1

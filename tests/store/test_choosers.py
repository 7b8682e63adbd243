"""Ways to choose an action, and what actions are worth, tried or not."""

import math
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import asyncpg
import numpy as np
import pytest

from qlmodels.store import (
    Chooser,
    InvalidValue,
    LearningStore,
    NoActions,
    Transition,
    epsilon_greedy,
    greedy,
    softmax,
    ucb,
)
from tests.store.conftest import AGENT

pytestmark = pytest.mark.one_major

VALUES, VISITS = [1.0, 0.0, 0.5], [4, 1, 5]
DRAWS = 20_000


def shares(chooser: Chooser, visits: Sequence[int] = VISITS) -> list[float]:
    rng = random.Random(7)
    counts = Counter(chooser.choose(rng, VALUES, visits)[0] for _ in range(DRAWS))
    return [counts[index] / DRAWS for index in range(3)]


def normalised(weights: Sequence[float]) -> list[float]:
    return [weight / sum(weights) for weight in weights]


@pytest.mark.parametrize(
    ("chooser", "expected"),
    [
        (greedy(), [1.0, 0.0, 0.0]),
        (epsilon_greedy(0.3), [0.8, 0.1, 0.1]),
        (softmax(0.5), normalised([math.exp(value / 0.5) for value in VALUES])),
        (softmax(1e-9), [1.0, 0.0, 0.0]),
        (softmax(1e9), [1 / 3] * 3),
        (ucb(0), [1.0, 0.0, 0.0]),
        (ucb(10), [0.0, 1.0, 0.0]),
    ],
    ids=str,
)
def test_each_action_is_as_likely_as_it_should_be(chooser: Chooser, expected: list[float]) -> None:
    spread = 4 * math.sqrt(0.25 / DRAWS)
    assert shares(chooser) == pytest.approx(expected, abs=spread)


def test_ucb_is_the_books_formula() -> None:
    bounds = [
        value + 0.7 * math.sqrt(math.log(10) / visits)
        for value, visits in zip(VALUES, VISITS, strict=True)
    ]
    assert shares(ucb(0.7))[bounds.index(max(bounds))] == 1.0
    assert shares(ucb(0.7), [4, 0, 0]) == pytest.approx([0, 0.5, 0.5], abs=0.02)


def test_what_explores_is_said() -> None:
    rng = random.Random(1)
    assert not softmax(1e-9).choose(rng, VALUES, VISITS)[1]
    assert ucb(10).choose(rng, VALUES, VISITS) == (1, True)
    assert epsilon_greedy(1).choose(rng, VALUES, VISITS)[1]
    assert not greedy().choose(rng, VALUES, VISITS)[1]


class Last:
    def choose(
        self,
        rng: random.Random,  # noqa: ARG002
        values: Sequence[float],
        visits: Sequence[int],
    ) -> tuple[int, bool]:
        return len(visits) - 1, max(values) > values[-1]


async def test_a_store_chooses_as_it_was_told(pool: asyncpg.Pool, owner: Any) -> None:
    await owner.execute("update agent_types set exploration_rate = 1, min_exploration_rate = 1")
    for chooser, expected in ((greedy(), "l"), (ucb(1), "r"), (Last(), "r"), (softmax(1e-9), "l")):
        store = LearningStore(pool, AGENT, actions=["l", "r"], choose=chooser)
        await store.upsert("s", "l", 1.0)
        assert (await store.select_action("s")).action == expected
        step = Transition(state="x", action="l", reward=0.0, next_state="s")
        assert (await store.learn_and_select(step))[1].action == expected
        greedily = {(await store.select_action("s", epsilon=0)).action for _ in range(5)}
        assert greedily == {"l"}


async def test_without_a_way_epsilon_decays(pool: asyncpg.Pool, owner: Any) -> None:
    await owner.execute(
        "update agent_types set exploration_rate = 1, exploration_decay = 0,"
        " min_exploration_rate = 0"
    )
    store = LearningStore(pool, AGENT, actions=["l", "r"])
    await store.upsert("s", "l", 1.0)
    assert {(await store.select_action("s")).action for _ in range(40)} == {"l", "r"}
    store.finish_episode(success=True, total_reward=0.0)
    assert {(await store.select_action("s")).action for _ in range(40)} == {"l"}


@pytest.mark.parametrize("bad", [1, "greedy", epsilon_greedy, {"l": 1.0}])
def test_what_is_no_way_to_choose_is_refused(pool: asyncpg.Pool, bad: Any) -> None:
    with pytest.raises(InvalidValue, match="choose"):
        LearningStore(pool, AGENT, choose=bad)


async def test_values_are_of_all_actions(pool: asyncpg.Pool, owner: Any) -> None:
    await owner.execute("update agent_types set initial_q_value = 0.25")
    store = LearningStore(pool, AGENT, actions=["l", "r"])
    await store.upsert("s", "r", 2.0)
    assert await store.values("s") == [0.25, 2.0]
    assert await store.values("s", ["r", "up", np.str_("r")]) == [2.0, 0.25, 2.0]
    assert await store.values("unseen", ("l",)) == [0.25]
    with pytest.raises(NoActions):
        await LearningStore(pool, AGENT).values("s")
    with pytest.raises(NoActions):
        await store.values("s", [])

"""Numbers too small for a double precision are 0, as in IEEE arithmetic; Postgres refuses them."""

import itertools
import math
from typing import Any

import asyncpg
import pytest

from qlmodels.store import LearningStore, Transition, epsilon_greedy, greedy, softmax
from tests.store.conftest import AGENT

pytestmark = pytest.mark.newest_first

ARGUMENTS = ("reward", "learning_rate", "weight", "discount_factor")

TINY = [1e-100, 1e-155, 1e-161, 1e-221, 1e-308, 5e-324]


async def test_a_value_that_decays_to_zero_can_go_on(store: LearningStore) -> None:
    rate = 0.5
    decay = Transition(
        state="s", action="a", reward=0.0, next_state=None, terminated=True, learning_rate=rate
    )
    await store.upsert("s", "a", 1.0)
    expected = 1.0
    for step in await store.learn_many([decay] * 1500):
        expected += rate * -expected
        assert step.q_value == pytest.approx(expected, rel=1e-12, abs=1e-150)
    assert abs((await store.learn_from(decay)).q_value) < 1e-150


@pytest.mark.parametrize("argument", ARGUMENTS)
async def test_any_argument_may_be_tiny(store: LearningStore, argument: str) -> None:
    for value, others in [*itertools.product(TINY, [1.0]), *zip(TINY, TINY, strict=True)]:
        given: dict[str, Any] = dict.fromkeys(ARGUMENTS, others) | {argument: value}
        await store.upsert("next", "b", others)
        step = Transition(
            state="s", action=[value, others], next_state="next", next_actions=["b"], **given
        )
        (before,) = await store.values("s", [step.action])
        (first,) = await store.learn_many([step])
        second = await store.learn_from(step)
        for learned in (first, second):
            error = given["reward"] + given["discount_factor"] * others - before
            before += given["learning_rate"] * given["weight"] * error
            assert learned.q_value == pytest.approx(before, rel=1e-12, abs=1e-150)


async def test_any_target_may_be_of_tiny_values(store: LearningStore) -> None:
    for value in TINY:
        await store.upsert("next", "b", value)
        await store.upsert("next", "c", -value)
        for policy in (
            greedy(),
            epsilon_greedy(0.5),
            epsilon_greedy(value),
            softmax(1e100),
            softmax(1e-100),
            {"b": value, "c": 1 - value},
        ):
            step = Transition(
                state="s",
                action="a",
                reward=0.0,
                next_state="next",
                next_actions=["b", "c"],
                next_policy=policy,
                learning_rate=1.0,
                discount_factor=1.0,
            )
            (first,) = await store.learn_many([step])
            second = await store.learn_from(step)
            assert max(abs(first.q_value), abs(second.q_value)) <= 1.001 * value


@pytest.mark.parametrize("decay", [0.0, 0.6, 300.0, 1e308])
async def test_a_learning_rate_decays_to_its_minimum(
    store: LearningStore, owner: asyncpg.Connection, decay: float
) -> None:
    for rate in (1.0, 0.1, 1e-300, 5e-324):
        await owner.execute(
            "update agent_types set learning_rate = $2, learning_rate_decay = $3,"
            " min_learning_rate = 0 where agent_type = $1",
            AGENT,
            rate,
            decay,
        )
        step = Transition(state="s", action=rate, reward=1.0, next_state=None, terminated=True)
        learned = [*await store.learn_many([step] * 20), await store.learn_from(step)]
        for visits, one in enumerate(learned, 1):
            expected = rate * math.exp(-min(decay * math.log(visits), 700))
            assert one.learning_rate == pytest.approx(expected, rel=1e-9, abs=1e-300)

"""Any target in one atomic step: policies of the next state, learning rates and weights."""

import asyncio
import itertools
import json
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import asyncpg
import numpy as np
import pytest

from qlmodels.connection import create_pool
from qlmodels.store import (
    Hashed,
    InvalidValue,
    Learned,
    LearningStore,
    NoActions,
    Transition,
    epsilon_greedy,
    greedy,
    softmax,
    ucb,
)
from qlmodels.store.hashing import identify
from tests.conftest import Database
from tests.store.conftest import AGENT

pytestmark = pytest.mark.newest_first

ALPHA, GAMMA, INITIAL = 0.5, 0.9, 0.25

KNOWN = {"good": 2.0, "bad": -1.0, "other": 0.5}
"""What is stored of state `next`."""


@pytest.fixture(autouse=True)
async def kind(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "update agent_types set learning_rate = 0.5, discount_factor = 0.9,"
        " initial_q_value = 0.25, action_space_dimensions = 4"
    )


@pytest.fixture
async def known(store: LearningStore) -> LearningStore:
    for action, value in KNOWN.items():
        await store.upsert("next", action, value)
    return store


def step(**changes: Any) -> Transition:
    given = Transition(
        state="s",
        action="a",
        reward=1.0,
        next_state="next",
        next_actions=["good", "bad", "untried"],
    )
    return replace(given, **changes)


LEGAL = [2.0, -1.0, INITIAL]
COUNTED = [2.0, -1.0, 0.5, INITIAL]
"""Where the actions are not told there are four of them, of which three are known."""


def soft(values: Sequence[float], temperature: float) -> float:
    weights = [math.exp((value - max(values)) / temperature) for value in values]
    return sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)


WORTH: list[tuple[Any, float, float]] = [
    (None, 2.0, 2.0),
    (greedy(), 2.0, 2.0),
    (epsilon_greedy(0.3), 0.7 * 2 + 0.3 * sum(LEGAL) / 3, 0.7 * 2 + 0.3 * sum(COUNTED) / 4),
    (epsilon_greedy(1), sum(LEGAL) / 3, sum(COUNTED) / 4),
    (softmax(0.5), soft(LEGAL, 0.5), soft(COUNTED, 0.5)),
    (softmax(1e-100), 2.0, 2.0),
    (softmax(1e100), sum(LEGAL) / 3, sum(COUNTED) / 4),
    ({"good": 0.25, "untried": 0.75}, 0.25 * 2 + 0.75 * INITIAL, 0.25 * 2 + 0.75 * INITIAL),
    ({"bad": 1}, -1.0, -1.0),
    ([("good", Decimal("0.5")), (np.str_("good"), np.float32(0.5)), ("bad", 0.0)], 2.0, 2.0),
]
"""A policy, what the next state is worth under it, and where its actions are not told."""


async def test_the_target_is_what_the_policy_makes_of_the_next_state(known: LearningStore) -> None:
    steps = [
        each
        for policy, worth, untold in WORTH
        for each in (
            (step(next_policy=policy), worth),
            (step(next_policy=policy, next_actions=None), untold),
        )
    ]
    for number, (transition, expected) in enumerate(steps):
        error = 1.0 + GAMMA * expected - INITIAL
        single, batch, buffered = [
            replace(transition, state=[name, number]) for name in ("single", "batch", "buffer")
        ]
        learned = [await known.learn_from(single), *await known.learn_many([batch])]
        async with known.buffered() as buffer:
            learned.append(await (await buffer.learn(buffered)))
        for one in learned:
            assert one.td_error == pytest.approx(error, abs=1e-12), transition.next_policy
            assert one.q_value == pytest.approx(INITIAL + ALPHA * error, abs=1e-12)


async def test_learn_takes_the_options_itself(known: LearningStore) -> None:
    learned = await known.learn(
        "s",
        "a",
        1.0,
        "next",
        ["good", "bad"],
        next_policy=epsilon_greedy(np.float64(0.5)),
        learning_rate=Decimal("0.125"),
        weight=np.int64(2),
    )
    error = 1.0 + GAMMA * (0.5 * 2 + 0.5 * 0.5) - INITIAL
    assert learned.td_error == pytest.approx(error)
    assert learned.learning_rate == 0.125
    assert learned.q_value == pytest.approx(INITIAL + 0.125 * 2 * error)
    assert learned.next_values == (2.0, -1.0)


@pytest.mark.parametrize("options", [{"learning_rate": 0.0}, {"weight": 0.0}])
async def test_a_step_may_change_nothing_and_still_is_a_visit(
    store: LearningStore, options: dict[str, float]
) -> None:
    for learned in (
        await store.learn_from(step(**options)),
        (await store.learn_many([step(**options)]))[0],
    ):
        assert learned.q_value == INITIAL
        assert learned.td_error != 0
    assert learned.visit_count == 2


async def test_a_terminated_step_has_no_target(known: LearningStore) -> None:
    for policy in (epsilon_greedy(0.5), {"anything": 1.0}):
        learned = await known.learn_from(step(terminated=True, next_policy=policy))
        many = await known.learn_many(
            [step(state=str(policy), terminated=True, next_policy=policy)]
        )
        assert many[0].td_error == pytest.approx(1.0 - INITIAL)
        assert learned.next_values is None


async def test_probabilities_tell_the_actions(pool: asyncpg.Pool, owner: Any) -> None:
    await owner.execute("update agent_types set action_space_dimensions = null")
    store = LearningStore(pool, AGENT)
    for learned in (
        await store.learn("s", "a", 0.0, "t", next_policy={"x": 0.5, "y": 0.5}),
        (await store.learn_many([step(next_actions=None, next_policy={"x": 1.0})]))[0],
    ):
        assert learned.visit_count == 1 or learned.visit_count == 2
    with pytest.raises(NoActions):
        await store.learn("s", "a", 0.0, "t", next_policy=softmax(1))


REFUSED: dict[str, tuple[Any, str]] = {
    "not legal": ({"next_policy": {"elsewhere": 1.0}}, "elsewhere.* no legal action"),
    "not legal at 0": ({"next_policy": {"good": 1.0, "elsewhere": 0.0}}, "elsewhere"),
    "sum": ({"next_policy": {"good": 0.5, "bad": 0.4}}, "sum to 0.9"),
    "sum by little": ({"next_policy": {"good": 1 + 1e-8}}, "sum to 1.00000001"),
    "negative": ({"next_policy": {"good": 2.0, "bad": -1.0}}, "probability in next_policy is -1"),
    "NaN": ({"next_policy": {"good": math.nan}}, "probability in next_policy is nan"),
    "text": ({"next_policy": {"good": "1"}}, "probability in next_policy is '1'"),
    "nothing": ({"next_policy": {}}, "sum to 0"),
    "a word": ({"next_policy": "greedy"}, "next_policy is 'greedy'"),
    "a number": ({"next_policy": 0.5}, "next_policy is 0.5"),
    "ucb": ({"next_policy": ucb(1)}, "next_policy is Upper"),
    "rate": ({"learning_rate": 1.5}, "learning_rate is 1.5"),
    "rate is text": ({"learning_rate": "1"}, "learning_rate is '1'"),
    "weight": ({"weight": -1}, "weight is -1"),
    "weight is infinite": ({"weight": math.inf}, "weight is inf"),
}


async def test_what_cannot_be_a_target_is_refused(known: LearningStore) -> None:
    for options, message in REFUSED.values():
        for learn in (known.learn_from(step(**options)), known.learn_many([step(**options)])):
            with pytest.raises(InvalidValue, match=message):
                await learn
    assert await known.actions("s") == []


@pytest.mark.parametrize(
    "make",
    [lambda: epsilon_greedy(1.5), lambda: softmax(0), lambda: softmax(1e101), lambda: ucb(-1)],
)
def test_a_policy_that_cannot_be_is_refused_when_it_is_made(make: Any) -> None:
    with pytest.raises(InvalidValue):
        make()


SQL_REFUSED: list[dict[str, Any]] = [
    {"next_policy": 1},
    {"next_policy": {}},
    {"next_policy": {"best": 1}},
    {"next_policy": {"epsilon_greedy": 2}},
    {"next_policy": {"epsilon_greedy": "x"}},
    {"next_policy": {"epsilon_greedy": 0.1, "softmax": 1}},
    {"next_policy": {"softmax": 0}},
    {"next_policy": {"probabilities": {"g": 0.5}}},
    {"next_policy": {"probabilities": {"g": 2, "b": -1}}},
    {"next_policy": {"probabilities": {"h": 1}}},
    {"next_policy": {"probabilities": []}},
    {"learning_rate": 2},
    {"learning_rate": "NaN"},
    {"weight": -1},
    {"weight": "Infinity"},
]


@pytest.mark.one_major
async def test_the_functions_refuse_what_the_store_would(pool: asyncpg.Pool) -> None:
    document = {
        "state_hash": "s",
        "state_data": 1,
        "action_hash": "a",
        "action_data": 1,
        "reward": 1,
        "next_state_hash": "t",
        "next_action_hashes": ["g", "b"],
    }
    for options in SQL_REFUSED:
        steps = json.dumps([document | options])
        with pytest.raises(asyncpg.InvalidParameterValueError) as caught:
            await pool.execute("select learn_many($1, $2)", AGENT, steps)
        assert getattr(caught.value, "hint", None), options
    assert await pool.fetchval("select count(*) from q_values") == 0


class Book:
    """The textbook's updates over a dictionary."""

    def __init__(self) -> None:
        self.values: dict[tuple[Any, Any], float] = {}

    def learn(self, transition: Transition) -> float:
        one: Any = transition
        policy: Any = one.next_policy
        target = 0.0
        if not one.terminated:
            values = {a: self.values.get((one.next_state, a), INITIAL) for a in one.next_actions}
            if policy is None:
                target = max(values.values())
            elif isinstance(policy, Mapping):
                target = sum(float(p) * values[a] for a, p in policy.items())
            elif hasattr(policy, "epsilon"):
                mean = sum(values.values()) / len(values)
                target = (1 - policy.epsilon) * max(values.values()) + policy.epsilon * mean
            else:
                target = soft(list(values.values()), policy.temperature)
        key = one.state, one.action
        alpha = ALPHA if one.learning_rate is None else one.learning_rate
        weight = 1 if one.weight is None else one.weight
        before = self.values.get(key, INITIAL)
        self.values[key] = before + alpha * weight * (one.reward + GAMMA * target - before)
        return self.values[key]


def random_steps(seed: int, number: int) -> list[Transition]:
    rng = random.Random(seed)
    actions = ["x", "y", "z"]
    return [
        Transition(
            state=rng.randrange(3),
            action=rng.choice(actions),
            reward=rng.uniform(-1, 1),
            next_state=rng.randrange(3),
            next_actions=actions,
            terminated=rng.random() < 0.1,
            next_policy=rng.choice(
                [None, greedy(), epsilon_greedy(0.25), softmax(0.5), {"x": 0.5, "z": 0.5}]
            ),
            learning_rate=rng.choice([None, 0.25]),
            weight=rng.choice([None, 0.5, 2.0]),
        )
        for _ in range(number)
    ]


async def test_steps_one_by_one_in_batches_and_in_a_book_are_one(pool: asyncpg.Pool) -> None:
    steps = random_steps(3, 150)
    book = Book()
    expected = [book.learn(one) for one in steps]

    def tagged(name: str) -> list[Transition]:
        return [
            replace(one, state=[name, one.state], next_state=[name, one.next_state])
            for one in steps
        ]

    store = LearningStore(pool, AGENT)
    single = [await store.learn_from(one) for one in tagged("single")]
    batches: list[Learned] = []
    for at in range(0, len(steps), 40):
        batches += await store.learn_many(tagged("batch")[at : at + 40])
    for found in (single, batches):
        assert [one.q_value for one in found] == pytest.approx(expected, abs=1e-9)
    assert [one.visit_count for one in single] == [one.visit_count for one in batches]


PING_PONG = {
    0: Transition(state=0, action="a", reward=1.0, next_state=1, next_actions=["a", "b"]),
    1: Transition(state=1, action="a", reward=-2.0, next_state=0, next_actions=["a", "b"]),
}
"""Each reads what the other writes."""


@pytest.mark.parametrize("rounds", [40, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("way", ["learn", "learn_many", "both"])
async def test_two_writers_equal_some_serial_order(
    database: Database, owner: asyncpg.Connection, way: str, rounds: int
) -> None:
    policy = epsilon_greedy(0.2)

    async def write(store: LearningStore, side: int, number: int) -> float:
        one = replace(
            PING_PONG[side],
            next_policy=policy,
            state=[number, side],
            next_state=[number, 1 - side],
        )
        is_batch = way == "learn_many" or (way == "both" and side == 1)
        if is_batch:
            return (await store.learn_many([one]))[0].q_value
        return (await store.learn_from(one)).q_value

    async with create_pool(database.url(f"ql_{AGENT}"), min_size=4, max_size=4) as pool:
        stores = [LearningStore(pool, AGENT) for _ in range(2)]
        for number in range(rounds):
            steps = [PING_PONG[0], PING_PONG[1]]
            found = [
                await asyncio.gather(*(write(stores[side], side, number) for side in (0, 1)))
                for _ in range(2)
            ]
            assert any(
                found == [pytest.approx(results, abs=1e-12) for results in serial]
                for serial in _serial([replace(one, next_policy=policy) for one in steps])
            ), number


def _serial(steps: Sequence[Transition]) -> list[list[list[float]]]:
    """Results of two rounds of both steps, in every order of the steps in a round."""
    orders = itertools.product(itertools.permutations((0, 1)), repeat=2)
    found = []
    for order in orders:
        book = Book()
        rounds = []
        for sides in order:
            results = {side: book.learn(steps[side]) for side in sides}
            rounds.append([results[0], results[1]])
        found.append(rounds)
    return found


async def test_many_writers_of_few_states_do_not_deadlock(database: Database) -> None:
    async with create_pool(database.url(f"ql_{AGENT}"), max_size=9) as pool:
        store = LearningStore(pool, AGENT, patience=0)
        await asyncio.gather(
            *(store.learn_many(random_steps(seed, 30)) for seed in range(30)),
            *(store.learn_from(one) for one in random_steps(99, 200)),
        )
        assert await pool.fetchval("select sum(visit_count) from q_values") == 30 * 30 + 200


async def test_probabilities_of_actions_that_are_no_keys(known: LearningStore) -> None:
    await known.upsert("next", {"jump": 2}, 4.0)
    learned = await known.learn_from(
        step(
            next_actions=[{"jump": 2}, "bad"],
            next_policy=[({"jump": 2}, 0.5), (Hashed(identify("bad", "").hash), 0.5)],
        )
    )
    assert learned.td_error == pytest.approx(1.0 + GAMMA * (0.5 * 4 - 0.5) - INITIAL)

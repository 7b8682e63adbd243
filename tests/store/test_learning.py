import asyncio
import json
import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from qlmodels.connection import create_pool
from qlmodels.store import (
    Hashed,
    InvalidValue,
    LearningStore,
    NoActions,
    StateMismatch,
    Transition,
    UnknownReference,
)
from tests.conftest import Database
from tests.store.conftest import AGENT


@pytest.fixture(autouse=True)
async def kind(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "update agent_types set learning_rate = 0.5, learning_rate_decay = 0.5,"
        " min_learning_rate = 0.05, discount_factor = 0.9, initial_q_value = 0.25,"
        " action_space_dimensions = 2"
    )


async def value(store: LearningStore, state: str, action: str) -> float:
    return {known.action: known.q_value for known in await store.actions(state)}[action]


async def test_a_step_moves_the_value_towards_its_target(store: LearningStore) -> None:
    await store.upsert("next", "right", 2.0)
    learned = await store.learn("s", "left", 1.0, "next", ["left", "right"])
    assert learned.td_error == pytest.approx(1.0 + 0.9 * 2.0 - 0.25)
    assert learned.q_value == pytest.approx(0.25 + 0.5 * learned.td_error)
    assert (learned.learning_rate, learned.visit_count) == (0.5, 1)
    assert (learned.next_values, learned.next_visits) == ((0.25, 2.0), (0, 1))
    again = await store.learn("s", "left", 1.0, "next", ["left", "right"])
    assert again.learning_rate == pytest.approx(0.5 / 2**0.5)
    assert await value(store, "s", "left") == again.q_value


async def test_a_row_tells_what_was_learned(store: LearningStore, pool: asyncpg.Pool) -> None:
    session = await store.start_session()
    learned = await store.learn("s", "a", 1.0, "s", terminated=True)
    (row,) = await pool.fetch("select * from q_values")
    assert (row["session_id"], row["td_error"]) == (session, learned.td_error)
    assert (row["confidence_score"], row["uncertainty"]) == (0.51, 0.49)
    assert row["expires_at"] - row["last_updated"] == timedelta(days=30)


async def test_only_a_terminated_step_does_not_bootstrap(store: LearningStore) -> None:
    await store.upsert("next", "a", 2.0)
    ended = await store.learn("s", "1", 1.0, "next", ["a"], terminated=True)
    cut = await store.learn("s", "2", 1.0, "next", ["a"], truncated=True)
    both = await store.learn("s", "3", 1.0, "next", ["a"], terminated=True, truncated=True)
    assert ended.td_error == both.td_error == pytest.approx(0.75)
    assert cut.td_error == pytest.approx(0.75 + 0.9 * 2)
    assert ended.next_values is None


@pytest.mark.parametrize(
    ("next_actions", "best"),
    [(["bad"], -1.0), (["bad", "untried"], 0.25), (["bad", "good"], 0.5), (None, 0.5)],
)
async def test_an_untried_action_counts_as_the_initial_value(
    store: LearningStore, next_actions: list[str] | None, best: float
) -> None:
    await store.upsert("next", "bad", -1.0)
    await store.upsert("next", "good", 0.5)
    learned = await store.learn("s", "a", 0.0, "next", next_actions)
    assert learned.td_error == pytest.approx(0.9 * best - 0.25)


async def test_untold_actions_are_as_many_as_the_agent_type_has(store: LearningStore) -> None:
    await store.upsert("next", "bad", -1.0)
    assert (await store.learn("s", "1", 0.0, "next")).td_error == pytest.approx(0.9 * 0.25 - 0.25)
    await store.upsert("next", "worse", -2.0)
    assert (await store.learn("s", "2", 0.0, "next")).td_error == pytest.approx(-0.9 - 0.25)


async def test_the_stores_own_actions_are_the_default(pool: asyncpg.Pool) -> None:
    store = LearningStore(pool, AGENT, actions=["bad"])
    await store.upsert("next", "bad", -1.0)
    assert (await store.learn("s", "a", 0.0, "next")).td_error == pytest.approx(-0.9 - 0.25)


async def test_alpha_and_gamma_have_their_bounds(store: LearningStore) -> None:
    await store.upsert("next", "a", 1.0)
    free = await store.learn("s", "a", 0.0, "next", ["a"], discount_factor=0.0)
    assert free.td_error == -0.25
    rates = [(await store.learn("s", "a", 0.0, "next", ["a"])).learning_rate for _ in range(150)]
    assert min(rates) == rates[-1] == 0.05


async def test_learning_and_selecting_is_one_look_at_the_next_state(pool: asyncpg.Pool) -> None:
    def fresh() -> LearningStore:
        return LearningStore(pool, AGENT, actions=["l", "r"], rng=random.Random(5))

    together, apart = fresh(), fresh()
    for number in range(40):
        step = Transition(
            state=f"x{number % 3}",
            action="lr"[number % 2],
            reward=number % 5,
            next_state=f"x{number % 4}",
        )
        learned, choice = await together.learn_and_select(step, epsilon=0.3)
        expected = await apart.select_action(f"x{number % 4}", epsilon=0.3)
        assert choice == expected
        assert learned.next_values is not None
    with pytest.raises(InvalidValue, match="terminated"):
        await together.learn_and_select(
            Transition(state=1, action=1, reward=0, next_state=1, terminated=True)
        )


async def test_a_reward_is_recorded_when_asked(store: LearningStore, pool: asyncpg.Pool) -> None:
    session = await store.start_session()
    await store.learn("s", "a", 1.5, "s")
    await store.learn("s", "a", 2.5, "s", reward_type="shaping", reward_source="critic", step=3)
    await store.learn_many(
        [
            Transition(
                state="s",
                action="a",
                reward=number,
                next_state="s",
                reward_type="immediate" if number % 2 else None,
                step=number,
            )
            for number in range(4)
        ]
    )
    rows = await pool.fetch("select * from rewards order by reward_id")
    assert [(row["reward_value"], row["reward_type"], row["step"]) for row in rows] == [
        (2.5, "shaping", 3),
        (1.0, "immediate", 1),
        (3.0, "immediate", 3),
    ]
    assert {row["session_id"] for row in rows} == {session}
    assert rows[0]["reward_source"] == "critic"


@pytest.mark.parametrize("next_state", ["s", "other"])
async def test_concurrent_steps_lose_nothing(
    database: Database, pool: asyncpg.Pool, next_state: str
) -> None:
    async with create_pool(database.url(f"ql_{AGENT}"), max_size=9) as pool:
        stores = [LearningStore(pool, AGENT, instance=f"{AGENT}-{n}") for n in range(18)]
        learned = await asyncio.gather(
            *(stores[n % 18].learn("s", "a", 1.0, next_state, ["a", "b"]) for n in range(900))
        )
    assert sorted(one.visit_count for one in learned) == list(range(1, 901))
    q = 0.25
    for visit in range(1, 901):
        alpha = max(0.05, 0.5 / visit**0.5)
        best = max(q, 0.25) if next_state == "s" else 0.25
        q += alpha * (1.0 + 0.9 * best - q)
    assert max(learned, key=lambda one: one.visit_count).q_value == pytest.approx(q, abs=1e-12)


async def test_batches_in_any_order_do_not_deadlock(database: Database) -> None:
    def batch(seed: int) -> list[Transition]:
        rng = random.Random(seed)
        return [
            Transition(
                state=rng.randrange(40),
                action=rng.randrange(2),
                reward=1.0,
                next_state=rng.randrange(40),
                next_actions=[0, 1],
            )
            for _ in range(60)
        ]

    async with create_pool(database.url(f"ql_{AGENT}"), max_size=9) as pool:
        store = LearningStore(pool, AGENT, patience=0)
        await asyncio.gather(
            *(store.learn_many(batch(seed)) for seed in range(36)),
            *(store.learn(seed % 40, seed % 2, 1.0, seed % 7, [0, 1]) for seed in range(200)),
        )
        assert await pool.fetchval("select sum(visit_count) from q_values") == 36 * 60 + 200


REFUSED: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "nan": ({"reward": float("nan")}, InvalidValue, "reward is nan"),
    "infinity": ({"reward": float("inf")}, InvalidValue, "reward is inf"),
    "gamma": ({"discount_factor": 1.5}, InvalidValue, "between 0"),
    "no actions": ({"next_actions": []}, NoActions, "0 actions"),
    "hash": ({"state": Hashed("h" * 65, 1)}, InvalidValue, "has 65 characters"),
    "mismatch": ({"state": Hashed("known", 2)}, StateMismatch, "'known'"),
    "reward type": ({"reward_type": "huge"}, InvalidValue, "reward_type"),
    "overflow": (
        {"state": Hashed("known", 1), "reward": 1.7e308},
        InvalidValue,
        "othing was written",
    ),
    "session": ({"session": UUID(int=7)}, UnknownReference, "session_id is not one of agent type"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_refused_leaves_nothing(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection, case: str
) -> None:
    await store.upsert(Hashed("known", 1), "a", -1.7e308)
    await owner.execute(
        "insert into sessions (agent_type, session_id) values ('quality-gate', $1)", UUID(int=7)
    )
    before = await pool.fetch("select * from q_values")
    changes, error, message = REFUSED[case]
    step: dict[str, Any] = {"state": "s", "action": "a", "reward": 1.0, "next_state": "s"}
    with pytest.raises(error, match=message):
        await store.learn(**step | changes)
    assert await pool.fetch("select * from q_values") == before
    assert await pool.fetchval("select count(*) from rewards") == 0


async def test_a_batch_is_learned_whole_or_not_at_all(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    await store.upsert(Hashed("known", 1), "a", 1.0)
    good = Transition(state="s", action="a", reward=1.0, next_state="s")
    bad = [
        Transition(state=Hashed("known", 2), action="a", reward=1.0, next_state="s"),
        Transition(state="s", action="b", reward=float("nan"), next_state="s"),
        Transition(state="s", action="b", reward=1.0, next_state="s", next_actions=[]),
    ]
    for step in bad:
        with pytest.raises((StateMismatch, InvalidValue)):
            await store.learn_many([good, step])
    assert await pool.fetchval("select count(*) from q_values") == 1
    assert await store.learn_many([]) == []


async def test_the_functions_refuse_what_the_store_would(pool: asyncpg.Pool) -> None:
    for arguments in ("1", "1, 's', '{}'"):
        with pytest.raises(asyncpg.InvalidParameterValueError, match="next state"):
            await pool.execute(f"select learn('{AGENT}', 's', '1', 'a', '1', {arguments})")
    steps = [
        {"state_hash": "s", "state_data": 1, "action_hash": "a", "action_data": 1, "reward": 1}
    ]
    with pytest.raises(asyncpg.InvalidParameterValueError, match="step 1"):
        await pool.execute("select learn_many($1, $2)", AGENT, json.dumps(steps))

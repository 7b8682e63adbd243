"""A write that cannot be made fails by itself: alone in its batch, and in words of the library."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import pytest

from qlmodels.store import (
    GivenReward,
    Hashed,
    InvalidValue,
    LearningStore,
    Pair,
    StoreClosed,
    Transition,
    UnknownReference,
    WritesFailed,
)
from qlmodels.store.buffer import Buffer
from qlmodels.store.errors import OutcomeUnknown
from tests.store.conftest import AGENT
from tests.store.test_recording import episode

pytestmark = pytest.mark.one_major

GOOD = 30
STEP = Transition(state="s", action="a", reward=1.0, next_state="t", next_actions=["a"])
STRANGER = UUID(int=9)


class Unhelpful(Exception):
    """As an `encode` of a caller's own raises it."""


def encode(state: Any) -> Any:
    if state == "unhelpful":
        raise Unhelpful(state)
    return state


def learning(**changes: Any) -> Callable[[Buffer], Awaitable[Any]]:
    return lambda buffer: buffer.learn(replace(STEP, **changes))


def recording(**changes: Any) -> Callable[[Buffer], Awaitable[Any]]:
    return lambda buffer: buffer.record(episode(**changes))


def rewarding(**changes: Any) -> Callable[[Buffer], Awaitable[Any]]:
    given = GivenReward(state="s", action="a", reward=1.0)
    return lambda buffer: buffer.record_reward(replace(given, **changes))


def upserting(state: Any, action: Any, value: Any) -> Callable[[Buffer], Awaitable[Any]]:
    return lambda buffer: buffer.upsert(Pair(state, action, value))


BAD: dict[str, tuple[Callable[[Buffer], Awaitable[Any]], type[Exception]]] = {
    "terminated is a number of numpy": (learning(terminated=np.int64(0)), InvalidValue),
    "terminated of many": (learning(terminated=np.array([True, False])), InvalidValue),
    "truncated": (learning(truncated="no"), InvalidValue),
    "reward is NaN": (learning(reward=float("nan")), InvalidValue),
    "reward is text": (learning(reward="1"), InvalidValue),
    "reward is complex": (learning(reward=1j), InvalidValue),
    "step of numpy": (learning(step=np.float64(1.5)), InvalidValue),
    "step is too large": (learning(step=2**70), InvalidValue),
    "session is text": (learning(session="x"), InvalidValue),
    "session is not there": (learning(session=STRANGER), UnknownReference),
    "reward_type": (learning(reward_type="late"), InvalidValue),
    "reward_source": (learning(reward_source="\ud800"), InvalidValue),
    "state is bytes": (learning(state=b"s"), InvalidValue),
    "state holds a surrogate": (learning(state={"\ud800": 1}), InvalidValue),
    "action holds a surrogate": (learning(action=["\udfff"]), InvalidValue),
    "next state holds a surrogate": (learning(next_state={"x": "\ud800"}), InvalidValue),
    "next actions are none": (learning(next_actions=[]), InvalidValue),
    "next actions are a number": (learning(next_actions=3), InvalidValue),
    "next actions are one text": (learning(next_actions="left"), InvalidValue),
    "encode fails": (learning(state="unhelpful"), Unhelpful),
    "encode of the next state fails": (learning(next_state="unhelpful"), Unhelpful),
    "hash holds a surrogate": (learning(state=Hashed("\ud800", 1)), InvalidValue),
    "hash is a number": (learning(state=Hashed(1, 1)), InvalidValue),  # type: ignore[arg-type]
    "value is NaN": (upserting("s", "u", float("nan")), InvalidValue),
    "value is None": (upserting("s", "u", None), InvalidValue),
    "pair holds a NUL": (upserting("s\x00", "u", 1.0), InvalidValue),
    "exploration rate of numpy": (recording(exploration_rate=np.str_("yes")), InvalidValue),
    "seed is too large": (recording(seed=2**70), InvalidValue),
    "seed is text": (recording(seed="7"), InvalidValue),
    "times are text": (recording(states=["unhelpful"] * 2), Unhelpful),
    "error_message": (recording(error_message="\udc00"), InvalidValue),
    "extra": (recording(extra={"\ud800": 1}), InvalidValue),
    "reward of an action that is a set": (rewarding(action={1}), InvalidValue),
    "reward of a trajectory that is not there": (
        rewarding(trajectory_id=STRANGER),
        UnknownReference,
    ),
}


@pytest.fixture
def store(pool: asyncpg.Pool) -> LearningStore:
    return LearningStore(pool, AGENT, encode=encode)


async def test_a_bad_write_fails_with_its_own_error_and_the_others_are_written(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    for bad, (give, kind) in BAD.items():
        async with asyncio.timeout(60), store.buffered(batch=GOOD + 1, delay=600) as buffer:
            given = [await buffer.learn(replace(STEP, state=[bad, n])) for n in range(GOOD // 2)]
            wrong = await give(buffer)
            given += [await buffer.learn(replace(STEP, state=[bad, -n])) for n in range(1, 16)]
            with pytest.raises(kind):
                await wrong
            learned = await asyncio.gather(*given)
        assert [one.visit_count for one in learned] == [1] * GOOD, bad
    assert await pool.fetchval("select count(*) from q_values") == GOOD * len(BAD)


@pytest.mark.parametrize("bad", ["encode fails", "session is not there", "state is bytes"])
async def test_bad_writes_that_are_not_awaited_are_named_when_the_block_is_left(
    store: LearningStore, pool: asyncpg.Pool, bad: str
) -> None:
    give, kind = BAD[bad]
    with pytest.raises(WritesFailed, match=r"^2 of the buffered writes") as caught:  # noqa: PT012
        async with asyncio.timeout(60), store.buffered(delay=600) as buffer:
            for number in range(9):
                if number in (3, 5):
                    await give(buffer)
                else:
                    await buffer.learn(replace(STEP, state=number))
    assert "number 4, learn; number 6, learn" in str(caught.value)
    assert [write.number for write in caught.value.writes] == [4, 6]
    assert {type(failure) for failure in caught.value.failures} == {kind}
    assert await pool.fetchval("select count(*) from q_values") == 7


async def test_many_bad_writes_among_many_good_ones(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    rng = random.Random(3)
    names = [name for name in BAD if rng.random() < 0.9] * 9
    async with asyncio.timeout(60):
        with pytest.raises(WritesFailed, match=f"^{len(names)} of the buffered"):  # noqa: PT012
            async with store.buffered(batch=50) as buffer:
                for number, name in enumerate(names):
                    await buffer.learn(replace(STEP, state=number))
                    await BAD[name][0](buffer)
    assert await pool.fetchval("select count(*) from q_values") == len(names)


async def test_what_is_changed_after_it_was_given_is_written_as_it_was(
    store: LearningStore,
) -> None:
    state = {"at": 1}
    async with store.buffered(delay=600) as buffer:
        await buffer.learn(replace(STEP, state=state))
        state["at"] = 2
    assert await store.actions({"at": 1})
    assert not await store.actions({"at": 2})


async def test_leaving_and_flushing_wait_for_no_delay(store: LearningStore) -> None:
    async with asyncio.timeout(60), store.buffered(delay=600) as buffer:
        await buffer.learn(STEP)
        await buffer.flush()
        assert (await store.actions("s"))[0].visit_count == 1
        await buffer.learn(STEP)
    assert (await store.actions("s"))[0].visit_count == 2


async def test_a_buffer_that_is_cancelled_while_leaving_says_what_was_not_written(
    store: LearningStore, owner: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute("lock table q_values")
    leaving = asyncio.Event()

    async def work() -> None:
        async with store.buffered(batch=5) as buffer:
            given = [await buffer.learn(STEP) for _ in range(20)]
            pending.extend(given)
            leaving.set()

    pending: list[Any] = []
    task = asyncio.create_task(work())
    await leaving.wait()
    await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(60):
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    sentence = "of its 20 writes 15 were not made and 5 may or may not have been made"
    assert sentence in caplog.text
    assert sentence in "".join(caught.value.__notes__)
    results = await asyncio.gather(*pending, return_exceptions=True)
    assert [type(one) for one in results] == [OutcomeUnknown] * 5 + [StoreClosed] * 15
    await transaction.rollback()


UNSTORABLE: dict[str, Callable[[LearningStore, str], Awaitable[Any]]] = {
    "state": lambda store, bad: store.learn({bad: 1}, "a", 1.0, "t", ["a"]),
    "action": lambda store, bad: store.upsert("s", [bad], 1.0),
    "next_state": lambda store, bad: store.learn("s", "a", 1.0, {"x": [bad]}, ["a"]),
    "reward_source": lambda store, bad: store.learn(
        "s", "a", 1.0, "t", ["a"], reward_type="shaping", reward_source=bad
    ),
    "hash": lambda store, bad: store.best_action(Hashed(bad)),
    "task_id": lambda store, bad: store.record(episode(task_id=bad)),
    "error_message": lambda store, bad: store.record(episode(error_message=bad)),
    "extra": lambda store, bad: store.record(episode(extra={"x": bad})),
    "name": lambda store, bad: store.remember_pattern(bad, 1, pattern_type="t"),
    "pattern_type": lambda store, bad: store.remember_pattern("p", 1, pattern_type=bad),
    "category": lambda store, bad: store.remember_pattern("p", 1, pattern_type="t", category=bad),
    "data": lambda store, bad: store.remember_pattern("p", {bad: bad}, pattern_type="t"),
    "trigger_conditions": lambda store, bad: store.remember_pattern(
        "p", 1, pattern_type="t", trigger_conditions={"x": bad}
    ),
    "expected_outcome": lambda store, bad: store.remember_pattern(
        "p", 1, pattern_type="t", expected_outcome=bad
    ),
    "name (of a session)": lambda store, bad: store.start_session(bad),
    "environment": lambda store, bad: store.start_session(environment=bad),
    "instance": lambda store, bad: store.heartbeat(bad),
    "status": lambda store, bad: store.heartbeat("i", status=bad),  # type: ignore[arg-type]
    "state (of an episode)": lambda store, bad: store.record(episode(states=["s", {"x": bad}])),
    "action (of an episode)": lambda store, bad: store.record(episode(actions=[bad, 1])),
    "state_contains": lambda store, bad: store.search(state_contains={bad: 1}),
    "action_contains": lambda store, bad: store.search(action_contains=bad),
    "state (of a pattern)": lambda store, bad: store.match_patterns({"a": bad}),
    "action in actions": lambda store, bad: store.select_action("s", ["a", bad], epsilon=0),
    "state (of a reward)": lambda store, bad: store.record_rewards(
        [GivenReward(state=bad, action=1, reward=1)]
    ),
}


@pytest.mark.parametrize("bad", ["\ud800", "x\udfffy", "\x00"])
async def test_what_cannot_be_stored_is_named(pool: asyncpg.Pool, bad: str) -> None:
    store = LearningStore(pool, AGENT)
    for what, operation in UNSTORABLE.items():
        with pytest.raises(InvalidValue, match=what.partition(" (")[0]) as caught:
            await operation(store, bad)
        str(caught.value).encode()
    assert await pool.fetchval("select count(*) from q_values") == 0


@pytest.mark.parametrize("bad", ["\ud800", "\x00", "", "x" * 51])
def test_an_agent_type_that_cannot_be_is_named(pool: asyncpg.Pool, bad: str) -> None:
    with pytest.raises(InvalidValue, match="agent_type"):
        LearningStore(pool, bad)
    with pytest.raises(InvalidValue, match="patience"):
        LearningStore(pool, AGENT, patience=float("inf"))

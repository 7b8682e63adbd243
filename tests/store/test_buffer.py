import asyncio

import asyncpg
import pytest

from qlmodels.store import (
    GivenReward,
    Hashed,
    LearningStore,
    Pair,
    StateMismatch,
    StoreClosed,
    Transition,
    WritesFailed,
)
from tests.store.test_recording import episode

pytestmark = pytest.mark.one_major


def step(number: int) -> Transition:
    return Transition(state=number % 10, action="a", reward=float(number), next_state=0)


async def test_writes_of_many_tasks_become_batches(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    async with store.buffered(batch=100, delay=60.0) as buffer:
        waiting = await asyncio.gather(*(buffer.learn(step(number)) for number in range(300)))
        learned = await asyncio.gather(*waiting)
    assert sorted(one.visit_count for one in learned) == sorted(list(range(1, 31)) * 10)
    transactions = await pool.fetchval("select count(distinct xmin::text) from q_values")
    assert transactions <= 3


async def test_a_batch_is_as_large_as_was_said(store: LearningStore, pool: asyncpg.Pool) -> None:
    async with store.buffered(batch=5, delay=60.0) as buffer:
        for number in range(10):
            await buffer.learn(step(number))
    sizes = await pool.fetch(
        "select count(*) from q_values group by xmin::text order by xmin::text::bigint"
    )
    assert [row[0] for row in sizes] == [5, 5]


async def test_a_lone_write_does_not_wait_longer_than_the_delay(store: LearningStore) -> None:
    async with store.buffered(delay=0.01) as buffer:
        async with asyncio.timeout(60):
            assert (await (await buffer.learn(step(1)))).visit_count == 1


async def test_leaving_the_block_writes_everything(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    buffer = store.buffered(batch=7, size=3)
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with buffer:
            for number in range(20):
                await buffer.learn(step(number))
                await buffer.upsert(Pair(number, "u", 1.0))
                await buffer.record(episode())
                await buffer.record_reward(GivenReward(state=1, action=1, reward=1.0))
            raise ZeroDivisionError
    assert await pool.fetchval("select sum(visit_count) from q_values") == 40
    assert await pool.fetchval("select count(*) from trajectories") == 20
    assert await pool.fetchval("select count(*) from rewards") == 20
    with pytest.raises(StoreClosed):
        await buffer.learn(step(1))


async def test_order_is_kept(store: LearningStore) -> None:
    async with store.buffered() as buffer:
        for number in range(10):
            await buffer.upsert(Pair("s", "a", float(number)))
            await buffer.learn(
                Transition(state="s", action="a", reward=0, next_state=0, terminated=True)
            )
        await buffer.flush()
        best = await store.best_action("s")
    assert best is not None
    assert best.q_value == pytest.approx(9 * 0.9)


async def test_one_bad_write_fails_alone(store: LearningStore, pool: asyncpg.Pool) -> None:
    await store.upsert(Hashed("h", 1), "a", 1.0)
    bad = Transition(state=Hashed("h", 2), action="a", reward=1.0, next_state=0)
    with pytest.raises(WritesFailed, match="1 of the buffered writes failed") as caught:  # noqa: PT012
        async with store.buffered(delay=60, batch=5) as buffer:
            good = [await buffer.learn(step(number)) for number in range(3)]
            await buffer.learn(bad)
            awaited = await buffer.learn(bad)
            with pytest.raises(StateMismatch):
                await awaited
            assert [(await one).visit_count for one in good] == [1, 1, 1]
    assert [type(failure) for failure in caught.value.failures] == [StateMismatch]
    assert await pool.fetchval("select count(*) from q_values") == 4


async def test_a_full_buffer_makes_the_writer_wait(store: LearningStore) -> None:
    async with store.buffered(batch=1000, delay=60.0, size=5) as buffer:
        for number in range(1000):
            await buffer.learn(step(number))
            assert buffer.waiting <= 5
    best = await store.actions(0)
    assert best[0].visit_count == 100


async def test_a_cancelled_block_writes_what_it_was_given(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    given = asyncio.Event()

    async def work() -> None:
        async with store.buffered() as buffer:
            for number in range(50):
                await buffer.learn(step(number))
            given.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await given.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await pool.fetchval("select sum(visit_count) from q_values") == 50

"""Epsilon goes on: finished episodes are counted with what is recorded, once and for good."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from qlmodels import migrate
from qlmodels.adopt import adopt
from qlmodels.connection import connect, create_engine, create_pool
from qlmodels.store import UNNAMED_INSTANCE, InvalidValue, LearningStore
from tests.adopt.original import make_original
from tests.conftest import Database
from tests.store.conftest import AGENT
from tests.store.test_recording import episode
from tests.support.lossy_proxy import LossyProxy

pytestmark = pytest.mark.one_major

TOTALS = (
    "select agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward,"
    " avg_reward from agent_states order by 1"
)


def epsilon_after(episodes: int) -> float:
    return max(0.01, 0.2 * 0.995**episodes)


async def rate(pool: asyncpg.Pool, instance: str | None = None) -> float:
    """Epsilon of a process that has just begun."""
    return await LearningStore(pool, AGENT, instance=instance).exploration_rate()


async def totals(pool: asyncpg.Pool) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await pool.fetch(TOTALS)]


@pytest.mark.parametrize("instance", [None, "one"])
async def test_a_new_process_goes_on_without_any_heartbeat(
    pool: asyncpg.Pool, instance: str | None
) -> None:
    store = LearningStore(pool, AGENT, instance=instance)
    assert await store.exploration_rate() == 0.2
    await store.record_many([episode() for _ in range(99)])
    await store.record(episode(success=False))
    assert await store.exploration_rate() == pytest.approx(0.1212, abs=5e-5)
    assert await rate(pool, instance) == await store.exploration_rate()
    assert await totals(pool) == [(instance or UNNAMED_INSTANCE, 100, 99, 1, 50.0, 0.5)]
    row = await pool.fetchrow("select status, current_exploration_rate from agent_states")
    assert row is not None
    assert tuple(row) == ("idle", pytest.approx(epsilon_after(100)))


async def test_it_goes_on_when_its_episodes_are_purged(
    pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    store = LearningStore(pool, AGENT, instance="one")
    await store.record_many([episode() for _ in range(10)])
    await owner.execute("update trajectories set expires_at = now() - interval '1 day'")
    assert (await store.purge_expired())["trajectories"] == 10
    assert await rate(pool, "one") == pytest.approx(epsilon_after(10))


async def test_instances_explore_on_their_own_and_unnamed_stores_together(
    pool: asyncpg.Pool,
) -> None:
    stores = [LearningStore(pool, AGENT, instance=name) for name in ("one", "two", None, None)]
    await asyncio.gather(
        *(
            store.record_many([episode() for _ in range(number)])
            for number, store in enumerate(stores, 1)
        )
    )
    assert [row[:2] for row in await totals(pool)] == [
        ("one", 1),
        ("two", 2),
        (UNNAMED_INSTANCE, 7),
    ]
    assert await rate(pool) == pytest.approx(epsilon_after(7))
    await stores[2].record(episode())
    assert await stores[2].exploration_rate() == pytest.approx(epsilon_after(8))


async def test_concurrent_writers_of_one_row_lose_no_episode(pool: asyncpg.Pool) -> None:
    stores = [LearningStore(pool, AGENT, instance="one") for _ in range(8)]
    await asyncio.gather(*(store.record(episode()) for store in stores for _ in range(10)))
    assert (await totals(pool))[0][:2] == ("one", 80)


async def test_an_adopted_instance_goes_on(empty_database: Database) -> None:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=1, faulty=False)
    await asyncio.to_thread(adopt, empty_database.owner)
    async with connect(empty_database.owner) as owner:
        agent_type, instance, tasks = await owner.fetchrow(
            "update agent_states set total_tasks = 100, successful_tasks = 60, failed_tasks = 40"
            " where state_id = (select state_id from agent_states order by state_id limit 1)"
            " returning agent_type, agent_instance_id, total_tasks"
        ) or ("", "", 0)
        await owner.execute(
            "update agent_types set exploration_rate = 0.2, exploration_decay = 0.995,"
            " min_exploration_rate = 0.01"
        )
    async with create_pool(empty_database.owner) as pool:
        store = LearningStore(pool, agent_type, instance=instance)
        assert await store.exploration_rate() == pytest.approx(epsilon_after(tasks))
        await store.record(episode())
        assert await store.exploration_rate() == pytest.approx(epsilon_after(tasks + 1))
        unnamed = LearningStore(pool, agent_type)
        await unnamed.record(episode())
        assert await unnamed.exploration_rate() == pytest.approx(epsilon_after(1))
    await asyncio.to_thread(migrate.check, empty_database.owner)


async def test_evaluations_do_not_count(pool: asyncpg.Pool) -> None:
    store = LearningStore(pool, AGENT, instance="one")
    await store.record(episode(is_evaluation=True))
    assert await totals(pool) == []
    await store.record_many([episode(is_evaluation=True), episode()])
    assert (await totals(pool))[0][:2] == ("one", 1)
    assert await store.exploration_rate() == pytest.approx(epsilon_after(1))


async def test_an_episode_counts_once_however_often_it_is_recorded(pool: asyncpg.Pool) -> None:
    store, other = (LearningStore(pool, AGENT, instance="one") for _ in range(2))
    told = episode()
    assert await store.record_many([told, told], rewards=True) == 1
    assert await pool.fetchval("select count(*) from rewards") == 2
    await other.record(replace(told, success=False))
    async with store.buffered() as buffer:
        for _ in range(3):
            await buffer.record(told)
        await buffer.record(episode())
    assert (await totals(pool))[0] == ("one", 2, 2, 0, 1.0, 0.5)
    assert await other.exploration_rate() == pytest.approx(epsilon_after(1))
    assert await store.exploration_rate() == pytest.approx(epsilon_after(2))


async def test_a_heartbeat_adds_what_is_not_recorded(pool: asyncpg.Pool) -> None:
    for name, row in (("one", "one"), (None, UNNAMED_INSTANCE)):
        store = LearningStore(pool, AGENT, instance=name)
        await store.record_many([episode(), episode()])
        store.finish_episode(success=False, total_reward=4.0)
        assert await store.exploration_rate() == pytest.approx(epsilon_after(3))
        for _ in range(2):
            await store.heartbeat(status="learning")
            assert (row, 3, 2, 1, 5.0, pytest.approx(5 / 3)) in await totals(pool)
            assert await store.exploration_rate() == pytest.approx(epsilon_after(3))


async def test_what_is_reported_for_another_instance_still_counts_for_the_store(
    pool: asyncpg.Pool,
) -> None:
    store = LearningStore(pool, AGENT)
    await store.record(episode())
    store.finish_episode(success=True, total_reward=1.0)
    await store.heartbeat("one")
    assert [row[:2] for row in await totals(pool)] == [("one", 1), (UNNAMED_INSTANCE, 1)]
    assert await store.exploration_rate() == pytest.approx(epsilon_after(2))


async def test_a_reported_rate_stays_until_the_next_report(pool: asyncpg.Pool) -> None:
    store = LearningStore(pool, AGENT, instance="one")
    await store.heartbeat(status="learning", learning_rate=0.25)
    await store.record(episode())
    row = await pool.fetchrow("select status, current_learning_rate from agent_states")
    assert row is not None
    assert tuple(row) == ("learning", 0.25)


async def test_an_answer_lost_after_the_commit_counts_once(database: Database) -> None:
    proxy = LossyProxy(database.url(f"ql_{AGENT}"))
    async with proxy.serving() as url, create_pool(url, max_size=1) as pool:
        store = LearningStore(pool, AGENT, instance="one")
        await store.record(episode())
        task = f"task-{uuid4()}"
        proxy.lose_answer_to(task)
        assert await store.record_many([episode(task_id=task)], rewards=True) == 0
        assert proxy.lost == 1
        assert (await totals(pool))[0][:2] == ("one", 2)
        assert await store.exploration_rate() == pytest.approx(epsilon_after(2))


async def test_a_rollback_takes_the_episode_back(
    database: Database, pool: asyncpg.Pool, store: LearningStore
) -> None:
    engine = create_engine(database.url(f"ql_{AGENT}"))
    await store.record(episode())
    for ending, episodes in (("rollback", 1), ("commit", 2)):
        async with AsyncSession(engine) as session:
            inside = await store.within(session)
            await inside.record(episode())
            assert await inside.exploration_rate() == pytest.approx(epsilon_after(2))
            await getattr(session, ending)()
        assert await store.exploration_rate() == pytest.approx(epsilon_after(episodes))
    await engine.dispose()


async def test_an_operators_change_is_seen_with_the_next_episode(
    pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    store = LearningStore(pool, AGENT)
    await store.record(episode())
    await owner.execute("update agent_types set exploration_rate = 0.8, exploration_decay = 0.5")
    await store.record(episode())
    assert await store.exploration_rate() == 0.2


@pytest.mark.parametrize("decay", [0.0, 1e-300, 0.5, 0.995, 1.0])
async def test_no_number_of_episodes_is_too_large(
    pool: asyncpg.Pool, owner: asyncpg.Connection, decay: float
) -> None:
    await owner.execute(f"update agent_types set exploration_decay = {decay}::double precision")
    store = LearningStore(pool, AGENT, instance="one")
    await store.record(episode())
    for tasks in (1, 400_000, 2**31 - 10):
        await owner.execute("update agent_states set total_tasks = $1", tasks)
        await store.record(episode())
        stored = await pool.fetchval("select current_exploration_rate from agent_states")
        expected = max(0.01, 0.2 * decay ** (tasks + 1))
        assert stored == pytest.approx(expected)
        assert await store.exploration_rate() == pytest.approx(expected)


async def test_no_return_is_too_large_or_too_small(pool: asyncpg.Pool) -> None:
    store = LearningStore(pool, AGENT, instance="one")
    await store.start_session()
    for reward in (1.7e308, 1.7e308, -1.7e308, 5e-324):
        await store.record_many([episode(rewards=[reward, 0.0]) for _ in range(2)])
        store.finish_episode(success=True, total_reward=reward)
        await store.heartbeat()
    assert (await totals(pool))[0][:2] == ("one", 12)
    tiny = LearningStore(pool, AGENT, instance="two")
    await tiny.record_many([episode(rewards=[5e-324, 0.0]) for _ in range(3)])
    assert (await totals(pool))[1] == ("two", 3, 3, 0, 1.5e-323, 0.0)
    await store.finish_session()
    with pytest.raises(InvalidValue, match="total reward"):
        await store.record(episode(rewards=[1.7e308, 1.7e308]))


async def test_a_login_of_ones_own_counts_no_one_elses_episodes(
    database: Database, pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "insert into agent_states (agent_type, agent_instance_id, total_tasks,"
        " current_exploration_rate, current_learning_rate) values ('quality-gate', $1, 7, 0, 0)",
        UNNAMED_INSTANCE,
    )
    await LearningStore(pool, AGENT).record(episode())
    rows = await owner.fetch("select agent_type, total_tasks from agent_states order by 1")
    assert [tuple(row) for row in rows] == [("quality-gate", 7), (AGENT, 1)]

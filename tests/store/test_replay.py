import math
import random
from collections import Counter
from uuid import UUID

import asyncpg
import pytest

from qlmodels.store import InvalidValue, LearningStore, Replayed, UnknownReference
from tests.store.test_recording import episode


def improbable(counts: Counter[UUID], expected: dict[UUID, float]) -> float:
    """How many standard deviations chi-squared is off, its cube root being near normal.

    Wilson and Hilferty, 1931: beyond 4 once in 30,000 times.
    """
    square = sum((counts[key] - mean) ** 2 / mean for key, mean in expected.items())
    freedom = len(expected) - 1
    spread = 2 / (9 * freedom)
    return (math.cbrt(square / freedom) - 1 + spread) / math.sqrt(spread)


async def fill(store: LearningStore, number: int) -> dict[UUID, float]:
    """Episodes of the priorities 0.1 to 100, and of a few exact powers of two."""
    rng = random.Random(3)
    priorities = [10 ** rng.uniform(-1, 2) for _ in range(number - 4)] + [0.5, 1.0, 2.0, 8.0]
    episodes = [episode(priority=priority) for priority in priorities]
    await store.record_many(episodes)
    return {told.trajectory_id: told.priority for told in episodes}


async def draw(store: LearningStore, times: int, **how: object) -> Counter[UUID]:
    counts: Counter[UUID] = Counter()
    for _ in range(times):
        batch = await store.replay(250, **how)  # type: ignore[arg-type]
        assert len(batch) == 250
        counts.update(one.trajectory_id for one in batch)
    return counts


async def test_each_episode_is_as_likely_as_any_other(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    known = await fill(store, 120)
    counts = await draw(store, 80)
    assert improbable(counts, dict.fromkeys(known, 80 * 250 / 120)) < 4
    gone = set(list(known)[10:100])
    await owner.execute("delete from trajectories where trajectory_id = any ($1)", list(gone))
    counts = await draw(store, 40)
    assert improbable(counts, dict.fromkeys(known.keys() - gone, 40 * 250 / 30)) < 4


@pytest.mark.newest_first
async def test_by_priority_each_is_as_likely_as_its_priority(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    known = await fill(store, 120)
    total = sum(known.values())
    counts = await draw(store, 80, by="priority")
    assert improbable(counts, {key: 80 * 250 * p / total for key, p in known.items()}) < 4
    changed = {key: 50.0 if number % 2 else 3.0 for number, key in enumerate(known)}
    await store.update_priorities(changed)
    total = sum(changed.values())
    counts = await draw(store, 40, by="priority")
    assert improbable(counts, {key: 40 * 250 * p / total for key, p in changed.items()}) < 4
    replayed = await owner.fetch("select distinct replay_count from trajectories")
    assert [row["replay_count"] for row in replayed] == [1]


async def test_a_draw_tells_its_probability_and_weight(store: LearningStore) -> None:
    known = await fill(store, 50)
    total = sum(known.values())
    batch = await store.replay(64, by="priority", beta=0.5)
    least = min(one.probability for one in batch)
    for one in batch:
        assert one.priority == known[one.trajectory_id]
        assert one.probability == pytest.approx(one.priority / total)
        assert one.weight == pytest.approx((least / one.probability) ** 0.5)
    assert {(one.probability, one.weight) for one in await store.replay(8)} == {(1 / 50, 1.0)}


@pytest.mark.newest_first
async def test_large_stocks_are_judged_by_a_part(store: LearningStore, pool: asyncpg.Pool) -> None:
    await pool.execute(
        "insert into trajectories (agent_type, task_id, initial_state, final_state, actions_taken,"
        " states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms,"
        " success, started_at, priority) select 'test-generator', 't', '1', '1', '[]', '[1]', '[]',"
        " 0, 0, 0, true, now(), 1 + number % 3 from generate_series(1, 20000) as number"
    )
    batch = await store.replay(256, by="priority")
    assert len(batch) == 256
    for one in batch:
        assert one.probability == pytest.approx(one.priority / 40_000, rel=0.15)
    counts = Counter(
        [one.priority for _ in range(8) for one in await store.replay(256, by="priority")]
    )
    for priority in (1.0, 2.0, 3.0):
        assert counts[priority] / 2048 == pytest.approx(priority / 6, abs=0.05)


@pytest.mark.one_major
async def test_each_new_priority_counts_a_replay(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    first, second = episode(), episode()
    await store.record_many([first, second])
    await store.update_priorities({first.trajectory_id: 2.0, second.trajectory_id: 3.0})
    await store.update_priorities({second.trajectory_id: 4.0})
    rows = await owner.fetch("select priority, replay_count from trajectories order by priority")
    assert [tuple(row) for row in rows] == [(2, 1), (4, 2)]


@pytest.mark.one_major
async def test_what_is_drawn_can_be_learned_from(store: LearningStore) -> None:
    await store.record(episode(rewards=[1.0, 2.0]))
    (one,) = await store.replay(1)
    assert (one.states, one.actions, one.rewards) == (
        [{"at": 0}, {"at": 1}, {"at": 2}],
        ["go", {"jump": 2}],
        [1.0, 2.0],
    )
    first, last = one.transitions()
    assert (first.next_state, first.terminated, last.terminated) == ({"at": 1}, False, True)
    learned = await store.learn_many(one.transitions())
    assert [step.visit_count for step in learned] == [1, 1]


@pytest.mark.one_major
@pytest.mark.parametrize(("states", "terminated", "steps"), [(2, True, 2), (2, False, 1)])
async def test_a_step_into_the_unknown_is_left_out(
    states: int, terminated: bool, steps: int
) -> None:
    one = Replayed(
        UUID(int=1), "t", 0, True, terminated, False, 1, 1, 1, ("[1, 2]", '["a", "b"]', "[0, 0]")
    )
    assert len(one.transitions()) == steps


@pytest.mark.one_major
async def test_nothing_is_drawn_from_nothing(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    assert await store.replay(5) == []
    assert await store.replay(5, by="priority") == []
    await store.record(episode())
    assert len(await store.replay(5)) in (0, 5)  # the empty stock may still be believed
    await owner.execute("delete from trajectories")
    assert await store.replay(5) == []


@pytest.mark.one_major
async def test_replay_refuses_what_makes_no_sense(store: LearningStore) -> None:
    told = episode()
    await store.record(told)
    for priority in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InvalidValue):
            await store.update_priorities({told.trajectory_id: priority})
    with pytest.raises(UnknownReference, match="no priority was changed"):
        await store.update_priorities({told.trajectory_id: 9.0, UUID(int=1): 1.0})
    assert (await store.replay(1))[0].priority == 1.0
    with pytest.raises(InvalidValue):
        await store.replay(0)
    with pytest.raises(InvalidValue):
        await store.replay(1, beta=2.0)
    with pytest.raises(InvalidValue, match="by= of a replay is 'luck'"):
        await store.replay(1, by="luck")  # type: ignore[arg-type]

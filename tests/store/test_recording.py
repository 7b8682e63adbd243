import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from qlmodels.errors import UnknownAgentType
from qlmodels.store import (
    Episode,
    GivenReward,
    InvalidValue,
    LearningStore,
    UnknownReference,
    WrongEnvironment,
)
from qlmodels.store.hashing import identify
from tests.store.conftest import AGENT

BEGAN = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def episode(**changes: object) -> Episode:
    given: dict[str, object] = {
        "task_id": "login-flow",
        "states": [{"at": 0}, {"at": 1}, {"at": 2}],
        "actions": ["go", {"jump": 2}],
        "rewards": [1.0, -0.5],
        "success": True,
        "started_at": BEGAN,
        "completed_at": BEGAN + timedelta(milliseconds=1234),
        "terminated": True,
    }
    return Episode(**given | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lasted", "milliseconds"),
    [
        (timedelta(days=24), 24 * 86_400_000),
        (timedelta(milliseconds=2**31 - 1), 2**31 - 1),
        (timedelta(days=25), 2**31 - 1),
        (timedelta(days=3650), 2**31 - 1),
        (timedelta(days=-1), 0),
    ],
)
async def test_an_episode_of_any_length_is_recorded(
    store: LearningStore, pool: asyncpg.Pool, lasted: timedelta, milliseconds: int
) -> None:
    """An integer holds 24.8 days of milliseconds; the moments say how long a longer one was."""
    await store.record(episode(completed_at=BEGAN + lasted))
    await store.record_many([episode(completed_at=BEGAN + lasted)])
    rows = await pool.fetch("select execution_time_ms, completed_at - started_at from trajectories")
    assert [tuple(row) for row in rows] == [(milliseconds, lasted)] * 2


async def test_an_episode_is_recorded_as_it_was(store: LearningStore, pool: asyncpg.Pool) -> None:
    session = await store.start_session()
    told = episode(
        seed=7,
        exploration_rate=0.25,
        policy_version=3,
        priority=2.5,
        error_message="slow",
        extra={"host": "ci"},
    )
    await store.record(told)
    row = dict(*await pool.fetch("select * from trajectories"))
    assert row.pop("sample_key") < 1
    assert row.pop("expires_at") > datetime.now(UTC) + timedelta(days=29)
    assert row == {
        "agent_type": AGENT,
        "trajectory_id": told.trajectory_id,
        "session_id": session,
        "task_id": "login-flow",
        "initial_state": '{"at": 0}',
        "final_state": '{"at": 2}',
        "actions_taken": '["go", {"jump": 2}]',
        "states_visited": '[{"at": 0}, {"at": 1}, {"at": 2}]',
        "step_rewards": "[1, -0.5]",
        "total_reward": 0.5,
        "discounted_reward": pytest.approx(1 - 0.95 * 0.5),
        "execution_time_ms": 1234,
        "success": True,
        "terminated": True,
        "truncated": False,
        "is_evaluation": False,
        "seed": 7,
        "exploration_rate": 0.25,
        "policy_version": 3,
        "priority": 2.5,
        "replay_count": 0,
        "error_message": "slow",
        "started_at": BEGAN,
        "completed_at": told.completed_at,
        "metadata": '{"host": "ci"}',
        "legal_actions": None,
    }


async def test_rewards_of_the_steps_are_recorded_when_asked(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    told = episode()
    await store.record(told, rewards=True)
    rows = await pool.fetch("select * from rewards order by step")
    assert [
        (row["state_hash"], row["action_hash"], row["reward_value"], row["reward_type"])
        for row in rows
    ] == [
        (identify({"at": 0}, "").hash, identify("go", "").hash, 1.0, "immediate"),
        (identify({"at": 1}, "").hash, identify({"jump": 2}, "").hash, -0.5, "terminal"),
    ]
    assert {row["trajectory_id"] for row in rows} == {told.trajectory_id}


async def test_recording_twice_stores_once(store: LearningStore, pool: asyncpg.Pool) -> None:
    first, second = episode(), episode()
    assert await store.record_many([first], rewards=True) == 1
    assert await store.record_many([first, second], rewards=True) == 1
    assert await pool.fetchval("select count(*) from rewards") == 4
    assert await store.record_many([]) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"rewards": [1.0]},
        {"states": []},
        {"states": [1]},
        {"states": [1, 2, 3, 4]},
        {"rewards": [1.0, float("nan")]},
        {"rewards": [1e308, 1e308]},
        {"task_id": ""},
        {"priority": 0.0},
        {"exploration_rate": 2.0},
        {"started_at": datetime(2026, 1, 1)},
        {"actions": ["go", 1j]},
        {"seed": "seven"},
        {"seed": 2**70},
    ],
    ids=str,
)
@pytest.mark.one_major
async def test_an_episode_that_cannot_be_is_refused(
    store: LearningStore, pool: asyncpg.Pool, changes: dict[str, object]
) -> None:
    with pytest.raises(InvalidValue):
        await store.record_many([episode(), episode(**changes)], rewards=True)
    assert await pool.fetchval("select count(*) from trajectories") == 0


@pytest.mark.one_major
async def test_an_episode_of_no_steps_can_be(store: LearningStore, pool: asyncpg.Pool) -> None:
    await store.record(episode(states=[1], actions=[], rewards=[]))
    assert await pool.fetchval("select total_reward from trajectories") == 0


async def test_a_delayed_reward_finds_its_episode(store: LearningStore, pool: asyncpg.Pool) -> None:
    told = episode()
    await store.record(told)
    await store.record_rewards(
        [
            GivenReward(
                state={"at": 0},
                action="go",
                reward=5.0,
                reward_type="delayed",
                step=0,
                reward_source="review",
                trajectory_id=told.trajectory_id,
            )
        ]
    )
    (row,) = await pool.fetch("select * from rewards")
    assert (row["reward_value"], row["reward_source"]) == (5.0, "review")


async def test_a_reward_for_anothers_episode_is_refused(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    theirs = await owner.fetchval(
        "insert into trajectories (agent_type, task_id, initial_state, final_state, actions_taken,"
        " states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms,"
        " success, started_at) values ('quality-gate', 't', '1', '1', '[]', '[]', '[]', 0, 0, 0,"
        " true, now()) returning trajectory_id"
    )
    good = GivenReward(state=1, action=1, reward=1.0)
    with pytest.raises(UnknownReference, match=f"trajectory_id is not one of agent type {AGENT}"):
        await store.record_rewards(
            [good, GivenReward(state=1, action=1, reward=1.0, trajectory_id=theirs)]
        )
    assert await pool.fetchval("select count(*) from rewards") == 0


@pytest.mark.one_major
async def test_a_session_has_totals_of_its_episodes(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    session = await store.start_session("nightly", environment="staging", extra={"commit": "abc"})
    await store.record_many([episode(), episode()])
    await store.finish_session()
    (row,) = await pool.fetch("select * from sessions")
    assert (row["session_id"], row["session_name"], row["environment"], row["metadata"]) == (
        session,
        "nightly",
        "staging",
        '{"commit": "abc"}',
    )
    assert (row["status"], row["task_count"], row["total_reward"]) == ("completed", 2, 1.0)
    assert row["end_time"] >= row["start_time"]
    assert store.session is None
    ended, second = row["end_time"], await store.start_session()
    await store.record(episode(rewards=[7.0, 0.0]))
    await store.finish_session(session, status="failed", task_count=9, total_reward=2.5)
    assert store.session == second
    await store.finish_session()
    rows = await pool.fetch("select * from sessions order by start_time")
    assert [(row["status"], row["task_count"], row["total_reward"]) for row in rows] == [
        ("failed", 9, 2.5),
        ("completed", 1, 7.0),
    ]
    assert rows[0]["end_time"] == ended


@pytest.mark.one_major
async def test_a_session_is_refused_in_another_environment(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    await owner.execute("update agent_types set environment = 'staging'")
    with pytest.raises(WrongEnvironment, match=r"'staging'.*'development'"):
        await store.start_session()
    await store.start_session(environment="staging")
    assert await pool.fetchval("select count(*) from sessions") == 1


@pytest.mark.one_major
async def test_a_session_that_this_call_has_made_already_is_found_again(
    store: LearningStore, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the connection broke before the answer came, and the call was repeated."""
    monkeypatch.setattr("qlmodels.store.instances.uuid4", lambda: UUID(int=5))
    first = await store.start_session("one", extra={"a": 1})
    assert await store.start_session("another", extra={"a": 2}) == first
    rows = await pool.fetch("select session_id, session_name, metadata from sessions")
    assert [tuple(row) for row in rows] == [(first, "one", '{"a": 1}')]


@pytest.mark.one_major
async def test_only_a_session_of_ones_own_is_finished(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    with pytest.raises(InvalidValue, match="No session is running"):
        await store.finish_session()
    theirs = await owner.fetchval(
        "insert into sessions (agent_type) values ('quality-gate') returning session_id"
    )
    with pytest.raises(UnknownReference, match=str(theirs)):
        await store.finish_session(theirs)


async def test_heartbeats_add_up_in_the_database(pool: asyncpg.Pool) -> None:
    async def beat(instance: str, rewards: list[float]) -> None:
        store = LearningStore(pool, AGENT, instance=instance)
        for reward in rewards:
            await store.best_action(f"{instance} {reward}")
            await store.upsert(f"{instance} {reward}", "act", reward)
            await store.best_action(f"{instance} {reward}")
            store.finish_episode(success=reward > 0, total_reward=reward)
            await store.heartbeat(status="learning")

    await asyncio.gather(
        beat("one", [1.0, 2.0]), beat("one", [-3.0]), beat("two", [5.0]), beat("one", [])
    )
    rows = await pool.fetch("select * from agent_states order by agent_instance_id")
    assert [
        [
            row[name]
            for name in (
                "agent_instance_id",
                "total_tasks",
                "successful_tasks",
                "failed_tasks",
                "total_reward",
                "avg_reward",
                "q_values_stored",
                "lookups",
                "lookup_hits",
                "status",
            )
        ]
        for row in rows
    ] == [
        ["one", 3, 2, 1, 0.0, 0.0, 3, 6, 3, "learning"],
        ["two", 1, 1, 0, 5.0, 5.0, 1, 2, 1, "learning"],
    ]
    assert rows[0]["success_rate"] == pytest.approx(2 / 3)
    assert rows[0]["current_exploration_rate"] == pytest.approx(0.2 * 0.995**3)
    assert rows[0]["current_learning_rate"] == 0.1


@pytest.mark.one_major
async def test_exploration_ends_at_its_minimum_at_any_heartbeat(
    pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "update agent_types set exploration_rate = 0.8, exploration_decay = 0.5,"
        " min_exploration_rate = 0.3"
    )
    store, told = LearningStore(pool, AGENT, instance="one"), []
    for _ in range(3):
        store.finish_episode(success=True, total_reward=1.0)
        await store.heartbeat()
        told.append(await pool.fetchval("select current_exploration_rate from agent_states"))
    assert told == [0.4, 0.3, 0.3]
    late = LearningStore(pool, AGENT, instance="two")
    for _ in range(2):
        late.finish_episode(success=True, total_reward=1.0)
    await late.heartbeat()
    assert await late.exploration_rate() == 0.3


@pytest.mark.one_major
async def test_recorded_episodes_count_and_evaluations_do_not(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    await store.record_many([episode(), episode(success=False), episode(is_evaluation=True)])
    await store.heartbeat(exploration_rate=0.5, learning_rate=0.25)
    (row,) = await pool.fetch("select * from agent_states")
    assert (row["total_tasks"], row["successful_tasks"], row["total_reward"]) == (2, 1, 1.0)
    assert (row["current_exploration_rate"], row["current_learning_rate"]) == (0.5, 0.25)


@pytest.mark.one_major
async def test_the_average_is_of_all_heartbeats(store: LearningStore, pool: asyncpg.Pool) -> None:
    for rewards, total, average in (([4.0], 4.0, 4.0), ([1.0, 1.0], 6.0, 2.0), ([], 6.0, 2.0)):
        for reward in rewards:
            store.finish_episode(success=True, total_reward=reward)
        await store.heartbeat()
        row = await pool.fetchrow("select total_reward, avg_reward from agent_states")
        assert row is not None
        assert tuple(row) == (total, average)


@pytest.mark.one_major
async def test_counts_of_a_failed_heartbeat_are_kept(pool: asyncpg.Pool) -> None:
    store = LearningStore(pool, AGENT)
    store.finish_episode(success=True, total_reward=1.0)
    with pytest.raises(InvalidValue, match="status"):
        await store.heartbeat("one", status="dancing")  # type: ignore[arg-type]
    await store.heartbeat("one")
    assert await pool.fetchval("select total_tasks from agent_states") == 1


@pytest.mark.one_major
async def test_nothing_is_recorded_for_an_unknown_agent_type(pool: asyncpg.Pool) -> None:
    store = LearningStore(pool, "nobody", instance="one")
    for attempt in (store.record(episode()), store.heartbeat(), store.start_session()):
        with pytest.raises(UnknownAgentType, match="nobody"):
            await attempt

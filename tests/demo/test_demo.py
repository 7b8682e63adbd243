import asyncio
import json
import random
import sys
from dataclasses import replace

import pytest
from qlmodels_admin.learning import CachedVerdicts

from qlmodels import demo
from qlmodels.connection import connect, create_engine, create_pool
from qlmodels.demo import fleet
from qlmodels.demo.agent import DemoAgent, Learner
from qlmodels.demo.evaluation import expected_return, optimum
from qlmodels.demo.tasks import TASKS, Task
from qlmodels.demo.world import make_environment, make_world
from qlmodels.store import LearningStore
from tests.conftest import Database
from tests.demo.memory import MemoryStore

TAXI, CLIFF, LAKE, UNSETTLED = TASKS
TABLES = (
    "agent_types",
    "sessions",
    "q_values",
    "trajectories",
    "rewards",
    "patterns",
    "agent_states",
)

pytestmark = [pytest.mark.one_major, pytest.mark.long]


@pytest.mark.parametrize(("task", "best"), [(TAXI, 7.93), (CLIFF, -13.0), (LAKE, 0.744)])
def test_the_optimum_is_known(task: Task, best: float) -> None:
    assert optimum(make_world(task), task.horizon) == pytest.approx(best, abs=5e-4)


def test_a_policy_is_judged_exactly() -> None:
    world = make_world(LAKE)
    at_random = [dict.fromkeys(moves, 1 / len(moves)) for moves in world.moves]
    assert expected_return(world, at_random, 100) == pytest.approx(0.0139, abs=5e-4)


async def test_learning_through_the_store_is_learning_in_memory(database: Database) -> None:
    """Half of the demo's steps on Taxi, by one instance: the same table, the same policy."""
    task = replace(
        TAXI,
        hyperparameters={
            **TAXI.hyperparameters,
            "learning_rate": 0.9,
            "learning_rate_decay": 0.3,
            "exploration_rate": 0.05,
            "min_exploration_rate": 0.05,
        },
    )
    world = make_world(task)
    async with connect(database.owner) as owner:
        password = await fleet.create_agent(owner, task)
    login = database.owner.set(username="ql_demo-taxi", password=password)
    async with create_pool(login) as pool:
        store = LearningStore(pool, "demo-taxi", rng=random.Random(4))
        memory = MemoryStore(task.hyperparameters, random.Random(4))
        states = [store.prepare(document) for document in world.documents]
        learners: tuple[Learner, Learner] = (store, memory)
        for learner in learners:
            agent = DemoAgent(
                learner, world, make_environment(task), "taxi", 4, lambda: None, states
            )
            for _ in range(40):
                await agent.learn_episode()
        rows = await pool.fetch(
            "select state_hash, action_data #>> '{}' as action, q_value, visit_count from q_values"
        )
    table = {(row["state_hash"], row["action"]): row["q_value"] for row in rows}
    assert table == pytest.approx(memory.values, abs=1e-9)
    assert {(row["state_hash"], row["action"]): row["visit_count"] for row in rows} == memory.visits
    assert sum(memory.visits.values()) > 4000


async def test_the_panel_says_of_the_one_that_cannot_settle_that_it_fails(
    database: Database,
) -> None:
    task = replace(UNSETTLED, steps=4000)
    (result,) = await demo.run(database.owner, tasks=[task])
    assert result.expected_return < result.optimum / 2
    engine = create_engine(database.url("qlpanel_test"))
    (state,) = await CachedVerdicts(engine).agent_types(task.agent_type)
    await engine.dispose()
    assert state.label == "failing"
    assert state.epsilon == 0.3
    assert state.needs_attention


async def test_a_small_fleet_learns_and_is_recorded(database: Database) -> None:
    """All of CliffWalking and a little of the others: rows in all seven tables, all true."""
    tasks = [CLIFF, replace(TAXI, steps=1500), replace(LAKE, steps=1500)]
    seen: dict[str, int] = {}
    results = await demo.run(
        database.owner, tasks=tasks, on_step=lambda task, done: seen.update({task.agent_type: done})
    )
    cliff = results[0]
    assert (cliff.expected_return, cliff.optimum, cliff.learned_now) == (
        -13,
        -13,
        seen["demo-cliff"],
    )
    async with connect(database.owner) as owner:
        for table in TABLES:
            count = f"select count(distinct agent_type) from {table} where agent_type ~ 'demo-'"
            assert (await owner.fetchval(count) or 0) >= (1 if table == "patterns" else 3), table
        told = await owner.fetch(
            "select agent_type, sum(total_tasks) as tasks, sum(total_reward) as reward,"
            " sum(q_values_stored) as pairs, min(status) as status, max(status)"
            " from agent_states group by agent_type"
        )
        kept = {
            row["agent_type"]: row
            for row in await owner.fetch(
                "select agent_type, count(*) as tasks, sum(total_reward) as reward,"
                " (select count(*) from q_values as pair"
                "   where pair.agent_type = episode.agent_type) as pairs,"
                " (select sum(visit_count) from q_values as pair"
                "   where pair.agent_type = episode.agent_type) as visits,"
                " sum(jsonb_array_length(actions_taken)) as steps"
                " from trajectories as episode where not is_evaluation group by agent_type"
            )
        }
        for row in told:
            mine = kept[row["agent_type"]]
            assert (row["tasks"], row["reward"], row["pairs"]) == (
                mine["tasks"],
                pytest.approx(mine["reward"]),
                mine["pairs"],
            )
            assert mine["steps"] == mine["visits"] == seen[row["agent_type"]]
            assert row["status"] == "idle"
        assert await owner.fetchval(
            "select bool_and(status = 'completed') from sessions where agent_type ~ '^demo-'"
        )
        (way,) = await owner.fetch(
            "select * from patterns where agent_type = 'demo-cliff' order by version desc limit 1"
        )
    assert (json.loads(way["pattern_data"])["steps"], way["avg_reward"]) == (13, -13)
    assert way["usage_count"] == way["success_count"] > 0


async def test_what_was_learned_is_not_learned_again(database: Database) -> None:
    first = await demo.run(database.owner, tasks=[replace(CLIFF, steps=1000)])
    second = await demo.run(database.owner, tasks=[CLIFF])
    third = await demo.run(database.owner, tasks=[CLIFF])
    assert first[0].learned_now + second[0].learned_now >= CLIFF.steps > second[0].learned_now
    assert (third[0].learned_now, third[0].expected_return) == (0, -13)


async def test_a_cancelled_fleet_goes_on_where_it_was(database: Database) -> None:
    enough = asyncio.Event()

    def watch(task: Task, done: int) -> None:
        if done > 500:
            enough.set()

    running = asyncio.create_task(demo.run(database.owner, tasks=[CLIFF], on_step=watch))
    await enough.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    async with connect(database.owner) as owner:
        (row,) = await owner.fetch("select * from sessions where agent_type = 'demo-cliff'")
        assert (row["status"], row["end_time"] is None) == ("cancelled", False)
    (result,) = await demo.run(database.owner, tasks=[CLIFF])
    assert 0 < result.learned_now < CLIFF.steps
    assert result.expected_return == -13


async def test_a_session_of_a_killed_fleet_is_ended(database: Database) -> None:
    async with connect(database.owner) as owner:
        await fleet.create_agent(owner, CLIFF)
        await owner.execute("insert into sessions (agent_type) values ('demo-cliff')")
        await fleet.create_agent(owner, CLIFF)
        (row,) = await owner.fetch("select * from sessions")
    assert (row["status"], row["end_time"]) == ("failed", row["start_time"])


async def test_an_operators_hyperparameters_stay(database: Database) -> None:
    async with connect(database.owner) as owner:
        await fleet.create_agent(owner, CLIFF)
        await owner.execute(
            "update agent_types set learning_rate = 0.5 where agent_type = 'demo-cliff'"
        )
        await fleet.create_agent(owner, CLIFF)
        assert (
            await owner.fetchval(
                "select learning_rate from agent_types where agent_type = 'demo-cliff'"
            )
            == 0.5
        )


async def test_removing_leaves_nothing_of_the_demo(database: Database) -> None:
    async with connect(database.owner) as owner:
        before = {table: await owner.fetchval(f"select count(*) from {table}") for table in TABLES}
        await demo.run(database.owner, tasks=[replace(CLIFF, steps=600), replace(TAXI, steps=300)])
        assert await demo.remove(database.owner) > 100
        assert before == {
            table: await owner.fetchval(f"select count(*) from {table}") for table in TABLES
        }
        assert not await owner.fetchval("select count(*) from pg_roles where rolname ~ '^ql_demo'")
    assert await demo.remove(database.owner) == 0


async def test_two_demos_do_not_run_at_once(database: Database) -> None:
    async with fleet.alone(database.owner):
        with pytest.raises(demo.DemoRunning, match="Another demo runs"):
            await demo.run(database.owner, tasks=[CLIFF])
        with pytest.raises(demo.DemoRunning):
            await demo.remove(database.owner)


async def test_without_gymnasium_the_extra_is_named(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(demo.DemoNotInstalled, match=r"pip install 'qlmodels\[demo\]'"):
        await demo.run(database.owner)


@pytest.mark.slow
async def test_the_fleet_reaches_its_goals(database: Database) -> None:
    taxi, cliff, lake, _unsettled = await demo.run(database.owner)
    assert taxi.expected_return >= 7.92
    assert cliff.expected_return == -13
    assert lake.expected_return >= 0.70


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(16))
async def test_the_lake_is_crossed_whatever_the_seed(database: Database, seed: int) -> None:
    (lake,) = await demo.run(database.owner, tasks=[LAKE], seed=seed)
    assert lake.expected_return >= 0.70

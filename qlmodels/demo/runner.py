"""A run of the demo fleet, and its removal."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import asyncpg
from sqlalchemy import URL

from qlmodels.connection import at_same_address, connect, create_pool
from qlmodels.demo import fleet
from qlmodels.demo.agent import DemoAgent
from qlmodels.demo.evaluation import expected_return, greedy_policy, optimum
from qlmodels.demo.instance import DemoInstance, OnLearningStep, StepBudget
from qlmodels.demo.known_paths import KnownPaths
from qlmodels.demo.tasks import TASKS, Task
from qlmodels.demo.world import World, make_environment, make_world
from qlmodels.store import LearningStore


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What the Q-table of a task is worth: mean returns over all start states, exactly."""

    task: Task
    learned_now: int
    """Learning steps of this run; 0 when a former one had finished."""

    expected_return: float
    optimum: float


async def run(
    owner: URL,
    *,
    seed: int = 0,
    tasks: Sequence[Task] = TASKS,
    on_step: OnLearningStep | None = None,
) -> list[TaskResult]:
    """Learn what is not learned yet, and tell what the Q-tables are worth.

    `owner` is the URL of the migrating login, which makes agent types and logins; learning goes
    by the agents' own. Cancelling is safe at any time: the next run continues.

    Raises DemoNotInstalled, DemoRunning, and what the store raises.
    """
    worlds = [make_world(task) for task in tasks]
    async with fleet.alone(owner), connect(owner) as connection:
        passwords = [await fleet.create_agent(connection, task) for task in tasks]
        async with asyncio.TaskGroup() as group:
            running = [
                group.create_task(
                    _learn(
                        at_same_address(owner, f"ql_{task.agent_type}", password),
                        task,
                        world,
                        seed,
                        on_step,
                    )
                )
                for task, world, password in zip(tasks, worlds, passwords, strict=True)
            ]
    return [task.result() for task in running]


async def remove(owner: URL) -> int:
    """Take away the demo's agent types, their logins and all their rows; how many rows went.

    Raises DemoRunning.
    """
    async with fleet.alone(owner), connect(owner) as connection:
        return await fleet.remove_agents(connection)


async def _learn(
    login: URL, task: Task, world: World, seed: int, on_step: OnLearningStep | None
) -> TaskResult:
    async with create_pool(login, max_size=task.instances) as pool:
        done = await fleet.steps_done(pool, task)
        budget = StepBudget(task, done, on_step)
        if budget.left > 0:
            async with asyncio.TaskGroup() as group:
                for number in range(task.instances):
                    group.create_task(
                        _instance(pool, task, world, number, seed + done, budget).work(
                            task.environment
                        )
                    )
        store = LearningStore(pool, task.agent_type)
        policy = await greedy_policy(store, world, task.hyperparameters["initial_q_value"])
        return TaskResult(
            task,
            await fleet.steps_done(pool, task) - done,
            expected_return(world, policy, task.horizon),
            optimum(world, task.horizon),
        )


def _instance(
    pool: asyncpg.Pool, task: Task, world: World, number: int, seed: int, budget: StepBudget
) -> DemoInstance:
    """`seed` differs from run to run, or a second one would repeat the first one's luck."""
    seed = Random(f"{seed} {task.agent_type} {number}").getrandbits(31)  # noqa: S311
    store = LearningStore(
        pool,
        task.agent_type,
        instance=f"{task.agent_type}-{number + 1}",
        rng=Random(seed),  # noqa: S311
    )
    states = [store.prepare(document) for document in world.documents]
    agent = DemoAgent(
        store, world, make_environment(task), task.environment, seed, budget.take, states
    )
    return DemoInstance(store, agent, budget, KnownPaths(store, task.way_begins))

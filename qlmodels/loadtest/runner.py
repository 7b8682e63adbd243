"""A load test from its agents' creation to their removal, and what it found."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import asyncpg
from asyncpg.exceptions import InterfaceError, InternalClientError, PostgresError
from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.connection import connect, create_pool
from qlmodels.errors import QLModelsError
from qlmodels.loadtest import fleet
from qlmodels.loadtest.agent import ACTIONS, LoadAgent, LoadBudget
from qlmodels.loadtest.errors import NotCleaned
from qlmodels.loadtest.timing import Timings
from qlmodels.store import LearningStore

CONNECTION_ERRORS = (OSError, InterfaceError, InternalClientError, PostgresError, QLModelsError)


@dataclass(frozen=True, slots=True)
class LoadTestReport:
    """`lost_updates` are learning steps that were acknowledged and are not in the Q-table."""

    seconds: float
    timings: Timings
    acknowledged: int
    lost_updates: int
    pairs: int

    @property
    def operations(self) -> int:
        return sum(len(timing.latencies) for timing in self.timings.operations.values())


async def run(
    owner: URL,
    *,
    agents: int = 18,
    seconds: float = 60,
    most_rows: int = 200_000,
    patience: float = 5.0,
    seed: int = 0,
    on_operation: Callable[[], None] = lambda: None,
) -> LoadTestReport:
    """Drive `agents` agents, each by its own login and connection, and take all away again.

    `owner` is the URL of the migrating login; agents go to the same server, pooler included. Ends
    after `seconds`, or when `most_rows` rows were made. What a run that was killed left behind is
    taken away first. `patience` (seconds) bounds how long a lost server is waited for.

    Raises LoadTestRunning, NameTaken, WrongRevision, DatabaseUnreachable; NotCleaned when the
    server is gone at the end.
    """
    await migrate.require_head(owner)
    async with fleet.alone(owner), connect(owner) as connection:
        await fleet.remove_agents(connection, owner)
        try:
            logins = await fleet.create_agents(connection, owner, agents)
            return await _drive(logins, seconds, most_rows, patience, seed, on_operation)
        finally:
            await asyncio.shield(_clean_up(owner))


async def clean(owner: URL) -> int:
    """Take away what a killed load test left; how many rows went. Raises LoadTestRunning."""
    async with fleet.alone(owner), connect(owner) as connection:
        return await fleet.remove_agents(connection, owner)


async def _clean_up(owner: URL) -> None:
    """By a connection of its own, for the other may be broken."""
    try:
        async with connect(owner) as connection:
            await fleet.remove_agents(connection, owner)
    except CONNECTION_ERRORS as error:
        raise NotCleaned(
            f"The load test's rows could not be taken away ({error}): run "
            "`qlmodels loadtest clean` when the server answers."
        ) from error


async def _drive(
    logins: dict[str, URL],
    seconds: float,
    most_rows: int,
    patience: float,
    seed: int,
    on_operation: Callable[[], None],
) -> LoadTestReport:
    async with AsyncExitStack() as stack:
        pools = {
            name: await stack.enter_async_context(create_pool(url, max_size=1))
            for name, url in logins.items()
        }
        timings = Timings()
        budget = LoadBudget(time.monotonic() + seconds, most_rows)
        agents = [
            LoadAgent(
                LearningStore(pool, name, instance=f"{name}-1", actions=ACTIONS, patience=patience),
                timings,
                budget,
                random.Random(f"{seed} {name}"),  # noqa: S311
                on_operation,
            )
            for name, pool in pools.items()
        ]
        await asyncio.gather(*(agent.work() for agent in agents))
        lasted = time.monotonic() - timings.began
        lost, pairs = await _compare(agents, list(pools.values()))
    acknowledged = sum(agent.acknowledged for agent in agents)
    return LoadTestReport(lasted, timings, acknowledged, lost, pairs)


async def _compare(agents: Sequence[LoadAgent], pools: Sequence[asyncpg.Pool]) -> tuple[int, int]:
    """Each learning step counts one visit of a pair: which were acknowledged and are not there."""
    lost = pairs = 0
    for agent, pool in zip(agents, pools, strict=True):
        row = await pool.fetchrow(fleet.sql("visits"), agent.store.agent_type)
        assert row is not None  # noqa: S101  (an aggregate gives one row)
        lost += max(0, agent.acknowledged - row["visits"])
        pairs += row["pairs"]
    return lost, pairs

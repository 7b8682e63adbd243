"""What is predicted from a sample is what a load through the store then takes."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from benchmarks.world import AGENTS, World
from qlmodels import logins
from qlmodels.connection import connect, create_pool
from qlmodels.estimate import Load, Measured, days_within, measure, moments, plans, storage
from qlmodels.store import Episode, LearningStore, Pair
from tests.conftest import PASSWORD, TEST_LOGINS, Database

pytestmark = pytest.mark.long

BATCH = 500
LOGINS_MADE = sorted({*AGENTS} - {name for _, name, _ in TEST_LOGINS})


def ignore(_: int) -> None:
    """Nobody watches."""


async def fill(database: Database, pairs: int, episodes: int) -> None:
    """As a fleet does: each agent by its own login, states in the order in which it meets them."""
    async with connect(database.owner) as owner:
        for agent in LOGINS_MADE:
            await logins.create(owner, "agent", agent, PASSWORD)
    world = World(pairs, pairs)
    learned: dict[str, list[Pair]] = {agent: [] for agent in AGENTS}
    for agent, state, action, value in world.all_pairs():
        learned[agent].append(Pair(state, action, value))
    each = episodes // len(AGENTS)
    await asyncio.gather(*(_fill(database, agent, learned[agent], world, each) for agent in AGENTS))
    async with connect(database.owner) as owner:
        for agent in LOGINS_MADE:
            await logins.drop(owner, f"ql_{agent}")


async def _fill(
    database: Database, agent: str, pairs: list[Pair], world: World, episodes: int
) -> None:
    rng = random.Random(agent)
    async with create_pool(database.url(f"ql_{agent}"), max_size=1) as pool:
        store = LearningStore(pool, agent)
        for start in range(0, len(pairs), BATCH):
            await store.upsert_many(pairs[start : start + BATCH])
        for start in range(0, episodes, BATCH):
            number = min(BATCH, episodes - start)
            await store.record_many([_episode(world.episode(rng, agent)) for _ in range(number)])


def _episode(told: dict[str, Any]) -> Episode:
    return Episode(**told, success=True, started_at=datetime.now(UTC))


async def taken(database: Database) -> int:
    async with connect(database.owner) as owner:
        return int(await owner.fetchval("select pg_database_size(current_database())") or 0)


@pytest.mark.newest_first
@pytest.mark.parametrize(
    ("pairs", "episodes"),
    [(36_000, 3_600), pytest.param(201_600, 20_016, marks=pytest.mark.slow)],
)
async def test_the_prediction_holds(database: Database, pairs: int, episodes: int) -> None:
    measured = await measure(database.owner, ignore)
    assert all(size.sampled for size in measured.sizes)
    load = Load(18, pairs // 18, episodes // 18, 1)
    before = await taken(database)
    await fill(database, pairs, episodes)
    grown = await taken(database) - before
    predicted = storage(measured, load, 1) - before
    assert predicted == pytest.approx(grown, rel=0.1)
    again = await measure(database.owner, ignore)
    assert not again.size("q_values").sampled
    assert storage(again, load, 1) == pytest.approx(before + grown, rel=0.1)


async def test_it_leaves_nothing(database: Database) -> None:
    await measure(database.owner, ignore)
    async with connect(database.owner) as owner:
        left = await owner.fetch("select relname from pg_class where relname like 'sample%'")
        assert not left
        assert await owner.fetchval("select count(*) from q_values") == 0


@pytest.fixture
def measured() -> Callable[[float], Measured]:
    from qlmodels.estimate import RowSize

    def make(size: float) -> Measured:
        sizes = tuple(
            RowSize(table, size, 0, 0, 1, sampled=True)
            for table in ("q_values", "trajectories", "rewards")
        )
        return Measured(sizes, 0)

    return make


def test_it_grows_until_retention_ends(measured: Callable[[float], Measured]) -> None:
    load = Load(agents=2, pairs=10, tasks_a_day=5, retention_days=30, rewards_a_task=3)
    sizes = [storage(measured(1), load, day) for day in (0, 1, 30, 31)]
    assert sizes == [20, 20 + 10 * 4, 20 + 300 * 4, 20 + 300 * 4]
    assert moments(load) == [1, 7, 30]


def test_for_how_long_a_plan_is_large_enough(measured: Callable[[float], Measured]) -> None:
    free, pro = plans().plans
    load = Load(agents=1, pairs=100, tasks_a_day=100, retention_days=30)
    assert days_within(measured(1), load, free) is None
    assert days_within(measured(1_000_000), load, free) == 4
    assert days_within(measured(10_000_000), load, free) == 0
    assert days_within(measured(1_000_000), load, pro) is None

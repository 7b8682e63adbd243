"""What a store's meter is told, and what a service then exposes."""

import asyncio

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from qlmodels import LearningStore, create_pool
from qlmodels.monitoring import StoreMetrics
from qlmodels.store import InvalidValue
from tests.conftest import Database
from tests.store.conftest import AGENT

pytestmark = pytest.mark.one_major


def told(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"qlmodels_{name}", labels)


async def test_operations_are_counted_by_agent_and_name(pool: asyncpg.Pool) -> None:
    registry = CollectorRegistry()
    store = LearningStore(pool, AGENT, actions=["a", "b"], meter=StoreMetrics(registry))
    for _ in range(3):
        choice = await store.select_action("s")
        await store.learn("s", choice.action, 1.0, "s")
    for operation, times in (("select_action", 3), ("learn", 3), ("exploration", 1)):
        labels = {"agent_type": AGENT, "operation": operation}
        assert told(registry, "store_operation_seconds_count", **labels) == times
        assert 0 < (told(registry, "store_operation_seconds_sum", **labels) or 0) < 60
        assert told(registry, "store_retries_total", **labels) is None


async def test_what_is_refused_is_counted_by_its_error(pool: asyncpg.Pool) -> None:
    registry = CollectorRegistry()
    store = LearningStore(pool, AGENT, meter=StoreMetrics(registry))
    with pytest.raises(InvalidValue):
        await store._run("odd", lambda it: it.fetch("select 1/0"), repeatable=True)
    labels = {"agent_type": AGENT, "operation": "odd"}
    assert told(registry, "store_failures_total", **labels, error="InvalidValue") == 1
    assert told(registry, "store_operation_seconds_count", **labels) is None


async def test_retries_are_counted(database: Database) -> None:
    registry = CollectorRegistry()
    async with create_pool(database.url(f"ql_{AGENT}"), max_size=2) as pool:
        store = LearningStore(pool, AGENT, meter=StoreMetrics(registry))
        failures = iter((asyncpg.SerializationError("lost"), asyncpg.DeadlockDetectedError("x")))

        async def third_time(_: object) -> int:
            for failure in failures:
                raise failure
            return 7

        assert await store._run("odd", third_time, repeatable=False) == 7
    assert told(registry, "store_retries_total", agent_type=AGENT, operation="odd") == 2


async def test_the_pool_tells_who_waits(database: Database) -> None:
    registry = CollectorRegistry()
    metrics = StoreMetrics(registry)
    async with create_pool(database.url(f"ql_{AGENT}"), max_size=1) as pool:
        store = LearningStore(pool, AGENT, meter=metrics)
        await store.actions("s")  # reads how the agent type hashes
        before = told(registry, "pool_wait_seconds_count", pool="store")
        assert told(registry, "pool_connections_max", pool="store") == 1
        assert told(registry, "pool_connections_in_use", pool="store") == 0
        async with pool.acquire():
            assert told(registry, "pool_connections_in_use", pool="store") == 1
            learning = asyncio.create_task(store.learn("s", "a", 1.0, "s", ["a"]))
            await asyncio.sleep(0)
            assert told(registry, "pool_wait_seconds_count", pool="store") == before
            assert told(registry, "pool_waiting", pool="store") == 1
        await learning
        assert told(registry, "pool_waiting", pool="store") == 0
        assert told(registry, "pool_wait_seconds_count", pool="store") == (before or 0) + 1
    assert told(registry, "pool_connections_max", pool="store") == 0

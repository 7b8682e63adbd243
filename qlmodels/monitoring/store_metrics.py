"""What the stores of a service do, for Prometheus."""

from collections.abc import Iterator

import asyncpg
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram

from qlmodels.monitoring.pools import Pools, PoolState

LATENCY_BUCKETS_S = (
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
)
"""Seconds: a look-up takes a quarter of a millisecond on one machine, and more between two."""

LABEL_NAMES = ("agent_type", "operation")


class StoreMetrics:
    """The meter of a service's stores: latencies, failures, retries, and their pools.

    One for all stores of a process, in the registry that the service exposes.

    >>> metrics = StoreMetrics()
    >>> store = LearningStore(pool, "test-generator", meter=metrics)
    >>> prometheus_client.start_http_server(9100, addr="127.0.0.1")
    """

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._operations = Histogram(
            "qlmodels_store_operation_seconds",
            "How long an operation of the store took, with waits and retries.",
            LABEL_NAMES,
            buckets=LATENCY_BUCKETS_S,
            registry=registry,
        )
        self._failures = Counter(
            "qlmodels_store_failures",
            "Operations of the store that were given up, by error.",
            [*LABEL_NAMES, "error"],
            registry=registry,
        )
        self._retries = Counter(
            "qlmodels_store_retries",
            "Times that an operation of the store was tried again.",
            LABEL_NAMES,
            registry=registry,
        )
        self._timed: dict[tuple[str, str], Histogram] = {}
        self._watched: set[asyncpg.Pool] = set()
        pools = Pools("store", self._states, registry)
        self.waits, self.waited = pools.waits, pools.waited

    def watch(self, pool: asyncpg.Pool) -> None:
        self._watched.add(pool)

    def took(self, agent_type: str, operation: str, seconds: float) -> None:
        timed = self._timed.get((agent_type, operation))
        if timed is None:  # to look a label up takes longer than to count
            timed = self._operations.labels(agent_type, operation)
            self._timed[agent_type, operation] = timed
        timed.observe(seconds)

    def failed(self, agent_type: str, operation: str, error: Exception) -> None:
        self._failures.labels(agent_type, operation, type(error).__name__).inc()

    def retried(self, agent_type: str, operation: str) -> None:
        self._retries.labels(agent_type, operation).inc()

    def _states(self) -> Iterator[PoolState]:
        self._watched -= {pool for pool in self._watched if pool.is_closing()}
        for pool in self._watched:
            size = pool.get_size()
            yield PoolState(size, size - pool.get_idle_size(), pool.get_max_size())

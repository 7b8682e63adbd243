"""Connection pools as metrics, of asyncpg and of SQLAlchemy alike."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Histogram, Metric
from prometheus_client.core import GaugeMetricFamily

WAIT_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""


@dataclass(frozen=True, slots=True)
class PoolState:
    """Connections that are open, that somebody uses, and that there may be at most."""

    size: int
    in_use: int
    most: int


class Pools:
    """All pools of one kind together: `read` tells each one's state at a scrape."""

    def __init__(
        self, name: str, read: Callable[[], Iterable[PoolState]], registry: CollectorRegistry
    ) -> None:
        self._name = name
        self._read = read
        self._waits = Histogram(
            "qlmodels_pool_wait_seconds",
            "How long callers waited until the pool gave a connection.",
            ["pool"],
            buckets=WAIT_BUCKETS_S,
            registry=registry,
        ).labels(name)
        self._waiting = 0
        registry.register(self)

    def waits(self) -> None:
        """Somebody asks for a connection."""
        self._waiting += 1

    def waited(self, seconds: float) -> None:
        """Who asked has one, or has given up."""
        self._waiting -= 1
        self._waits.observe(seconds)

    def collect(self) -> Iterator[Metric]:
        states = list(self._read())
        for name, help_, number in (
            ("connections_size", "Connections that are open.", sum(it.size for it in states)),
            ("connections_in_use", "Those that somebody uses.", sum(it.in_use for it in states)),
            ("connections_max", "Connections that there may be.", sum(it.most for it in states)),
            ("waiting", "Callers that wait for a connection.", self._waiting),
        ):
            family = GaugeMetricFamily(f"qlmodels_pool_{name}", help_, labels=["pool"])
            family.add_metric([self._name], number)
            yield family

    def describe(self) -> Iterator[Metric]:
        """No pool is asked before the first scrape."""
        return iter(())

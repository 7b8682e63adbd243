"""Connection pools as metrics, of asyncpg and of SQLAlchemy alike."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Histogram, Metric
from prometheus_client.core import GaugeMetricFamily

WAITS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
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
            buckets=WAITS,
            registry=registry,
        ).labels(name)
        registry.register(self)

    def waited(self, seconds: float) -> None:
        """Somebody was given a connection."""
        self._waits.observe(seconds)

    def collect(self) -> Iterator[Metric]:
        states = list(self._read())
        for name, help_, number in (
            ("size", "Connections that are open.", sum(state.size for state in states)),
            ("in_use", "Connections that somebody uses.", sum(state.in_use for state in states)),
            ("max", "Connections that there may be.", sum(state.most for state in states)),
        ):
            family = GaugeMetricFamily(f"qlmodels_pool_connections_{name}", help_, labels=["pool"])
            family.add_metric([self._name], number)
            yield family

    def describe(self) -> Iterator[Metric]:
        """No pool is asked before the first scrape."""
        return iter(())

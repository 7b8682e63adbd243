"""`/metrics`, for Prometheus: what is counted in passing, and figures that are kept for a while."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final, TypeVar

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from pydantic import SecretStr
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from qlmodels.connection import keep_join_order, read_transaction
from qlmodels.ddl.access import TABLES
from qlmodels.verdicts import VERDICTS, LearningStatus
from qlmodels_admin.db import Cached, statements_of
from qlmodels_admin.learning import CachedVerdicts
from qlmodels_admin.monitoring.instrumentation import Instruments

query = statements_of(__package__)

T = TypeVar("T")

FIGURES_MAX_AGE_S: Final = 10.0
"""How old figures may be before a scrape has them read anew, and those of whole tables:"""
SCANNED_FIGURES_MAX_AGE_S: Final = 60.0

REST_FACTOR: Final = 20
"""Reading may take a twentieth of the time."""

STALE_WAIT_S: Final = 0.05
FIRST_WAIT_S: Final = 2.0
"""Seconds that a scrape waits for figures, with former ones at hand and without."""

EXPIRY_HORIZON: Final = timedelta(days=3)

FORWARDING_HEADERS: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""Headers of a proxy, behind which everybody seems to come from this machine."""

LOOPBACK_ADDRESSES: Final = {"127.0.0.1", "::1", "localhost"}

BEARER_REQUIRED: Final = (
    "Metrics are told to who brings the token: send `Authorization: Bearer ...`.\n"
)
LOOPBACK_ONLY: Final = (
    "Metrics name agent types and tell what they learn, so without a token they are told to this "
    "machine alone: set QLMODELS_METRICS_TOKEN and bring it.\n"
)

AGENT_GAUGES: Final[Mapping[str, tuple[str, str]]] = {
    "return": ("mean", "Mean return of the last window of episodes."),
    "success_ratio": ("success", "Share of successes in the last window of episodes."),
    "exploration_rate": ("epsilon", "Epsilon, of the instance that was heard of last."),
    "episodes": ("episodes", "Training episodes that are stored."),
    "pairs": ("pairs", "Pairs of state and action that are stored."),
    "largest_value": ("largest_value", "Largest absolute value of a pair."),
    "instances": ("instances", "Instances that were ever heard of."),
    "instances_in_error": ("in_error", "Instances in status error."),
    "instances_lost": ("lost", "Instances that say they are at work, and are silent."),
    "lookups": ("lookups", "Look-ups that instances reported."),
    "lookup_hits": ("hits", "Look-ups that found a learned pair."),
}
"""Names after qlmodels_agent_: the attribute of LearningStatus, and what it is."""


class Figures:
    """What is read from the database for a scrape, kept so that scrapes cost little."""

    def __init__(self, engine: AsyncEngine, learning: CachedVerdicts) -> None:
        self._engine = engine
        self._agents = _cached(learning.agent_types, FIGURES_MAX_AGE_S)
        self._tables = _cached(self._read_tables, FIGURES_MAX_AGE_S)
        self._expiry = _cached(self._read_expiry, SCANNED_FIGURES_MAX_AGE_S)
        self._collected: list[Metric] = []

    async def refresh(self) -> None:
        """What the next `collect` tells."""
        agents, tables, expiry = await asyncio.gather(
            self._agents.get(), self._tables.get(), self._expiry.get()
        )
        up = GaugeMetricFamily("qlmodels_database_up", "Whether the database answered at last.")
        up.add_metric([], float(self._tables.is_current))
        self._collected = [up]
        if agents is not None:
            self._collected += _of_agents(agents)
        if tables is not None:
            self._collected += [*_of_tables(tables[0]), *_of_database(tables[1])]
        if expiry is not None:
            self._collected += _of_expiry(expiry)

    def collect(self) -> list[Metric]:
        return self._collected

    def describe(self) -> list[Metric]:
        """Nothing is read before the first scrape."""
        return []

    async def stop(self) -> None:
        for kept in (self._agents, self._tables, self._expiry):
            await kept.stop()

    async def _read_tables(self) -> tuple[Sequence[RowMapping], RowMapping]:
        names = [f"public.{name}" for name in TABLES]
        async with read_transaction(self._engine) as connection:
            tables = await connection.execute(query("metrics_tables"), {"tables": names})
            database = await connection.execute(query("metrics_database"))
            return tables.mappings().all(), database.mappings().one()

    async def _read_expiry(self) -> RowMapping:
        async with read_transaction(self._engine, statement_timeout="5min") as connection:
            await keep_join_order(connection)
            result = await connection.execute(query("metrics_expiry"), {"soon": EXPIRY_HORIZON})
            return result.mappings().one()


def _cached(read: Callable[[], Awaitable[T]], max_age_s: float) -> Cached[T]:
    return Cached(
        read,
        max_age_s=max_age_s,
        rest_factor=REST_FACTOR,
        first_wait_s=FIRST_WAIT_S,
        stale_wait_s=STALE_WAIT_S,
    )


def _of_agents(states: Sequence[LearningStatus]) -> Iterator[Metric]:
    for name, (attribute, help_) in AGENT_GAUGES.items():
        family = GaugeMetricFamily(f"qlmodels_agent_{name}", help_, labels=["agent_type"])
        for state in states:
            if (value := getattr(state, attribute)) is not None:
                family.add_metric([state.agent_type], float(value))
        yield family
    active = GaugeMetricFamily(
        "qlmodels_agent_active", "Whether the agent type is active.", labels=["agent_type"]
    )
    seen = GaugeMetricFamily(
        "qlmodels_agent_last_activity_timestamp_seconds",
        "When an instance was heard of, or an episode ended.",
        labels=["agent_type"],
    )
    verdict = GaugeMetricFamily(
        "qlmodels_agent_verdict",
        "What the panel finds of the agent type: 1 where it does, see docs/panel.md.",
        labels=["agent_type", "verdict"],
    )
    for state in states:
        active.add_metric([state.agent_type], float(state.is_active))
        if state.last_seen is not None:
            seen.add_metric([state.agent_type], state.last_seen.timestamp())
        for name in VERDICTS:
            verdict.add_metric([state.agent_type, name], float(name in state.verdicts))
    yield from (active, seen, verdict)


def _of_tables(tables: Sequence[RowMapping]) -> Iterator[Metric]:
    for name, help_ in (
        ("rows", "Rows of a table, as its statistics have them."),
        ("dead_rows", "Rows that are deleted or outdated and not yet cleared away."),
        ("bytes", "Bytes of a table with its indexes and TOAST."),
    ):
        family = GaugeMetricFamily(f"qlmodels_table_{name}", help_, labels=["table"])
        for table in tables:
            family.add_metric([table["name"]], float(table[name]))
        yield family


def _of_database(figures: RowMapping) -> Iterator[Metric]:
    for name, help_ in (
        ("bytes", "Bytes of the database."),
        ("connections", "Connections to the server, of everybody."),
        ("connections_max", "Connections that the server has for others than superusers."),
    ):
        yield GaugeMetricFamily(f"qlmodels_database_{name}", help_, figures[name])
    for name, help_ in (
        ("commits", "Transactions that were committed."),
        ("rollbacks", "Transactions that were rolled back."),
        ("deadlocks", "Deadlocks."),
        ("blocks_cached", "Blocks that the cache held."),
        ("blocks_read", "Blocks that the cache did not hold."),
    ):
        yield CounterMetricFamily(f"qlmodels_database_{name}", help_, figures[name])


def _of_expiry(figures: RowMapping) -> Iterator[Metric]:
    lag = GaugeMetricFamily(
        "qlmodels_purge_lag_seconds",
        "How long the oldest expired row has been expired and is still there.",
        labels=["table"],
    )
    for table, seconds in sorted(figures["lags"].items()):
        lag.add_metric([table], float(seconds))
    expiring = GaugeMetricFamily(
        "qlmodels_agent_pairs_expiring",
        f"Pairs that expire within {EXPIRY_HORIZON.days} days unless they are learned from again.",
        labels=["agent_type"],
    )
    for agent_type, pairs in sorted(figures["expiring"].items()):
        expiring.add_metric([agent_type], float(pairs))
    yield from (lag, expiring)


class Metrics:
    """The endpoint: closed to everybody but this machine, or but who brings the token."""

    def __init__(self, instruments: Instruments, figures: Figures, token: SecretStr | None) -> None:
        self._registry = instruments.registry
        self._registry.register(figures)
        self.figures = figures
        self._token = token

    async def __call__(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        await self.figures.refresh()
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self._registry), headers={"Content-Type": content_type})

    def _refused(self, request: Request) -> Response | None:
        if self._token is None:
            return None if _is_of_this_machine(request) else PlainTextResponse(LOOPBACK_ONLY, 403)
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        wanted = self._token.get_secret_value().encode()
        if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), wanted):
            return None
        return PlainTextResponse(BEARER_REQUIRED, 401, {"WWW-Authenticate": "Bearer"})


def _is_of_this_machine(request: Request) -> bool:
    """By its address and by the name it asks for; a proxy's requests are not its own."""
    return (
        request.client is not None
        and request.client.host in LOOPBACK_ADDRESSES
        and request.url.hostname in LOOPBACK_ADDRESSES
        and not any(name in request.headers for name in FORWARDING_HEADERS)
    )

"""How long the panel's requests and queries take, and who waits for its pool, for Prometheus."""

import time
from collections.abc import Iterator
from typing import Any, Final

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool, PoolProxiedConnection
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qlmodels.monitoring import Pools, PoolState

REQUEST_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
QUERY_BUCKETS_S: Final = (
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
    10.0,
)
"""Seconds."""

METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
VERBS: Final = {"select", "with", "insert", "update", "delete", "explain"}


class Instruments:
    """The registry of one panel, and what is counted in passing.

    Its engine is made with `pool_class()`, and then given to `watch`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "qlmodels_panel_request_seconds",
            "How long a request took until its last byte; live streams are left out.",
            ["method", "route", "status"],
            buckets=REQUEST_BUCKETS_S,
            registry=self.registry,
        )
        self._queries = Histogram(
            "qlmodels_panel_query_seconds",
            "How long a query took: by its name in sql/, else by its verb.",
            ["query"],
            buckets=QUERY_BUCKETS_S,
            registry=self.registry,
        )
        self._pools = Pools("panel", self._states, self.registry)
        self._engines: list[tuple[AsyncEngine, int]] = []
        ProcessCollector(registry=self.registry)

    def pool_class(self) -> type[AsyncAdaptedQueuePool]:
        """SQLAlchemy's own pool, measured."""
        pools = self._pools

        class MeasuredPool(AsyncAdaptedQueuePool):
            __module__ = AsyncAdaptedQueuePool.__module__  # names its logger

            def connect(self) -> PoolProxiedConnection:
                began = time.perf_counter()
                pools.waits()
                try:
                    return super().connect()
                finally:
                    pools.waited(time.perf_counter() - began)

        return MeasuredPool

    def watch(self, engine: AsyncEngine, most: int) -> None:
        """Measure the queries of this engine, whose pool has `most` connections."""

        def begin(_c: Any, _cursor: Any, _text: str, _values: Any, context: Any, _m: Any) -> None:
            context.began = time.perf_counter()

        def end(_c: Any, _cursor: Any, text: str, _values: Any, context: Any, _m: Any) -> None:
            name = context.execution_options.get("query") or _verb(text)
            self._queries.labels(name).observe(time.perf_counter() - context.began)

        event.listen(engine.sync_engine, "before_cursor_execute", begin)
        event.listen(engine.sync_engine, "after_cursor_execute", end)
        self._engines.append((engine, most))

    def _states(self) -> Iterator[PoolState]:
        for engine, most in self._engines:
            pool = engine.pool
            assert isinstance(pool, AsyncAdaptedQueuePool)  # noqa: S101  (of pool_class)
            yield PoolState(pool.checkedin() + pool.checkedout(), pool.checkedout(), most)


def _verb(statement: str) -> str:
    word = statement.split(maxsplit=1)[0].lower()
    return word if word in VERBS else "other"


class MeasuredRequests:
    """Counts each request by its route: paths are without number, and anybody can invent more."""

    def __init__(self, app: ASGIApp, instruments: Instruments) -> None:
        self.app = app
        self._requests = instruments.requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, is_stream = 500, False
        began = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status, is_stream
            if message["type"] == "http.response.start":
                status = message["status"]
                kind = Headers(raw=message["headers"]).get("content-type", "")
                is_stream = kind.startswith("text/event-stream")
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            if not is_stream:
                labels = _method(scope), _route(scope), str(status)
                self._requests.labels(*labels).observe(time.perf_counter() - began)


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else "other"


def _route(scope: Scope) -> str:
    """As it is declared: /{identity}/list for every table's."""
    return getattr(scope.get("route"), "path", "none")

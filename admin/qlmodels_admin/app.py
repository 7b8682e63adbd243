"""The panel as an application of its own, or as a part of another one."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from pydantic import SecretStr
from sqladmin import BaseView, ModelView
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from qlmodels import migrate
from qlmodels.connection import create_engine
from qlmodels.errors import ConfigurationError, QLModelsError
from qlmodels.old_schema import LACKING
from qlmodels.settings import Settings, parse_url
from qlmodels_admin import exact_json
from qlmodels_admin.instruments import Instruments, MeasuredRequests
from qlmodels_admin.metrics import Figures, Metrics
from qlmodels_admin.panel import PanelAdmin
from qlmodels_admin.purging import purging_hourly
from qlmodels_admin.request_log import RequestLog
from qlmodels_admin.security import ReadableUrls, Root, SameOrigin, SecurityHeaders
from qlmodels_admin.sizes import sampling_hourly
from qlmodels_admin.views import TABLES

CONNECTIONS = 10
"""That a process of the panel has at most; half of them stay open."""

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

Check = Callable[[AsyncEngine], Awaitable[None]]
"""Returns if all is well, and raises QLModelsError if not."""


def create_app(
    panel_url: str | URL | None = None,
    *,
    hosts: Sequence[str] = LOOPBACK,
    views: Sequence[type[ModelView] | type[BaseView]] = (),
    ready: Sequence[Check] = (),
    metrics_token: SecretStr | None = None,
) -> Starlette:
    """The panel at `/admin`, with `/healthz`, `/readyz` and `/metrics` beside it.

    `panel_url` is a login of the role `qlmodels_panel` (QLMODELS_PANEL_URL unless given), `hosts`
    are the names it answers to ("*" for any), `views` are shown beside the seven tables, and
    `ready` is asked by `/readyz` after the database. `/metrics` wants `metrics_token`
    (QLMODELS_METRICS_TOKEN unless given); where there is none, it answers this machine alone.
    Another application may mount it under any path; nothing connects before the first request, and
    its lifespan closes the connections. While that lasts, what expired is purged hourly.

    Raises ConfigurationError.
    """
    url = _url(panel_url)
    instruments = Instruments()
    engine = create_engine(
        url,
        json_serializer=exact_json.dumps,
        json_deserializer=exact_json.loads,
        poolclass=instruments.pool_class(),
        pool_size=CONNECTIONS // 2,
        max_overflow=CONNECTIONS // 2,
    )
    instruments.watch(engine, CONNECTIONS)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with sampling_hourly(engine), purging_hourly(engine):
            yield
        await app.state.admin.runner.stop()
        await app.state.admin.sources.fleet.watch.stop()
        await app.state.admin.sources.learning.stop()
        await app.state.admin.sources.checkup.stop()
        await metrics.figures.stop()
        await engine.dispose()

    async def tell_metrics(request: Request) -> Response:
        return await metrics(request)

    app = Starlette(
        routes=[
            Route("/", _to_panel),
            Route("/healthz", _healthz),
            Route("/readyz", _readyz),
            Route("/metrics", tell_metrics),
        ],
        middleware=[
            Middleware(Root),
            Middleware(RequestLog),
            Middleware(MeasuredRequests, instruments),
            Middleware(SecurityHeaders),
            Middleware(ReadableUrls),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
            Middleware(SameOrigin),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),
        ],
        lifespan=lifespan,
    )
    app.state.engine = engine
    app.state.ready = [_is_at_head, *ready]
    app.state.admin = PanelAdmin(app, engine, url)
    metrics = Metrics(
        instruments,
        Figures(engine, app.state.admin.sources.learning),
        metrics_token or Settings().qlmodels_metrics_token,
    )
    for view in (*TABLES, *views):
        app.state.admin.add_view(view)
    return app


def _url(given: str | URL | None) -> URL:
    if isinstance(given, URL):
        return given
    if given is not None:
        return parse_url(given, "panel_url")
    configured = Settings().panel_url()
    if configured is None:
        raise ConfigurationError(
            "QLMODELS_PANEL_URL is not set, so the panel has no login of its own: make one with "
            "`qlmodels login create --panel NAME` and set the URL, or start it by `qlmodels up`."
        )
    return configured


async def _to_panel(request: Request) -> Response:
    return RedirectResponse(request.url_for("admin:index").path, 307)


async def _healthz(_: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


async def _readyz(request: Request) -> Response:
    """The database answers, and is at the revision that this release needs."""
    try:
        for check in request.app.state.ready:
            await check(request.app.state.engine)
    except QLModelsError as error:
        return JSONResponse({"status": "unready", "reason": str(error)}, 503)
    except (OSError, DBAPIError):
        return JSONResponse({"status": "unready", "reason": "The database does not answer."}, 503)
    return JSONResponse({"status": "ready"})


async def _is_at_head(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        try:
            revision = await connection.scalar(text("select qlmodels.schema_revision()"))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in LACKING:
                raise
            revision = None
    migrate.check_revision(engine.url, revision)

"""The panel as an application of its own, or as a part of another one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from pydantic import SecretStr
from sqladmin import BaseView, ModelView
from sqlalchemy import URL
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from qlmodels.connection import create_engine
from qlmodels.errors import ConfigurationError
from qlmodels.settings import Settings, parse_url
from qlmodels_admin.alerts import delivering, evaluating, parse_networks
from qlmodels_admin.auth import Authenticate, HostPages, OpenIDProvider, people_of
from qlmodels_admin.db import name_lost_connections
from qlmodels_admin.jobs import Scheduler, StartAtFirstRequest, purging, sampling
from qlmodels_admin.learning import CachedVerdicts
from qlmodels_admin.live import LiveFleet
from qlmodels_admin.monitoring import (
    Figures,
    Instruments,
    MeasuredRequests,
    Metrics,
    Readiness,
    ReadinessCheck,
)
from qlmodels_admin.pages import Sources, cached_report
from qlmodels_admin.panel import PanelAdmin
from qlmodels_admin.tables import EXPORT_CONNECTIONS, EXPORT_WAIT_S, Exports
from qlmodels_admin.values import dump_json, load_json, read_all_moments
from qlmodels_admin.views import TABLES
from qlmodels_admin.web import (
    ReadableUrls,
    RequestLog,
    RootPath,
    SameOrigin,
    SecurityHeaders,
    ServerErrors,
    configured_origins,
    public_origin,
)

MAX_CONNECTIONS = 10
"""That a process of the panel has at most for requests; half of them stay open."""

CONNECTION_WAIT_S = 5.0
"""Seconds that a request waits for one of them."""

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


def create_app(
    panel_url: str | URL | None = None,
    *,
    hosts: Sequence[str] = LOOPBACK_HOSTS,
    origins: Sequence[str] = (),
    views: Sequence[type[ModelView] | type[BaseView]] = (),
    ready: Sequence[ReadinessCheck] = (),
    authenticate: Authenticate | None = None,
    sign_in_url: str | None = None,
    account_url: str | None = None,
    public_url: str | None = None,
    openid: OpenIDProvider | None = None,
    metrics_token: SecretStr | None = None,
    background: bool = True,
) -> Starlette:
    """The panel at `/admin`, with `/healthz`, `/readyz` and `/metrics` beside it.

    `panel_url` is a login of the role `qlmodels_panel` (QLMODELS_PANEL_URL unless given), `hosts`
    are the names it answers to ("*" for any), and `origins` those of its pages where a proxy passes
    on another scheme or host than browsers see ("https://fleet.example"). `views` are shown beside
    the seven tables, or in the place of the panel's own view of a table, and `ready` is asked by
    `/readyz` after the database. `/metrics` wants `metrics_token` (QLMODELS_METRICS_TOKEN unless
    given); where there is none, it answers this machine alone.

    Another application may mount it under any path; nothing connects before the first request. What
    expired is purged hourly by one of the processes that serve panels of a database. The lifespan
    (`panel.router.lifespan_context`) starts that work and closes the connections; where it does not
    run, the first request starts it. `background=False` leaves it to other processes.

    With `authenticate` the users are those of the application that mounts it: it is awaited for
    every request and returns `PanelUser(name, role)`, or None. `sign_in_url` and `account_url` are
    then the application's pages for signing in, with `?next=`, and for an account.

    `public_url` is the panel's address as browsers see it, without /admin (QLMODELS_PUBLIC_URL
    unless given); it counts as one of `origins` and `hosts`. With `openid` (QLMODELS_OIDC_...
    unless given) users also sign in at an OpenID provider, which sends them back to that address.

    Raises ConfigurationError.
    """
    url = _url(panel_url)
    settings = Settings()
    public_url = public_url or settings.qlmodels_public_url
    allowed_origins = configured_origins(origins) | public_origin(public_url)
    allowed_hosts = [*hosts, *(host for _, host, _ in public_origin(public_url))]
    instruments = Instruments()
    make_engine = partial(
        create_engine,
        url,
        json_serializer=dump_json,
        json_deserializer=load_json,
    )
    engine = make_engine(
        poolclass=instruments.pool_class(),
        pool_size=MAX_CONNECTIONS // 2,
        max_overflow=MAX_CONNECTIONS // 2,
        pool_timeout=CONNECTION_WAIT_S,
    )
    exporting = make_engine(
        pool_size=EXPORT_CONNECTIONS, max_overflow=0, pool_timeout=EXPORT_WAIT_S
    )
    for used in (engine, exporting):
        read_all_moments(used)
        name_lost_connections(used)
    instruments.watch(engine, MAX_CONNECTIONS)

    networks = parse_networks(settings.qlmodels_alert_networks)
    learning = CachedVerdicts(engine)
    jobs = (
        sampling(engine),
        purging(engine),
        evaluating(engine, learning),
        delivering(engine, networks),
    )
    scheduler = Scheduler(engine, jobs if background else ())
    sources = Sources(
        engine, learning, LiveFleet(engine, learning), cached_report(url), scheduler, networks
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        scheduler.start("the lifespan")
        yield
        await close_app(app)

    async def failed(request: Request, request_id: str) -> Response:
        panel: PanelAdmin = app.state.admin
        return await panel.failed(request, request_id)

    app = Starlette(
        routes=[
            Route("/", _to_panel),
            Route("/healthz", _healthz),
            Route("/readyz", _readyz),
            Route("/metrics", _metrics),
        ],
        middleware=[
            Middleware(RootPath),
            Middleware(StartAtFirstRequest, scheduler),
            Middleware(RequestLog),
            Middleware(MeasuredRequests, instruments),
            Middleware(SecurityHeaders),
            Middleware(ServerErrors, failed),
            Middleware(ReadableUrls),
            Middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts, www_redirect=False),
            Middleware(SameOrigin, allowed_origins),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),
        ],
        lifespan=lifespan,
    )
    people = people_of(
        engine,
        authenticate,
        HostPages(sign_in_url, account_url),
        openid or OpenIDProvider.of(settings, public_url),
    )
    app.state.engine = engine
    app.state.scheduler = scheduler
    app.state.readiness = Readiness(engine, ready)
    app.state.admin = PanelAdmin(app, engine, sources, Exports(exporting), people)
    app.state.metrics = Metrics(
        instruments,
        Figures(engine, learning),
        metrics_token or settings.qlmodels_metrics_token,
    )
    for own_view in TABLES:
        app.state.admin.add_view(own_view)
    app.state.admin.replaceable = frozenset(view.identity for view in app.state.admin.views)
    for view in views:
        app.state.admin.add_view(view)
    return app


async def close_app(app: Starlette) -> None:
    """Stop what the panel does beside requests, and close its connections."""
    await app.state.scheduler.stop()
    await app.state.admin.runner.stop()
    await app.state.admin.sources.fleet.watch.stop()
    await app.state.admin.sources.learning.stop()
    await app.state.admin.sources.doctor_report.stop()
    await app.state.metrics.figures.stop()
    await app.state.engine.dispose()
    await app.state.admin.exports.engine.dispose()


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


async def _metrics(request: Request) -> Response:
    """Figures for Prometheus."""
    response: Response = await request.app.state.metrics(request)
    return response


async def _healthz(_: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


async def _readyz(request: Request) -> Response:
    """The database answers, and is at the revision that this release needs."""
    reason = await request.app.state.readiness.problem()
    if reason is not None:
        return JSONResponse({"status": "unready", "reason": reason}, 503)
    background_work = request.app.state.scheduler.description
    return JSONResponse({"status": "ready", "background_work": background_work})

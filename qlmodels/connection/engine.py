"""Connections for each kind of caller, right behind a transaction pooler and without one."""

import asyncio
import errno
import logging
import math
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import asyncpg
from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy import URL, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from qlmodels.connection import sockets, tls
from qlmodels.connection.given_by import given_by
from qlmodels.connection.pooler import pooler_of
from qlmodels.connection.refusals import no_connection_left
from qlmodels.connection.supabase_addresses import about_ipv6
from qlmodels.errors import DatabaseUnreachable, LoginRefused, QLModelsError
from qlmodels.settings import Pooler, is_loopback_host, parse_url

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 10.0
"""Seconds."""

CLOSE_TIMEOUT = 10.0
"""Seconds."""

LIVENESS_INTERVAL_S = 5.0
"""Seconds that a connection may lie in an engine's pool before it is asked whether it lives."""


def as_url(url: URL | str) -> URL:
    """A Postgres URL as people write it, or one that is read already. Raises ConfigurationError."""
    return parse_url(url, "The URL") if isinstance(url, str) else url


def is_loopback(url: URL) -> bool:
    """Whether `url` leads to this machine, with nobody on the way."""
    return is_loopback_host(url.host or "")


def create_engine(url: URL | str, *, pooler: Pooler | None = None, **options: Any) -> AsyncEngine:
    """An engine for the ORM. `options` are those of `sqlalchemy.ext.asyncio.create_async_engine`.

    Behind a transaction pooler both statement caches are off: a prepared statement lives on one
    server connection, and the next transaction may get another.
    """
    url = as_url(url)
    arguments: dict[str, Any] = {"timeout": CONNECT_TIMEOUT_S}
    if pooler_of(url, pooler) == "transaction":
        url = url.update_query_dict({"prepared_statement_cache_size": "0"})
        arguments["statement_cache_size"] = 0
    engine = create_async_engine(url, hide_parameters=True, connect_args=arguments, **options)
    event.listen(engine.sync_engine, "do_connect", _secure)
    event.listen(engine.sync_engine, "connect", _watch)
    _replace_the_dead(engine)
    return engine


@asynccontextmanager
async def engine_at(url: URL, *, pooler: Pooler | None = None) -> AsyncIterator[AsyncEngine]:
    """An engine for a block. Raises DatabaseUnreachable or LoginRefused where it first connects."""
    engine = create_engine(url, pooler=pooler)
    try:
        with reaching(url):
            yield engine
    finally:
        await engine.dispose()


def _secure(_dialect: Any, _record: Any, _args: Any, arguments: dict[str, Any]) -> None:
    tls.secure(arguments)


def _watch(connection: Any, _record: Any) -> None:
    sockets.watch(connection.driver_connection)


def _replace_the_dead(engine: AsyncEngine) -> None:
    """As pool_pre_ping does, but only a connection that lay idle is asked, which takes 3 trips."""

    def put_back(_: Any, record: ConnectionPoolEntry) -> None:
        record.info["idle_since"] = time.monotonic()

    def take(connection: Any, record: ConnectionPoolEntry, _: Any) -> None:
        driver = record.driver_connection
        alive = driver is not None and not driver.is_closed()
        if (
            alive
            and time.monotonic() - record.info.get("idle_since", math.inf) > LIVENESS_INTERVAL_S
        ):
            try:
                alive = engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error:
                alive = False
        if not alive:
            raise InvalidatePoolError

    event.listen(engine.sync_engine, "checkin", put_back)
    event.listen(engine.sync_engine, "checkout", take)


def connect_arguments(url: URL, *, pooler: Pooler | None = None) -> dict[str, Any]:
    """`url` as the keyword arguments of `asyncpg.connect` and `asyncpg.create_pool`.

    Raises ConfigurationError where its certificates cannot be read.
    """
    arguments: dict[str, Any] = {
        "host": url.host,
        "port": url.port or 5432,
        "user": url.username,
        "password": url.password,
        "database": url.database,
        "timeout": CONNECT_TIMEOUT_S,
        **url.query,
    }
    if pooler_of(url, pooler) == "transaction":
        arguments["statement_cache_size"] = 0
    tls.secure(arguments)
    return arguments


@asynccontextmanager
async def connect(
    url: URL | str, *, pooler: Pooler | None = None
) -> AsyncIterator[asyncpg.Connection]:
    """One connection of asyncpg. Raises DatabaseUnreachable or LoginRefused."""
    url = as_url(url)
    with reaching(url):
        connection = await asyncpg.connect(**connect_arguments(url, pooler=pooler))
    sockets.watch(connection)
    try:
        yield connection
    except asyncio.CancelledError:
        connection.terminate()  # to close it would wait for the server
        raise
    finally:
        with suppress(TimeoutError):  # a server that is silent, and the connection terminated
            await connection.close(timeout=CLOSE_TIMEOUT)


@contextmanager
def reaching(url: URL) -> Iterator[None]:
    """Say in one sentence why `url` cannot be reached; whatever else goes wrong passes through."""
    try:
        yield
    except (OSError, PostgresError, InterfaceError, DBAPIError) as error:
        refusal = _refusal(error, url)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(error: BaseException, url: URL) -> QLModelsError | None:
    where = f"{url.host}:{url.port or 5432}"
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig.__cause__ or error.orig
    match error:
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return LoginRefused(
                f"The server at {where} refused login {url.username}: check {given_by(url).login}."
            )
        case asyncpg.InvalidCatalogNameError():
            return DatabaseUnreachable(
                f"The server at {where} has no database named {url.database}: create it "
                f"(createdb {url.database}), or {given_by(url).database}."
            )
        case asyncpg.TooManyConnectionsError() as full:
            return DatabaseUnreachable(no_connection_left(full, f"The server at {where}"))
        case asyncpg.CannotConnectNowError() as busy:
            return DatabaseUnreachable(
                f"The server at {where} takes no connections now ({busy}): try again shortly."
            )
        case socket.gaierror():
            return DatabaseUnreachable(
                f"The host name {url.host} is unknown: {given_by(url).host}.{about_ipv6(url)}"
            )
        case ssl.SSLCertVerificationError() as wrong:
            return tls.refusal(wrong, where, given_by(url).authority)
        case TimeoutError():
            return DatabaseUnreachable(
                f"The server at {where} did not answer within {CONNECT_TIMEOUT_S:.0f} seconds: "
                "check address, port and firewall."
            )
        case ConnectionError() as bare if "rejected SSL" in str(bare):
            return DatabaseUnreachable(
                f"The server at {where} offers no TLS, which the connection asks for: turn TLS on "
                f"at the server, or {given_by(url).tls}."
            )
        case OSError(errno=errno.ENETUNREACH | errno.EADDRNOTAVAIL) if hint := about_ipv6(url):
            return DatabaseUnreachable(f"Nothing leads from here to {where}.{hint}")
        case OSError() as refused:
            return DatabaseUnreachable(
                f"No server answers at {where} ({refused.strerror or refused}): check that it "
                f"runs, and {given_by(url).address}."
            )
        case _:
            return None

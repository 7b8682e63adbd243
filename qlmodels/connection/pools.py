"""Pools of connections for the hot paths, ready for use."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import URL

from qlmodels.connection import sockets
from qlmodels.connection.engine import CLOSE_TIMEOUT, as_url, connect_arguments, reaching
from qlmodels.errors import ConfigurationError
from qlmodels.settings import Pooler, Settings

logger = logging.getLogger(__name__)

HASTY_CLOSE_TIMEOUT_S = 0.4
"""Seconds that closing a pool takes at most where its block was cancelled."""


class Pool(asyncpg.Pool):
    """A pool of asyncpg that leaves its block within ten seconds, also where a server is silent."""

    __slots__ = ()

    async def __aexit__(self, *exc: Any) -> None:
        is_cancelled = any(isinstance(part, asyncio.CancelledError) for part in exc)
        seconds = HASTY_CLOSE_TIMEOUT_S if is_cancelled else CLOSE_TIMEOUT
        try:
            async with asyncio.timeout(seconds):
                await self.close()  # type: ignore[no-untyped-call]
        except TimeoutError:
            logger.warning("the pool was not closed within %s seconds and was terminated", seconds)


async def open_pool(
    url: URL | str | Settings | None = None,
    *,
    pooler: Pooler | None = None,
    min_size: int = 1,
    max_size: int = 10,
) -> Pool:
    """Return a pool that is connected, for the hot paths; `async with pool` closes it.

    Without a URL it is that of the settings, DATABASE_URL. Nothing sets session state, so nothing
    is reset on release. Raises DatabaseUnreachable, LoginRefused, ConfigurationError.

    >>> pool = await open_pool(url)
    >>> store = LearningStore(pool, "test-generator")
    """
    url = _configured(url) if url is None or isinstance(url, Settings) else as_url(url)
    with reaching(url):
        pool = Pool(  # type: ignore[no-untyped-call]
            **connect_arguments(url, pooler=pooler),
            min_size=min_size,
            max_size=max_size,
            max_queries=50_000,
            max_inactive_connection_lifetime=300.0,
            init=_begin,
            reset=_no_reset,
            loop=None,
            connection_class=asyncpg.Connection,
            record_class=asyncpg.Record,
        )
        await pool
    return pool


@asynccontextmanager
async def create_pool(
    url: URL | str, *, pooler: Pooler | None = None, min_size: int = 1, max_size: int = 10
) -> AsyncIterator[asyncpg.Pool]:
    """A pool for the hot paths, for a block. Nothing sets session state, so nothing is reset."""
    async with await open_pool(url, pooler=pooler, min_size=min_size, max_size=max_size) as pool:
        yield pool


def _configured(settings: Settings | None) -> URL:
    url = (settings or Settings()).owner_url()
    if url is None:
        raise ConfigurationError(
            "No database is configured. Give the URL of a login, as `qlmodels login url` prints "
            "it, or set DATABASE_URL."
        )
    return url


async def _begin(connection: Any) -> None:
    sockets.watch(connection)


async def _no_reset(connection: Any) -> None:
    """Every setting of ours is local to its transaction."""

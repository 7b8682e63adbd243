"""A connection of the pool kept between two calls: taking one costs more than a look-up."""

import asyncio
import logging
import time

import asyncpg
from asyncpg.exceptions import InterfaceError
from asyncpg.pool import PoolConnectionProxy

from qlmodels.store.deadlines import Deadlines
from qlmodels.store.error_translation import DRIVER_ERRORS
from qlmodels.store.metrics_protocol import Meter

logger = logging.getLogger(__name__)

SHORTEST = 0.1
"""Seconds that a connection has at least to be made ready for its next use."""

GRACE = 0.5
"""Seconds until a connection that was given up in mid-statement is terminated."""

RESET = 5.0
"""Seconds that an idle connection may take to be made ready, by a pool that asks the server."""

MAX_KEPT_S = 0.05
"""Seconds from taking a connection out of the pool until it goes back, beside the last call's."""


class ConnectionCache:
    """Connections between two calls of a store, while the pool has others to give.

    Giving one back takes asyncpg a task of its own and the event loop two more rounds.
    """

    def __init__(
        self, pool: asyncpg.Pool, deadlines: Deadlines, meter: Meter | None = None
    ) -> None:
        self._pool = pool
        self._deadlines = deadlines
        self._meter = meter
        if meter is not None:
            meter.watch(pool)
        self._idle: list[PoolConnectionProxy] = []
        self._until: dict[PoolConnectionProxy, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._returning: set[asyncio.Task[None]] = set()

    async def take(self, deadline: float) -> PoolConnectionProxy:
        """One that lives, as far as is known. Raises as `asyncpg.Pool.acquire` does.

        `deadline` is a time of the event loop; TimeoutError when there is none by then.
        """
        while self._idle:
            kept = self._idle.pop()
            if lives(kept):
                return kept
            await self.release(kept, deadline)
        connection = await self._deadlines.by(deadline, self._acquire())
        self._until[connection] = asyncio.get_running_loop().time() + MAX_KEPT_S
        return connection

    async def _acquire(self) -> PoolConnectionProxy:
        began = time.perf_counter()
        if self._meter is not None:
            self._meter.waits()
        try:
            connection: PoolConnectionProxy = await self._pool.acquire()
            return connection
        finally:
            if self._meter is not None:
                self._meter.waited(time.perf_counter() - began)

    def keep(self, connection: PoolConnectionProxy) -> bool:
        """Whether it is kept; otherwise it must be released. Only for one without a transaction."""
        loop = asyncio.get_running_loop()
        if loop.time() > self._until[connection] or self._is_scarce():
            return False
        self._idle.append(connection)
        if self._timer is None:
            self._timer = loop.call_later(MAX_KEPT_S, self._return_all)
        return True

    async def release(self, connection: PoolConnectionProxy, deadline: float) -> None:
        """Give it back to the pool, or terminate it if it cannot be made ready by `deadline`."""
        self._until.pop(connection, None)
        shortest = asyncio.get_running_loop().time() + SHORTEST
        self._deadlines.begin(connection, max(deadline, shortest), connection.terminate)
        try:
            await self._pool.release(connection)
        except DRIVER_ERRORS as error:  # what was asked is answered; the pool lets go of it
            logger.info("a connection was not given back: %s", error)
        finally:
            self._deadlines.done(connection)

    def abandon(self, connection: PoolConnectionProxy) -> None:
        """Give it back while nothing waits: asyncpg cancels the statement, if one is running."""
        self._give_back(connection, GRACE)

    def is_exhausted(self) -> bool:
        """Whether every connection that there may be is open and in use."""
        return not self._pool.is_closing() and self._is_scarce()

    @property
    def most(self) -> int:
        """Connections that the pool may have."""
        return int(self._pool.get_max_size())

    def _is_scarce(self) -> bool:
        pool = self._pool
        if pool.is_closing():
            return True
        return bool(pool.get_size() >= pool.get_max_size() and pool.get_idle_size() == 0)

    def _return_all(self) -> None:
        self._timer = None
        for connection in self._idle:
            self._give_back(connection, RESET)
        self._idle = []

    def _give_back(self, connection: PoolConnectionProxy, seconds: float) -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        returning = asyncio.ensure_future(self.release(connection, deadline))
        self._returning.add(returning)
        returning.add_done_callback(self._returning.discard)


def lives(connection: "asyncpg.Connection | PoolConnectionProxy") -> bool:
    """Return whether it is open, as far as is known."""
    try:
        return not connection.is_closed()
    except InterfaceError:  # it broke, and the pool has let go of it
        return False

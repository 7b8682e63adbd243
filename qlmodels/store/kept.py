"""A connection of the pool kept between two calls: taking one costs more than a look-up."""

import asyncio
import time

import asyncpg
from asyncpg.exceptions import InterfaceError
from asyncpg.pool import PoolConnectionProxy

from qlmodels.store.meter import Meter

LONGEST = 0.05
"""Seconds from taking a connection out of the pool until it goes back, beside the last call's."""


class KeptConnections:
    """Connections between two calls of a store, while the pool has others to give.

    Giving one back takes asyncpg a task of its own and the event loop two more rounds.
    """

    def __init__(self, pool: asyncpg.Pool, meter: Meter | None = None) -> None:
        self._pool = pool
        self._meter = meter
        if meter is not None:
            meter.watch(pool)
        self._idle: list[PoolConnectionProxy] = []
        self._until: dict[PoolConnectionProxy, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._returning: set[asyncio.Task[None]] = set()

    async def take(self) -> PoolConnectionProxy:
        """One that lives, as far as is known. Raises as `asyncpg.Pool.acquire` does."""
        while self._idle:
            kept = self._idle.pop()
            if _lives(kept):
                return kept
            await self.release(kept)
        connection = await self._acquire()
        self._until[connection] = asyncio.get_running_loop().time() + LONGEST
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
            self._timer = loop.call_later(LONGEST, self._return_all)
        return True

    async def release(self, connection: PoolConnectionProxy) -> None:
        del self._until[connection]
        await self._pool.release(connection)

    def _is_scarce(self) -> bool:
        pool = self._pool
        if pool.is_closing():
            return True
        return bool(pool.get_size() >= pool.get_max_size() and pool.get_idle_size() == 0)

    def _return_all(self) -> None:
        self._timer = None
        for connection in self._idle:
            returning = asyncio.ensure_future(self.release(connection))
            self._returning.add(returning)
            returning.add_done_callback(self._returning.discard)
        self._idle = []


def _lives(connection: PoolConnectionProxy) -> bool:
    try:
        return not connection.is_closed()
    except InterfaceError:  # it broke, and the pool has let go of it
        return False

"""A value that many requests ask for and that is read seldom, beside them."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from qlmodels_admin.db.errors import DATABASE_FAILURES

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Cached(Generic[T]):
    """The last value of `read`, read again once it is old. One reading runs at a time.

    A value is old after `max_age_s`, or after `rest_factor` times the time that reading it took. A
    caller waits at most `first_wait_s` for the first value; with a former value at hand at most
    `stale_wait_s`, and not at all where the last reading took `quick_s` or longer. The wait is
    counted from the beginning of the reading. A failure keeps the former value; where there is
    none, `raises_first` says whether the caller gets the failure or None.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[T]],
        *,
        max_age_s: float = 0.0,
        rest_factor: float = 0.0,
        first_wait_s: float,
        stale_wait_s: float,
        quick_s: float = math.inf,
        raises_first: bool = False,
    ) -> None:
        self.value: T | None = None
        self.read_at = -math.inf
        """When the value was read, on the monotonic clock."""
        self.took_s = 0.0
        """Seconds of the last reading."""
        self.is_current = False
        """Whether the last reading succeeded."""
        self._read = read
        self._max_age_s = max_age_s
        self._rest_factor = rest_factor
        self.first_wait_s = first_wait_s
        self.stale_wait_s = stale_wait_s
        self._quick_s = quick_s
        self._raises_first = raises_first
        self._began_at = self._ended_at = -math.inf
        self._is_forgotten = True
        self._failure: Exception | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def age_s(self) -> float:
        """Seconds since the value was read."""
        return time.monotonic() - self.read_at

    @property
    def is_under_way(self) -> bool:
        return self._reading is not None

    async def get(self) -> T | None:
        """Return the last value, or None where there is none yet."""
        if self._is_old():
            self.begin()
        reading = self._reading
        if reading is not None:
            left = self._began_at + self._wait_s() - time.monotonic()
            await asyncio.wait([reading], timeout=max(left, 0.0))
            if reading.done() and not reading.cancelled():
                reading.result()
        if self.value is None and self._raises_first and self._failure is not None:
            raise self._failure
        return self.value

    def begin(self) -> None:
        """Read again, unless that is under way."""
        if self._reading is None:
            self._began_at = time.monotonic()
            self._failure = None
            self._reading = asyncio.create_task(self._renew())

    def forget(self) -> None:
        """Have the next caller read again, and wait as for the first value."""
        self._is_forgotten = True

    async def stop(self) -> None:
        """End a reading that is under way."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])

    def _is_old(self) -> bool:
        if self._is_forgotten:
            return True
        rest_s = self._rest_factor * self.took_s
        return self.age_s > self._max_age_s and time.monotonic() - self._ended_at > rest_s

    def _wait_s(self) -> float:
        if self.value is None or self._is_forgotten:
            return self.first_wait_s
        return self.stale_wait_s if self.took_s < self._quick_s else 0.0

    async def _renew(self) -> None:
        try:
            self.value = await self._read()
            self.read_at = time.monotonic()
            self.is_current, self._is_forgotten = True, False
        except DATABASE_FAILURES as error:
            self.is_current, self._failure = False, error
            logger.warning("Reading failed, so the former value stays: %s", error)
        finally:
            self._ended_at = time.monotonic()
            self.took_s = self._ended_at - self._began_at
            self._reading = None

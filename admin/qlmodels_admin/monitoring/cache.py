"""Figures that many ask for and that are read seldom."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

T = TypeVar("T")

logger = logging.getLogger(__name__)

REST_FACTOR: Final = 20
"""Reading may take a twentieth of the time."""

STALE_WAIT_S: Final = 0.05
"""Seconds that a caller waits for news."""

FIRST_WAIT_S: Final = 2.0
"""Seconds that a caller waits where there is nothing yet."""


class Cached(Generic[T]):
    """What `read` gave last, read anew beside all else once it is `seconds` old.

    A failure leaves the former value; `is_current` tells whether the last reading succeeded.
    """

    def __init__(self, read: Callable[[], Awaitable[T]], seconds: float) -> None:
        self.is_current = False
        self._read = read
        self._seconds = seconds
        self._value: T | None = None
        self._began = float("-inf")
        self._took = 0.0
        self._task: asyncio.Task[None] | None = None

    async def get(self) -> T | None:
        """The last value, or None where there is none yet."""
        age = time.monotonic() - self._began
        if self._task is None and age > max(self._seconds, REST_FACTOR * self._took):
            self._task = asyncio.create_task(self._renew())
        if self._task is not None:
            patience = FIRST_WAIT_S if self._value is None else STALE_WAIT_S
            await asyncio.wait([self._task], timeout=patience)
        return self._value

    async def _renew(self) -> None:
        self._began = time.monotonic()
        try:
            self._value = await self._read()
            self.is_current = True
        except (OSError, DBAPIError, NoConnectionInTime) as error:
            self.is_current = False
            logger.warning("figures were not read, and the former stay: %s", error)
        finally:
            self._took = time.monotonic() - self._began
            self._task = None

    async def stop(self) -> None:
        """End what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

"""What the panel's processes do by themselves, beside all requests."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError

PURGE_INTERVAL_S: Final = 3600.0
"""Seconds."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def hourly(
    act: Callable[[], Awaitable[None]], first: float, undone: str
) -> AsyncIterator[None]:
    """Call `act` beside whatever the block does, `first` seconds from now and then each hour.

    Where the database does not answer, `undone` says in the log what was not done.
    """
    task = asyncio.create_task(_repeat(act, first, undone))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _repeat(act: Callable[[], Awaitable[None]], first: float, undone: str) -> None:
    pause = first
    while True:
        await asyncio.sleep(pause)
        pause = PURGE_INTERVAL_S
        try:
            await act()
        except (OSError, DBAPIError) as error:
            log.warning("%s, and will be in an hour: %s", undone, error)

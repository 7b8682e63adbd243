"""The purge runs itself: hourly, in small bites, by whichever of the panel's processes is first."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.store.retention import TABLES

FIRST = 60.0
EVERY = 3600.0
"""Seconds."""

BATCH = 1000
ADVISORY_LOCK = 7_160_425_202

BITE = text(
    "select case when pg_try_advisory_xact_lock(:lock)"
    " then qlmodels.purge_expired(:table, :batch) end"
)
"""How many rows went; null where another process is at it."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def purging_hourly(engine: AsyncEngine) -> AsyncIterator[None]:
    """Purge beside whatever the block does."""
    task = asyncio.create_task(_purge_hourly(engine))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _purge_hourly(engine: AsyncEngine) -> None:
    """A database that does not answer is asked again the next hour."""
    pause = FIRST
    while True:
        await asyncio.sleep(pause)
        pause = EVERY
        try:
            deleted = await purge(engine)
        except (OSError, DBAPIError) as error:
            log.warning("what expired was not purged, and will be in an hour: %s", error)
        else:
            log.info("purged %s", deleted)


async def purge(engine: AsyncEngine) -> dict[str, int]:
    """Delete what expired, of every agent type; how many rows went, by table.

    A transaction deletes at most BATCH rows, none that somebody is writing, and only while no other
    process is at it.
    """
    return {table: await _purge_table(engine, table) for table in TABLES}


async def _purge_table(engine: AsyncEngine, table: str) -> int:
    deleted = 0
    while True:
        async with engine.begin() as connection:
            values = {"lock": ADVISORY_LOCK, "table": table, "batch": BATCH}
            now = await connection.scalar(BITE, values)
        deleted += now or 0
        if now is None or now < BATCH:
            return deleted

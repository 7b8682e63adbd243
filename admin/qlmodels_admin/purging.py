"""The purge runs itself: hourly, in small bites, by whichever of the panel's processes is first."""

import logging
from contextlib import AbstractAsyncContextManager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.store.retention import TABLES
from qlmodels_admin.hourly import hourly

FIRST = 60.0
"""Seconds."""

BATCH = 1000
ADVISORY_LOCK = 7_160_425_202

BITE = text(
    "select case when pg_try_advisory_xact_lock(:lock)"
    " then qlmodels.purge_expired(:table, :batch) end"
)
"""How many rows went; null where another process is at it."""

log = logging.getLogger(__name__)


def purging_hourly(engine: AsyncEngine) -> AbstractAsyncContextManager[None]:
    """Purge beside whatever the block does."""

    async def act() -> None:
        log.info("purged %s", await purge(engine))

    return hourly(act, FIRST, "what expired was not purged")


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

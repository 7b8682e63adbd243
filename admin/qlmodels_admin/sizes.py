"""What tables take, hour by hour: sampled by whichever of the panel's processes is first."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import RowMapping, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qlmodels.ddl.access import TABLES
from qlmodels_admin.queries import query

SIZED: Final = (*(f"public.{name}" for name in TABLES), "qlmodels_private.audit_log")

FIRST: Final = 30.0
EVERY: Final = 3600.0
"""Seconds."""

ADVISORY_LOCK: Final = 7_160_425_203
DAYS: Final = 30
POINTS: Final = 24
_FORGET: Final = text(
    "delete from qlmodels_admin.size_samples where sampled_at < now() - interval '400 days'"
)

log = logging.getLogger(__name__)


@asynccontextmanager
async def sampling_hourly(engine: AsyncEngine) -> AsyncIterator[None]:
    """Sample beside whatever the block does."""
    task = asyncio.create_task(_sample_hourly(engine))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _sample_hourly(engine: AsyncEngine) -> None:
    pause = FIRST
    while True:
        await asyncio.sleep(pause)
        pause = EVERY
        try:
            await sample(engine)
        except (OSError, DBAPIError) as error:
            log.warning("sizes were not sampled, and will be in an hour: %s", error)


async def sample(engine: AsyncEngine) -> None:
    """Keep the sizes of now, once an hour at most; forget what is older than 400 days."""
    async with engine.begin() as connection:
        values = {"tables": list(SIZED), "lock": ADVISORY_LOCK}
        await connection.execute(query("sample_sizes"), values)
        await connection.execute(_FORGET)


async def growth(connection: AsyncConnection) -> dict[str, RowMapping]:
    """Of the tables that were sampled, by their name with its schema."""
    values = {"days": DAYS, "points": POINTS}
    rows = (await connection.execute(query("size_growth"), values)).mappings()
    return {row["table_name"]: row for row in rows}

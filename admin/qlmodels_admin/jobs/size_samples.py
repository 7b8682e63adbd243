"""What tables take, hour by hour: sampled by whichever of the panel's processes is first."""

from contextlib import AbstractAsyncContextManager
from typing import Final

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qlmodels.advisory_locks import AdvisoryLock
from qlmodels.ddl.access import TABLES
from qlmodels_admin.db import statements_of
from qlmodels_admin.jobs.scheduler import hourly

query = statements_of(__package__)

SIZED_TABLES: Final = (*(f"public.{name}" for name in TABLES), "qlmodels_private.audit_log")

FIRST_SAMPLE_DELAY_S: Final = 30.0
"""Seconds."""

GROWTH_DAYS: Final = 30
GROWTH_POINTS: Final = 24
_FORGET: Final = text(
    "delete from qlmodels_admin.size_samples where sampled_at < now() - interval '400 days'"
)


def sampling_hourly(engine: AsyncEngine) -> AbstractAsyncContextManager[None]:
    """Sample beside whatever the block does."""
    return hourly(lambda: sample(engine), FIRST_SAMPLE_DELAY_S, "sizes were not sampled")


async def sample(engine: AsyncEngine) -> None:
    """Keep the sizes of now, once an hour at most; forget what is older than 400 days."""
    async with engine.begin() as connection:
        values = {"tables": list(SIZED_TABLES), "lock": AdvisoryLock.SIZE_SAMPLES}
        await connection.execute(query("size_samples"), values)
        await connection.execute(_FORGET)


async def growth(connection: AsyncConnection) -> dict[str, RowMapping]:
    """Return the growth of the sampled tables, by their name with its schema."""
    values = {"days": GROWTH_DAYS, "points": GROWTH_POINTS}
    rows = (await connection.execute(query("size_growth"), values)).mappings()
    return {row["table_name"]: row for row in rows}

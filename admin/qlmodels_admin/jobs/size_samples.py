"""What tables take, hour by hour: sampled by one of the panel's processes."""

from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qlmodels.advisory_locks import AdvisoryLock
from qlmodels.ddl.access import TABLES
from qlmodels_admin.db import statements_of
from qlmodels_admin.jobs.scheduler import Job

query = statements_of(__package__)

SIZED_TABLES: Final = (*(f"public.{name}" for name in TABLES), "qlmodels_private.audit_log")

GROWTH_DAYS: Final = 30
GROWTH_POINTS: Final = 24
_FORGET: Final = text(
    "delete from qlmodels_admin.size_samples where sampled_at < now() - interval '400 days'"
)


def sampling(engine: AsyncEngine) -> Job:
    """Return the job that samples hourly."""
    return Job("size samples", timedelta(hours=1), partial(sample, engine))


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

"""The purge runs itself: hourly, in batches, by one of the panel's processes."""

import logging
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.advisory_locks import AdvisoryLock
from qlmodels.store.retention import EXPIRING_TABLES, log_purge
from qlmodels_admin.jobs.scheduler import Job

MAX_ROWS_A_PURGE = 1000

ALONE = text("select pg_try_advisory_xact_lock(:lock)")
PURGE_BATCH = text("select agent_type, deleted, policy_version from qlmodels.purge(:table, :batch)")

log = logging.getLogger(__name__)


def purging(engine: AsyncEngine) -> Job:
    """Return the job that purges hourly."""

    async def act() -> None:
        log.info("purged %s", await purge(engine))

    return Job("purge", timedelta(hours=1), act)


async def purge(engine: AsyncEngine) -> dict[str, int]:
    """Delete what expired, of every agent type. Return the number of deleted rows by table.

    A transaction deletes at most MAX_ROWS_A_PURGE rows, none that is being written, and only while
    no other process purges.
    """
    return {table: await _purge_table(engine, table) for table in EXPIRING_TABLES}


async def _purge_table(engine: AsyncEngine, table: str) -> int:
    rows: list[Any] = []
    while True:
        async with engine.begin() as connection:
            if not await connection.scalar(ALONE, {"lock": AdvisoryLock.PURGE}):
                return log_purge(table, rows)
            result = await connection.execute(
                PURGE_BATCH, {"table": table, "batch": MAX_ROWS_A_PURGE}
            )
            bite = list(result.mappings())
        rows += bite
        if sum(row["deleted"] for row in bite) < MAX_ROWS_A_PURGE:
            return log_purge(table, rows)

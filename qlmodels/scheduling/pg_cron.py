"""The purge by pg_cron, where the database has it: it runs with no process of ours."""

from typing import Literal

import asyncpg

from qlmodels.files import sql_of

_sql = sql_of("qlmodels.scheduling")

JOB = "qlmodels purge"
SCHEDULE = "17 * * * *"
"""At a minute at which not everybody else's jobs run."""

PURGE_COMMAND = "select * from public.cleanup_expired_data()"

ScheduleOutcome = Literal["scheduled", "forbidden", "absent"]


async def schedule_purge(owner: asyncpg.Connection, when: str = SCHEDULE) -> ScheduleOutcome:
    """See to it that pg_cron purges hourly as the owner; may be called again.

    "absent" where the database has no pg_cron, "forbidden" where the owner may not use it.
    """
    outcome = await _found(owner)
    if outcome == "scheduled":
        await owner.execute(_sql("schedule"), JOB, when, PURGE_COMMAND)
    return outcome


async def unschedule_purge(owner: asyncpg.Connection) -> None:
    """Take the owner's job away, if there is one."""
    if await _found(owner) == "scheduled":
        await owner.execute(_sql("unschedule"), JOB)


async def _found(owner: asyncpg.Connection) -> ScheduleOutcome:
    [row] = await owner.fetch(_sql("found"))
    outcome: ScheduleOutcome = row["outcome"]
    return outcome

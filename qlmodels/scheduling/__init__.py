"""The purge by pg_cron, where the database has it."""

from qlmodels.scheduling.pg_cron import (
    JOB,
    PURGE_COMMAND,
    SCHEDULE,
    ScheduleOutcome,
    schedule_purge,
    unschedule_purge,
)

__all__ = [
    "JOB",
    "PURGE_COMMAND",
    "SCHEDULE",
    "ScheduleOutcome",
    "schedule_purge",
    "unschedule_purge",
]

"""Periodic jobs beside requests: each is run by one of the panel's processes at a time.

A process takes the lease of a job that is due, and renews it while the job runs. When the process
ends or stalls, the lease expires, and another process takes the job over.
"""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qlmodels_admin.db import DATABASE_FAILURES, statements_of

query = statements_of(__package__)

LEASE: Final = timedelta(seconds=15)
RENEW_INTERVAL_S: Final = 5.0
LOOK_INTERVAL_S = 5.0
"""Seconds between two looks for jobs that are due; the first look comes after as many."""

RETRY_INTERVAL_S: Final = 60.0
"""Seconds until a process tries a job again that failed."""

_DECLARE: Final = text(
    "insert into qlmodels_admin.background_jobs (name) values (:name) on conflict do nothing"
)

StartedBy: TypeAlias = Literal["the lifespan", "the first request"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """What is done every so often; `act` may be cancelled at any await, and is then run again."""

    name: str
    every: timedelta
    act: Callable[[], Awaitable[None]]


class LeaseLost(Exception):
    """Another process has taken the job over."""


class Scheduler:
    """Runs jobs in this process until it is stopped."""

    def __init__(self, engine: AsyncEngine, jobs: Sequence[Job]) -> None:
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._engine = engine
        self._jobs = jobs
        self._tasks: list[asyncio.Task[None]] = []

        self.started_by: StartedBy | None = None

    @property
    def description(self) -> str:
        """Say what has started the jobs in this process."""
        if not self._jobs:
            return "left to other processes"
        return f"started by {self.started_by}" if self.started_by else "not started"

    def start(self, by: StartedBy) -> None:
        """Start, unless it runs."""
        if all(task.done() for task in self._tasks):
            self.started_by = by
            self._tasks = [asyncio.create_task(self._repeat(job)) for job in self._jobs]

    async def stop(self) -> None:
        """End jobs that run; other processes take them over when their leases expire."""
        tasks, self._tasks = self._tasks, []
        self.started_by = None
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _repeat(self, job: Job) -> None:
        has_failed = False
        while True:
            await asyncio.sleep(RETRY_INTERVAL_S if has_failed else LOOK_INTERVAL_S)
            try:
                await self._run_if_due(job)
            except DATABASE_FAILURES as error:
                log.warning("The job %r failed, and is tried again: %s", job.name, error)
                has_failed = True
            except LeaseLost:
                log.warning("The job %r was taken over by another process.", job.name)
            except Exception:  # a fault of one job ends neither the others nor the next run
                log.exception("The job %r failed, and is tried again.", job.name)
                has_failed = True
            else:
                has_failed = False

    async def _run_if_due(self, job: Job) -> None:
        if not await self._claim(job):
            return
        acting = asyncio.ensure_future(job.act())
        try:
            while not (await asyncio.wait([acting], timeout=RENEW_INTERVAL_S))[0]:
                if not await self._update("renew", job, lease=LEASE):
                    raise LeaseLost
            await acting
        finally:
            if not acting.done():
                acting.cancel()
                await asyncio.wait([acting])
        await self._update("finish", job)

    async def _claim(self, job: Job) -> bool:
        """Return whether the job is due and this process has its lease now."""
        values = {"name": job.name, "holder": self.holder, "lease": LEASE, "every": job.every}
        async with self._engine.begin() as connection:
            await connection.execute(_DECLARE, {"name": job.name})
            return (await connection.execute(query("claim"), values)).rowcount > 0

    async def _update(self, statement: str, job: Job, **values: timedelta) -> bool:
        """Return whether this process held the lease."""
        parameters = {"name": job.name, "holder": self.holder, **values}
        async with self._engine.begin() as connection:
            return (await connection.execute(query(statement), parameters)).rowcount > 0


async def read_jobs(connection: AsyncConnection) -> Sequence[RowMapping]:
    """Return name, finished_at, holder and is_running of each job, by name."""
    return (await connection.execute(query("state"))).mappings().all()

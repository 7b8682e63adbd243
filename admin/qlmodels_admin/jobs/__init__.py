"""Periodic work beside requests, each job by one process at a time: purge, samples of sizes."""

from qlmodels_admin.jobs.first_request import StartAtFirstRequest
from qlmodels_admin.jobs.purge import purging
from qlmodels_admin.jobs.scheduler import Job, Scheduler, read_jobs
from qlmodels_admin.jobs.size_samples import SIZED_TABLES, growth, sampling

__all__ = [
    "SIZED_TABLES",
    "Job",
    "Scheduler",
    "StartAtFirstRequest",
    "growth",
    "purging",
    "read_jobs",
    "sampling",
]

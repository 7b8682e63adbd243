"""Work that runs beside requests: the hourly purge, samples of table sizes."""

from qlmodels_admin.jobs.purge import purging_hourly
from qlmodels_admin.jobs.size_samples import SIZED_TABLES, growth, sampling_hourly

__all__ = ["SIZED_TABLES", "growth", "purging_hourly", "sampling_hourly"]

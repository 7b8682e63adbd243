"""A fleet's mix of operations against a database, in agent types of its own, for a short while."""

from qlmodels.loadtest.errors import LoadTestRunning, NameTaken, NotCleaned
from qlmodels.loadtest.plot import plot
from qlmodels.loadtest.runner import LoadTestReport, clean, run
from qlmodels.loadtest.timing import Timing, Timings

__all__ = [
    "LoadTestReport",
    "LoadTestRunning",
    "NameTaken",
    "NotCleaned",
    "Timing",
    "Timings",
    "clean",
    "plot",
    "run",
]

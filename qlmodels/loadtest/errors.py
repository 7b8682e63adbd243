"""Why a load test does not begin, or leaves something behind."""

from qlmodels.errors import QLModelsError


class LoadTestRunning(QLModelsError):
    """Another load test runs in this database: wait for its end."""


class NameTaken(QLModelsError):
    """An agent type of yours has a name that the load test uses: rename it."""


class NotCleaned(QLModelsError):
    """Rows of the load test are left: run `qlmodels loadtest clean` when the server answers."""

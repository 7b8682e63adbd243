"""What can be wrong with agent types that are to be created or removed."""

from qlmodels.errors import QLModelsError


class AgentTypeExists(QLModelsError):
    """There is such an agent type: change it with `qlmodels agent set`."""


class AgentTypeInUse(QLModelsError):
    """Rows of an agent type were written while it was removed: stop its agents first."""

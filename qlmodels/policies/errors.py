"""What goes wrong with versions of Q-tables."""

from qlmodels.errors import QLModelsError


class NoSuchVersion(QLModelsError):
    """No such version is kept: see `qlmodels policy list`."""


class NotMergeable(QLModelsError):
    """What the one agent type learned says nothing to the other, so nothing was merged."""

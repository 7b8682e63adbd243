"""What goes wrong with versions of Q-tables."""

from qlmodels.errors import QLModelsError


class NoSuchVersion(QLModelsError):
    """No such version is kept: see `qlmodels policy list`."""


class NotPromotable(QLModelsError):
    """The Q-table of one agent type means something else to the other, so nothing was promoted."""


class SettingsDiffer(NotPromotable):
    """Settings that give values their meaning differ, so nothing was promoted."""


class NothingPromoted(QLModelsError):
    """Nothing was promoted to this agent type: see `qlmodels policy list`."""


class NotMergeable(QLModelsError):
    """What the one agent type learned says nothing to the other, so nothing was merged."""

"""How each agent type and instance learns, as the verdicts say."""

from qlmodels_admin.learning.verdict_cache import CachedVerdicts

__all__ = ["CachedVerdicts"]

"""Actions over all rows of a list: preview, run, progress."""

from qlmodels_admin.bulk_actions.pages import ACTION_PAGE, run_routes
from qlmodels_admin.bulk_actions.runs import Runner

__all__ = ["ACTION_PAGE", "Runner", "run_routes"]

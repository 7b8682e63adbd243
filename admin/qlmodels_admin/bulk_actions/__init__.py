"""Actions over all rows of a list: preview, run, progress."""

from qlmodels_admin.bulk_actions.pages import (
    action_of,
    ask_action,
    cancel,
    progress,
    show_run,
    start,
)
from qlmodels_admin.bulk_actions.runs import Runner, find_run

__all__ = [
    "Runner",
    "action_of",
    "ask_action",
    "cancel",
    "find_run",
    "progress",
    "show_run",
    "start",
]

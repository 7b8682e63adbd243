"""The names of the verdicts, their sentences, and the thresholds that status.sql decides by."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, Literal, get_args

Trend = Literal["improved", "holds", "fell", "new"]

Verdict = Literal[
    "error",
    "value_out_of_bounds",
    "diverging",
    "failing",
    "stalled",
    "fell",
    "never_looked_up",
    "lookups_always_miss",
    "heartbeat_lost",
    "never_started",
]
"""Worst first."""

VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)

WINDOW_EPISODES: Final = 50
"""Episodes whose mean return is compared with other windows'."""

GREEDY_WINDOW_EPISODES: Final = 10
"""Greedy evaluation episodes in a window; they are fewer than training episodes."""

CONFIDENCE_Z: Final = 1.96
"""Standard errors on either side of a mean: a 95 % interval."""

MIN_EPISODES_OR_LOOKUPS: Final = 100
"""Episodes or look-ups before their absence or failure means something."""

MIN_EPISODES_JUDGED: Final = 100
"""Recorded episodes, of training and evaluation, below which it is too early to judge returns."""

HEARTBEAT_TIMEOUT: Final = timedelta(minutes=15)
"""Silence after which an instance that reported work counts as lost."""

CURVE_POINTS: Final = 24

THRESHOLDS: Final[Mapping[str, Any]] = {
    "window": WINDOW_EPISODES,
    "greedy_window": GREEDY_WINDOW_EPISODES,
    "band": CONFIDENCE_Z,
    "evidence": MIN_EPISODES_JUDGED,
    "enough": MIN_EPISODES_OR_LOOKUPS,
    "silence": HEARTBEAT_TIMEOUT,
    "points": CURVE_POINTS,
}
"""Parameters of status.sql."""

TOO_EARLY: Final = "too early"

LABELS: Final[Mapping[Verdict, str]] = {
    "error": "in error",
    "value_out_of_bounds": "diverging",
    "diverging": "diverging",
    "failing": "failing",
    "stalled": "stalled",
    "fell": "return fell",
    "never_looked_up": "never looked up",
    "lookups_always_miss": "look-ups always miss",
    "heartbeat_lost": "heartbeat lost",
    "never_started": "not started",
}

TREND_LABELS: Final[Mapping[Trend, str]] = {
    "improved": "improving",
    "holds": "steady",
    "fell": "",
    "new": "new",
}

REASONS: Final[Mapping[Verdict, str]] = {
    "error": "{in_error} instance{plural} in status error",
    "value_out_of_bounds": (
        "|Q| is {largest_value} at most, above the {bound} that r_max / (1 - gamma) allows"
    ),
    "diverging": "mean |TD error| rises over five windows: {windows}",
    "failing": "{successes} of the last {tried} {kind} succeeded",
    "stalled": "return holds at {level} for {flat_ago}, below the {best} of {best_ago} ago",
    "fell": "return {early} → {late}",
    "never_looked_up": "{episodes} episodes, and no look-up of what was learned",
    "lookups_always_miss": "{lookups} look-ups, and none found a learned pair",
    "heartbeat_lost": "{lost} instance{plural} at work without a heartbeat, last {seen_ago} ago",
}
"""A sentence for each verdict that needs attention, with the figures that prove it."""

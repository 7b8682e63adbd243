"""The ratios as a picture: for each goal a range, its median, and where it was to be.

Drawn by hand, since forty lines need no library for plots among the tools of a developer.
"""

import math
from collections.abc import Sequence
from html import escape

from benchmarks.report import figure
from benchmarks.results import Row

LABELS, CHART, FIGURES, LINE, TOP = 490, 420, 150, 30, 56
MET, MISSED, GOAL = "#1a7f5a", "#b3372f", "#2b2b2b"
LEAST, MOST = -3.0, 5.0
"""Powers of two at the ends of the scale: an eighth and 32 times the goal."""


def plot(rows: Sequence[Row], title: str) -> str:
    """Every row with a goal, on one scale: how many times the goal was reached, at 1 it was met."""
    shown = [row for row in rows if row.is_a_goal and _bound(row) > 0]
    height = TOP + LINE * len(shown) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABELS + CHART + FIGURES}" '
        f'height="{height}" font-family="system-ui, sans-serif" font-size="13">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="12" y="22" font-size="15" font-weight="600">{escape(title)}</text>',
        f'<text x="{_x(1)}" y="44" text-anchor="middle" fill="{GOAL}">goal</text>',
        f'<text x="{_x(2) + 12}" y="44" fill="#777777">better</text>',
        f'<text x="{_x(0.5) - 12}" y="44" text-anchor="end" fill="#777777">worse</text>',
        f'<line x1="{_x(1)}" x2="{_x(1)}" y1="{TOP - 4}" y2="{height - 16}" stroke="{GOAL}"/>',
    ]
    for number, row in enumerate(shown):
        parts.append(_line(row, TOP + LINE * number + LINE // 2))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _line(row: Row, y: int) -> str:
    colour = MET if row.met else MISSED
    left, right = sorted((_x(_share(row, row.minimum)), _x(_share(row, row.maximum))))
    return "\n".join(
        [
            f'<text x="{LABELS - 14}" y="{y + 4}" text-anchor="end">{escape(row.what)}</text>',
            f'<line x1="{left}" x2="{right}" y1="{y}" y2="{y}" stroke="{colour}" '
            'stroke-width="5" stroke-linecap="round" opacity="0.35"/>',
            f'<circle cx="{_x(_share(row, row.median))}" cy="{y}" r="5" fill="{colour}"/>',
            f'<text x="{LABELS + CHART + 12}" y="{y + 4}">'
            f"{escape(figure(row.median, row.unit))} ({escape(str(row.goal))})</text>",
        ]
    )


def _bound(row: Row) -> float:
    bound = row.goal.at_most if row.goal.at_least is None else row.goal.at_least
    return bound if bound is not None else 0.0


def _share(row: Row, value: float) -> float:
    """How many times better than the goal."""
    if value <= 0:
        return 2**MOST
    return value / _bound(row) if row.goal.at_least is not None else _bound(row) / value


def _x(share: float) -> int:
    power = min(max(math.log2(share), LEAST), MOST)
    return round(LABELS + CHART * (power - LEAST) / (MOST - LEAST))

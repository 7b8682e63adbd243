"""Learning curves of one agent type: return over episodes, steps or time, and what bent them."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from qlmodels.connection import keep_join_order, read_transaction
from qlmodels.formatting import format_number
from qlmodels.verdicts import LearningStatus
from qlmodels_admin.db import statements_of
from qlmodels_admin.pages.page import NO_AGENT_TYPES, Page, Sources
from qlmodels_admin.values import differences_of
from qlmodels_admin.web import known_agent_type

query = statements_of(__package__)

POINTS_A_CURVE: Final = 200
"""Of each curve: fewer than there are pixels."""

MAX_GROUPS: Final = 5
"""Groups that one chart can hold apart."""

BAND_Z: Final = 1.96
"""Standard errors of the mean, on either side."""

X_AXES: Final = {"episode": "episodes", "step": "steps", "time": "time"}
GROUPS: Final = {
    "": "all together",
    "instance": "by instance",
    "environment": "by environment",
    "seed": "mean over seeds",
}
HYPERPARAMETERS: Final = (
    "learning_rate",
    "learning_rate_decay",
    "min_learning_rate",
    "discount_factor",
    "exploration_rate",
    "min_exploration_rate",
    "exploration_decay",
    "initial_q_value",
)


@dataclass(frozen=True, slots=True)
class CurvesQuery:
    """What the URL asks for. Raises HTTPException 422 for what there is not."""

    agent_type: str
    instance: str | None
    environment: str | None
    by: str
    groups: str

    @classmethod
    def read(cls, request: Request, names: Sequence[str], needy: str) -> "CurvesQuery":
        parameters = request.query_params
        chosen = cls(
            known_agent_type(parameters.get("agent_type") or needy, names),
            parameters.get("instance") or None,
            parameters.get("environment") or None,
            parameters.get("by") or "episode",
            parameters.get("groups") or "",
        )
        if chosen.by not in X_AXES or chosen.groups not in GROUPS:
            raise HTTPException(422, "A curve is by episode, step or time, and grouped as offered.")
        return chosen

    @property
    def values(self) -> dict[str, Any]:
        return {
            "agent_type": self.agent_type,
            "instance": self.instance,
            "environment": self.environment,
            "by": self.by,
            "groups": self.groups,
        }


@dataclass(frozen=True, slots=True)
class Curve:
    """One line: its points, oldest first, as rows of curves.sql."""

    label: str
    is_evaluation: bool
    points: list[Any]

    @property
    def name(self) -> str:
        kind = "greedy" if self.is_evaluation else "training"
        return f"{self.label}, {kind}" if self.label else kind

    @property
    def parts(self) -> int:
        return max(int(point["parts"]) for point in self.points)

    @property
    def drawn(self) -> dict[str, Any]:
        """For the script."""
        return {
            "name": self.name,
            "greedy": self.is_evaluation,
            "x": [point["x"] for point in self.points],
            "mean": [point["mean"] for point in self.points],
            "error": [
                None if (e := point["error"]) is None else BAND_Z * e for point in self.points
            ],
        }


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a place of the curve."""

    at: datetime
    x: float | None
    text: str
    is_change: bool

    @property
    def drawn(self) -> dict[str, Any]:
        return {"x": self.x, "change": self.is_change}


async def read(sources: Sources, request: Request) -> dict[str, Any]:
    names = await sources.learning.names()
    if not names:
        return {"choice": None, "headline": NO_AGENT_TYPES}
    only = [name] if (name := request.query_params.get("agent_type")) in names else []
    state, *_ = await sources.learning.agent_types(*only)
    choice = CurvesQuery.read(request, names, state.agent_type)
    values = choice.values
    async with read_transaction(sources.engine) as connection:
        await keep_join_order(connection)
        rows = (
            (await connection.execute(query("curves"), {**values, "points": POINTS_A_CURVE}))
            .mappings()
            .all()
        )
        marks = (
            (
                await connection.execute(
                    query("curves_marks"), {**values, "hyperparameters": list(HYPERPARAMETERS)}
                )
            )
            .mappings()
            .all()
        )
        mix = (await connection.execute(query("curves_reward_mix"), values)).mappings().all()
        choices = (await connection.execute(query("curves_choices"), values)).mappings().one()
    curves, left_out = _curves(rows)
    marks_shown = list(_marks(marks, curves, choice))
    largest = max((abs(part["total"]) for part in mix), default=0) or 1
    return {
        "choice": choice,
        "state": state,
        "names": names,
        "choices": choices,
        "headline": headline(state),
        "curves": curves,
        "mix": mix,
        "largest": largest,
        "marks": marks_shown,
        "drawn_marks": [mark.drawn for mark in marks_shown if mark.x is not None],
        "left_out": left_out,
        "BY": X_AXES,
        "GROUPS": GROUPS,
        "points": POINTS_A_CURVE,
    }


def headline(state: LearningStatus) -> str:
    """Is it learning, by greedy episodes where there are any; says so where there are none."""
    if not state.has_started or state.mean is None:
        return f"{state.name} has played no episode yet."
    judged = "greedy episodes" if state.is_greedy else "training episodes"
    early, late = format_number(state.early or 0), format_number(state.late or 0)
    moved = {
        "improved": f"improved from {early} to {late}",
        "fell": f"fell from {early} to {late}",
        "holds": f"holds at {format_number(state.mean)}",
        "new": f"is at {format_number(state.mean)}, after too few episodes to say more",
    }[state.trend]
    without = "" if state.greedy_episodes else "; it plays no greedy ones, which would tell more"
    trouble = f" It needs attention: {state.reasons[0]}." if state.needs_attention else ""
    return f"{state.name} {moved} over its last {state.played} {judged}{without}.{trouble}"


def _curves(rows: Sequence[Any]) -> tuple[list[Curve], int]:
    """Return the curves of the MAX_GROUPS largest groups, and how many are left out."""
    groups: dict[tuple[str, bool], list[Any]] = {}
    played: Counter[str] = Counter()
    for row in rows:
        groups.setdefault((row["label"], row["is_evaluation"]), []).append(row)
        played[row["label"]] += row["episodes"]
    shown = {label for label, _ in played.most_common(MAX_GROUPS)}
    curves = [
        Curve(label, is_evaluation, points)
        for (label, is_evaluation), points in groups.items()
        if label in shown
    ]
    return curves, len(played) - len(shown)


def _marks(rows: Sequence[Any], curves: Sequence[Curve], choice: CurvesQuery) -> Iterator[Mark]:
    """Where on the longest curve each of them was."""
    points = max((curve.points for curve in curves), key=len, default=[])
    ended = [point["ended"] for point in points]
    for row in rows:
        if choice.by == "time":
            x: float | None = row["at"].timestamp()
        else:
            place = bisect_left(ended, row["at"])
            x = points[min(place, len(points) - 1)]["x"] if points else None
        if row["session"] is not None:
            who = f" of {row['who']}" if row["who"] else ""
            yield Mark(row["at"], x, f"{row['session']}{who} began", is_change=False)
            continue
        differences = differences_of(row["old_values"] or {}, row["new_values"] or {})
        changes = ", ".join(
            f"{part.column} {part.old} → {part.new}"
            for part in differences
            if part.column in HYPERPARAMETERS
        )
        yield Mark(row["at"], x, f"{changes} by {row['who']}", is_change=True)


CURVES = Page("curves", "Curves", "Learning", "/curves", "pages/curves.html", read)

"""One episode, step by step: what was done, what it brought, and what it changed in the state."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request

from qlmodels.connection import read_transaction
from qlmodels.formatting import format_number
from qlmodels.store.adopted_hashing import (
    HashRule,
    original_action_hash,
    original_state_hash,
    original_text,
)
from qlmodels.store.errors import InvalidValue
from qlmodels.store.hashing import identify
from qlmodels_admin.db import statements_of
from qlmodels_admin.pages.page import Page, Sources
from qlmodels_admin.pages.trajectory import picker
from qlmodels_admin.values import Difference, Unparsed, cut, differences_of, plain_value
from qlmodels_admin.web import uuid_parameter

query = statements_of(__package__)

STEPS_A_PAGE: Final = 40
"""On one page of the timeline."""

POINTS_A_CHART: Final = 200
"""Of the line over the whole episode: fewer than there are pixels."""

MAX_CHANGES: Final = 6
"""Of a state that one column shows."""

BAR, LINE = 44.0, 40.0
"""Heights of a column's two pictures, in which a bar has half of the room up and half down."""


@dataclass(frozen=True)
class EpisodeStep:
    """One column; places are counted from 0, as in the arrays."""

    place: int
    reward: float
    so_far: float
    action: Any
    state: Any
    former: Any
    next: Any
    pair: Any
    """Row of trajectory_pairs.sql, or None."""

    bars: float
    """The largest absolute reward of the episode."""

    scale: "Scale"
    """Of the returns on this page."""

    @cached_property
    def changes(self) -> list[Difference]:
        """Return the state's differences from the step before; the first step has none."""
        return [] if self.place == 0 else changes(self.former, self.state)

    @property
    def is_best(self) -> bool:
        """Return whether the action is the greedy one now."""
        return self.pair is not None and self.pair["q_value"] >= self.pair["best"]

    @property
    def bar(self) -> tuple[float, float]:
        """Where it begins, from above, and its height."""
        height = abs(self.reward) / self.bars * BAR / 2
        return (BAR / 2 - height if self.reward > 0 else BAR / 2), height

    @property
    def line(self) -> tuple[float, float]:
        """From where to where the return went."""
        return self.scale.y(self.so_far - self.reward), self.scale.y(self.so_far)


@dataclass(frozen=True, slots=True)
class Scale:
    """Of returns."""

    lowest: float
    highest: float

    def y(self, value: float) -> float:
        """Where a return is, from above."""
        span = (self.highest - self.lowest) or 1.0
        return LINE - 2 - (value - self.lowest) / span * (LINE - 4)


@dataclass(frozen=True)
class EpisodeView:
    row: Any
    parts: Sequence[Any]
    """Rows of trajectory_returns.sql."""

    first: int
    chosen: int

    @property
    def steps(self) -> int:
        return int(self.row["steps"])

    @property
    def last(self) -> int:
        return min(self.first + STEPS_A_PAGE, self.steps) - 1

    @property
    def is_long(self) -> bool:
        return self.steps > STEPS_A_PAGE

    @property
    def gain(self) -> Any:
        return max(self.parts, key=lambda part: part["gain"])

    @property
    def loss(self) -> Any:
        return min(self.parts, key=lambda part: part["loss"])

    @property
    def largest(self) -> float:
        """Return its largest absolute reward; 1 where all are 0."""
        sizes = [abs(part[name]) for part in self.parts for name in ("gain", "loss")]
        return max(sizes, default=0.0) or 1.0

    @cached_property
    def scale(self) -> Scale:
        return Scale(
            min([0.0, *(part["lowest"] for part in self.parts)]),
            max([0.0, *(part["highest"] for part in self.parts)]),
        )

    def url(self, step: int | None = None, trajectory: UUID | None = None) -> str:
        """Return the URL of one of its steps, or of another episode of the agent type."""
        parameters = {
            "agent_type": self.row["agent_type"],
            "id": trajectory or self.row["trajectory_id"],
            "step": step,
        }
        given = {name: value for name, value in parameters.items() if value is not None}
        return f"?{urlencode(given)}"

    @property
    def line(self) -> str:
        """The return over the whole episode, for a polyline in a box of 1000 by LINE."""
        width = 1000 / max(self.steps, 1)
        points = [(0.0, self.scale.y(0.0))]
        points += [
            ((part["last"] + 1) * width, self.scale.y(part["so_far"])) for part in self.parts
        ]
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)

    @property
    def window(self) -> tuple[float, float]:
        """Where in that box the steps of this page are, and how wide."""
        return 1000 * self.first / self.steps, 1000 * (self.last - self.first + 1) / self.steps

    @property
    def headline(self) -> str:
        row = self.row
        steps = f"{self.steps:,} step{'s' * (self.steps != 1)}"
        outcome = "succeeded" if row["success"] else "failed"
        text = f"{row['agent_type']} {outcome} at {cut(row['task_id'], 60)} after {steps}, with a "
        text += f"return of {format_number(row['total_reward'])}"
        if not self.parts:
            return f"{text}."
        loss, gain = self.loss, self.gain
        if not row["success"] and loss["loss"] < 0:
            return f"{text}: step {loss['loss_at']} cost most, {format_number(-loss['loss'])}."
        if gain["gain"] > 0:
            return f"{text}: step {gain['gain_at']} brought most, {format_number(gain['gain'])}."
        return f"{text}: no step brought a reward."


def changes(old: Any, new: Any) -> list[Difference]:
    """What differs between two states, by the paths within them."""
    if old is None or new is None or isinstance(old, Unparsed) or isinstance(new, Unparsed):
        return []
    differences = differences_of({"": old}, {"": new})
    return [Difference(part.path.removeprefix("."), part.old, part.new) for part in differences]


async def read(sources: Sources, request: Request) -> dict[str, Any]:
    parameters = request.query_params
    if not parameters.get("id"):
        return await picker.pick(sources, request)
    key: dict[str, Any] = {
        "agent_type": parameters.get("agent_type", ""),
        "trajectory_id": uuid_parameter(parameters["id"], "trajectory's id"),
    }
    async with read_transaction(sources.engine) as connection:
        row = (await connection.execute(query("page"), key)).mappings().one_or_none()
        if row is None:
            raise HTTPException(404, f"{cut(str(key['agent_type']), 60)} has no such trajectory.")
        chosen = _step(parameters.get("step"), row["steps"])
        values = {**key, "points": POINTS_A_CHART}
        parts = (await connection.execute(query("returns"), values)).mappings().all()
        episode = EpisodeView(row, parts, chosen // STEPS_A_PAGE * STEPS_A_PAGE, chosen)
        steps = await _steps(connection, episode, key)
    ended = steps[-1].next if steps and steps[-1].next is not None else row["final_state"]
    return {
        "episode": episode,
        "row": row,
        "steps": steps,
        "headline": episode.headline,
        "chosen": steps[chosen - episode.first] if steps else None,
        "CHANGES": MAX_CHANGES,
        "BAR": BAR,
        "LINE": LINE,
        "POINTS": POINTS_A_CHART,
        "end": changes(steps[-1].state, ended) if steps else [],
    }


async def _steps(
    connection: AsyncConnection, episode: EpisodeView, key: dict[str, Any]
) -> list[EpisodeStep]:
    if not episode.steps:
        return []
    values = {**key, "first": episode.first, "last": episode.last}
    rows = (await connection.execute(query("steps"), values)).mappings().all()
    hashes = {
        "steps": [row["step"] for row in rows],
        "states": [_hash(row["state"]) for row in rows],
        "actions": [_hash(row["action"]) for row in rows],
        "original_states": [_original_hash(row["state"], original_state_hash) for row in rows],
        "original_actions": [_original_hash(row["action"], original_action_hash) for row in rows],
    }
    result = await connection.execute(query("pairs"), {**values, **hashes})
    pairs = {pair["step"]: pair for pair in result.mappings()}
    reached = [rows[0]["so_far"] - rows[0]["reward"], *(row["so_far"] for row in rows)]
    scale = Scale(min(reached), max(reached))
    return [
        EpisodeStep(
            row["step"],
            row["reward"],
            row["so_far"],
            row["action"],
            row["state"],
            row["former"],
            row["next"],
            pairs.get(row["step"]),
            episode.largest,
            scale,
        )
        for row in rows
    ]


def _hash(document: Any) -> str | None:
    """As LearningStore makes it; None for what it could not."""
    if document is None or isinstance(document, Unparsed):
        return None
    try:
        return identify(plain_value(document), "document").hash
    except InvalidValue:
        return None


def _original_hash(document: Any, rule: HashRule) -> str | None:
    """As LearningStore makes it for an agent type whose Q-table was adopted."""
    if _hash(document) is None:
        return None
    plain = plain_value(document)
    return rule(plain, original_text(plain))


def _step(text: str | None, steps: int) -> int:
    """The place that the URL asks for, or the nearest that there is."""
    if not text:
        return 0
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise HTTPException(422, f"{cut(text, 60)} is no step: they are counted from 0.")
    return max(min(int(text), steps - 1), 0)


TRAJECTORY = Page(
    "trajectory", "Trajectory", "Inspect", "/trajectory", "pages/trajectory.html", read
)

"""What only the whole history of an agent type tells, in pieces: each a short look at an index.

Pairs are read by their primary key and episodes from the newest back, so many at once that a piece
takes some 50 ms; between two pieces others get as long.
"""

import asyncio
import heapq
import math
import time
from collections.abc import Sequence, Sized
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from statistics import fmean, variance
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qlmodels.transactions import keep_join_order, read_transaction
from qlmodels_admin.queries import query

ROWS: Final = 50_000
"""Of all agent types together in one piece."""

REWARDED: Final = 6
"""Agent types whose largest reward is read in one piece."""

PARTS: Final = 5
"""By time, of the TD errors of the pairs that were updated last."""

SMALLEST_PART: Final = 5

LATER: Final = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(slots=True)
class Best:
    """The best of an agent type's full windows of episodes, of one kind."""

    episodes: int = 0
    windows: int = 0
    mean: float | None = None
    error: float = 0.0
    ended: datetime | None = None

    def add(self, part: Any) -> None:
        self.episodes += part["read"]
        self.windows += part["windows"]
        if part["best"] is not None and (self.mean is None or part["best"] > self.mean):
            self.mean, self.error, self.ended = part["best"], part["error"], part["ended"]

    def low(self, band: float) -> float | None:
        """Of its band, which is wider, the more windows there are: the best is partly luck."""
        if self.mean is None:
            return None
        return self.mean - self.error * max(band, math.sqrt(2 * math.log(20 * self.windows)))


@dataclass(slots=True)
class Measure:
    """Of one agent type; `latest` are moments and |TD errors| of the pairs updated last."""

    agent_type: str
    pairs: int = 0
    largest_value: float | None = None
    largest_reward: float | None = None
    latest: list[tuple[datetime, float]] = field(default_factory=list)
    trained: Best = field(default_factory=Best)
    greedy: Best = field(default_factory=Best)

    def columns(self, band: float) -> dict[str, Any]:
        """As learning.sql takes them."""
        parts = in_parts([error for _, error in reversed(self.latest)])
        return {
            "agent_type": self.agent_type, "pairs": self.pairs,
            "largest_value": self.largest_value, "largest_reward": self.largest_reward,
            "episodes": self.trained.episodes, "greedy_episodes": self.greedy.episodes,
            "best": self.trained.mean, "best_low": self.trained.low(band),
            "best_at": self.trained.ended, "greedy_best": self.greedy.mean,
            "greedy_best_low": self.greedy.low(band), "greedy_best_at": self.greedy.ended,
            "td_errors": [fmean(part) for part in parts] or None,
            "td_rises": is_rising(parts, band),
        }  # fmt: skip


async def measure(
    engine: AsyncEngine, *, window: int, greedy_window: int, band: float
) -> list[dict[str, Any]]:
    """Of every agent type. Windows are of so many episodes; `band` is in standard errors."""
    async with read_transaction(engine) as connection:
        await keep_join_order(connection)
        names = (await connection.execute(query("agent_type_names"))).scalars().all()
        found = {name: Measure(name) for name in names}
        await _pairs(connection, found, PARTS * window)
        await _episodes(connection, found, {False: window, True: greedy_window})
        await _rewards(connection, found)
    return [one.columns(band) for one in found.values()]


async def _pairs(connection: AsyncConnection, found: dict[str, Measure], latest: int) -> None:
    after = dict.fromkeys(found, 0)
    while after:
        begin = time.monotonic()
        size = math.ceil(ROWS / len(after))
        full = [found[name].latest if len(found[name].latest) == latest else [] for name in after]
        values = {
            "agent_types": list(after), "after": list(after.values()), "size": size,
            "since": [moments[-1][0] if moments else None for moments in full], "latest": latest,
        }  # fmt: skip
        for part in await _piece(connection, "measured_pairs", values):
            one = found[part["agent_type"]]
            one.pairs += part["read"]
            one.largest_value = _larger(one.largest_value, part["largest"])
            newer = zip(part["moments"] or (), part["errors"] or (), strict=True)
            one.latest = heapq.nlargest(latest, [*one.latest, *newer], key=lambda pair: pair[0])
            if part["read"] < size:
                del after[one.agent_type]
            else:
                after[one.agent_type] = part["last"]
        await _rest(begin, after)


async def _episodes(
    connection: AsyncConnection, found: dict[str, Measure], windows: dict[bool, int]
) -> None:
    before = {(name, is_greedy): LATER for name in found for is_greedy in windows}
    whole = math.lcm(*windows.values())
    while before:
        begin = time.monotonic()
        size = whole * math.ceil(ROWS / len(before) / whole)
        values = {
            "agent_types": [name for name, _ in before], "before": list(before.values()),
            "is_greedy": [is_greedy for _, is_greedy in before], "size": size,
            "windows": [windows[is_greedy] for _, is_greedy in before],
        }  # fmt: skip
        for part in await _piece(connection, "measured_episodes", values):
            one = found[part["agent_type"]]
            (one.greedy if part["is_greedy"] else one.trained).add(part)
            if part["read"] < size:
                del before[one.agent_type, part["is_greedy"]]
            else:
                before[one.agent_type, part["is_greedy"]] = part["last"]
        await _rest(begin, before)


async def _rewards(connection: AsyncConnection, found: dict[str, Measure]) -> None:
    names = list(found)
    for begin in range(0, len(names), REWARDED):
        values = {"agent_types": names[begin : begin + REWARDED]}
        for part in await _piece(connection, "measured_rewards", values):
            found[part["agent_type"]].largest_reward = part["largest"]


async def _piece(connection: AsyncConnection, name: str, values: dict[str, Any]) -> Sequence[Any]:
    return (await connection.execute(query(name), values)).mappings().all()


async def _rest(begin: float, left: Sized) -> None:
    """As long as it took since `begin`, if there is more to read."""
    if left:
        await asyncio.sleep(time.monotonic() - begin)


def _larger(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)


def in_parts(errors: Sequence[float]) -> list[Sequence[float]]:
    """PARTS of nearly one size, the first of them larger; fewer of very few."""
    size, more = divmod(len(errors), PARTS)
    begins = [place * size + min(place, more) for place in range(PARTS + 1)]
    parts = [errors[begin:end] for begin, end in pairwise(begins)]
    return [part for part in parts if part]


def is_rising(parts: Sequence[Sequence[float]], band: float) -> bool:
    """Whether each part's mean is above the one before, and the last by more than chance."""
    if len(parts) < PARTS or min(map(len, parts)) < SMALLEST_PART:
        return False
    means = [fmean(part) for part in parts]
    error = math.sqrt(sum(variance(part) / len(part) for part in (parts[0], parts[-1])))
    rises = all(later > former for former, later in pairwise(means))
    return rises and means[-1] - means[0] > band * error

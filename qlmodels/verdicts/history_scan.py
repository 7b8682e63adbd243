"""Scan the whole history of each agent type in chunks, each a short read of an index.

Pairs are read by their primary key and episodes from the newest back, so many at once that a chunk
takes some 50 ms; the scan pauses as long between two chunks.
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

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qlmodels.connection import keep_join_order, read_transaction
from qlmodels.files import sql_of
from qlmodels.verdicts.thresholds import CONFIDENCE_Z, GREEDY_WINDOW_EPISODES, WINDOW_EPISODES

_sql = sql_of("qlmodels.verdicts")
_AGENT_TYPES = text(_sql("history_scan_agent_types")).execution_options(
    query="verdicts.history_scan_agent_types"
)
_NAMES = text(_sql("agent_type_names")).execution_options(query="verdicts.agent_type_names")

ROWS_A_CHUNK: Final = 50_000
"""Of all agent types together in one piece."""

AGENT_TYPES_A_CHUNK: Final = 6
"""Agent types whose largest reward is read in one piece."""

TD_ERROR_WINDOWS: Final = 5
"""By time, of the TD errors of the pairs that were updated last."""

MIN_WINDOW_PAIRS: Final = 5

END_OF_TIME: Final = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(slots=True)
class BestWindow:
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
class AgentHistory:
    """Of one agent type; `latest` are moments and |TD errors| of the pairs updated last."""

    agent_type: str
    created_at: datetime
    """Tells it from one of the same name that was deleted."""
    pairs: int = 0
    largest_value: float | None = None
    largest_reward: float | None = None
    latest: list[tuple[datetime, float]] = field(default_factory=list)
    trained: BestWindow = field(default_factory=BestWindow)
    greedy: BestWindow = field(default_factory=BestWindow)

    def columns(self, band: float) -> dict[str, Any]:
        """As status.sql takes them."""
        parts = td_error_windows([error for _, error in reversed(self.latest)])
        return {
            "agent_type": self.agent_type,
            "created_at": self.created_at,
            "pairs": self.pairs,
            "largest_value": self.largest_value,
            "largest_reward": self.largest_reward,
            "episodes": self.trained.episodes,
            "greedy_episodes": self.greedy.episodes,
            "best": self.trained.mean,
            "best_low": self.trained.low(band),
            "best_at": self.trained.ended,
            "greedy_best": self.greedy.mean,
            "greedy_best_low": self.greedy.low(band),
            "greedy_best_at": self.greedy.ended,
            "td_errors": [fmean(part) for part in parts] or None,
            "td_rises": is_rising(parts, band),
        }


async def agent_type_names(connection: AsyncConnection) -> list[str]:
    """Return the names of all agent types, in order."""
    return list((await connection.execute(_NAMES)).scalars())


async def scan_history(engine: AsyncEngine) -> list[dict[str, Any]]:
    """Read the whole history of every agent type; the rows are `history` of `read_statuses`.

    It reads in chunks, and pauses after each for as long as it took, so that agents keep half
    of the time.
    """
    async with read_transaction(engine) as connection:
        await keep_join_order(connection)
        rows = (await connection.execute(_AGENT_TYPES)).all()
        histories = {name: AgentHistory(name, created_at) for name, created_at in rows}
        await _pairs(connection, histories, TD_ERROR_WINDOWS * WINDOW_EPISODES)
        await _episodes(
            connection, histories, {False: WINDOW_EPISODES, True: GREEDY_WINDOW_EPISODES}
        )
        await _rewards(connection, histories)
    return [history.columns(CONFIDENCE_Z) for history in histories.values()]


async def _pairs(
    connection: AsyncConnection, histories: dict[str, AgentHistory], latest: int
) -> None:
    after = dict.fromkeys(histories, 0)
    while after:
        begin = time.monotonic()
        size = math.ceil(ROWS_A_CHUNK / len(after))
        full = [
            histories[name].latest if len(histories[name].latest) == latest else []
            for name in after
        ]
        values = {
            "agent_types": list(after),
            "after": list(after.values()),
            "size": size,
            "since": [moments[-1][0] if moments else None for moments in full],
            "latest": latest,
        }
        for part in await _piece(connection, "history_scan_pairs", values):
            history = histories[part["agent_type"]]
            history.pairs += part["read"]
            history.largest_value = _larger(history.largest_value, part["largest"])
            newer = zip(part["moments"] or (), part["errors"] or (), strict=True)
            pairs = [*history.latest, *newer]
            history.latest = heapq.nlargest(latest, pairs, key=lambda pair: pair[0])
            if part["read"] < size:
                del after[history.agent_type]
            else:
                after[history.agent_type] = part["last"]
        await _rest(begin, after)


async def _episodes(
    connection: AsyncConnection, histories: dict[str, AgentHistory], windows: dict[bool, int]
) -> None:
    before = {(name, is_greedy): END_OF_TIME for name in histories for is_greedy in windows}
    whole = math.lcm(*windows.values())
    while before:
        begin = time.monotonic()
        size = whole * math.ceil(ROWS_A_CHUNK / len(before) / whole)
        values = {
            "agent_types": [name for name, _ in before],
            "before": list(before.values()),
            "is_greedy": [is_greedy for _, is_greedy in before],
            "size": size,
            "windows": [windows[is_greedy] for _, is_greedy in before],
        }
        for part in await _piece(connection, "history_scan_episodes", values):
            history = histories[part["agent_type"]]
            (history.greedy if part["is_greedy"] else history.trained).add(part)
            if part["read"] < size:
                del before[history.agent_type, part["is_greedy"]]
            else:
                before[history.agent_type, part["is_greedy"]] = part["last"]
        await _rest(begin, before)


async def _rewards(connection: AsyncConnection, histories: dict[str, AgentHistory]) -> None:
    names = list(histories)
    for begin in range(0, len(names), AGENT_TYPES_A_CHUNK):
        values = {"agent_types": names[begin : begin + AGENT_TYPES_A_CHUNK]}
        for part in await _piece(connection, "history_scan_rewards", values):
            histories[part["agent_type"]].largest_reward = part["largest"]


async def _piece(connection: AsyncConnection, name: str, values: dict[str, Any]) -> Sequence[Any]:
    return (
        (
            await connection.execute(
                text(_sql(name)).execution_options(query=f"verdicts.{name}"), values
            )
        )
        .mappings()
        .all()
    )


async def _rest(begin: float, left: Sized) -> None:
    """As long as it took since `begin`, if there is more to read."""
    if left:
        await asyncio.sleep(time.monotonic() - begin)


def _larger(first: float | None, second: float | None) -> float | None:
    return max((value for value in (first, second) if value is not None), default=None)


def td_error_windows(errors: Sequence[float]) -> list[Sequence[float]]:
    """TD_ERROR_WINDOWS of nearly one size, the first of them larger; fewer of very few."""
    size, more = divmod(len(errors), TD_ERROR_WINDOWS)
    begins = [place * size + min(place, more) for place in range(TD_ERROR_WINDOWS + 1)]
    parts = [errors[begin:end] for begin, end in pairwise(begins)]
    return [part for part in parts if part]


def is_rising(parts: Sequence[Sequence[float]], band: float) -> bool:
    """Whether each part's mean is above the one before, and the last by more than chance."""
    if len(parts) < TD_ERROR_WINDOWS or min(map(len, parts)) < MIN_WINDOW_PAIRS:
        return False
    means = [fmean(part) for part in parts]
    error = math.sqrt(sum(variance(part) / len(part) for part in (parts[0], parts[-1])))
    rises = all(later > former for former, later in pairwise(means))
    return rises and means[-1] - means[0] > band * error

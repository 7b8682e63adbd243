"""The first page: is the fleet learning, and who needs a look?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

Trend = Literal["improved", "holds", "fell", "new", "never"]

WINDOW = 100
"""Episodes that are compared with as many before them."""

SILENT_AFTER = timedelta(days=1)
CURVE_POINTS = 24


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent type over its last episodes."""

    name: str
    active: bool
    episodes: int
    mean: float | None
    before: float | None
    success: float | None
    epsilon: float | None
    pairs: int
    last_seen: datetime | None
    in_error: int
    trend: Trend
    curve: list[float]

    @property
    def trouble(self) -> str | None:
        """Why this one needs a look; None if it does not."""
        if self.in_error:
            return f"{self.in_error} instance{'s' * (self.in_error > 1)} in error"
        if self.trend == "fell":
            return "return fell"
        if self.active and self.last_seen is not None:
            silent = datetime.now(UTC) - self.last_seen
            if silent > SILENT_AFTER:
                return f"silent for {silent.days} d"
        return None


@dataclass(frozen=True, slots=True)
class Fleet:
    agents: list[Agent]
    never_ran: list[Agent]
    database: dict[str, Any]

    @property
    def headline(self) -> str:
        ran, needy = len(self.agents), sum(agent.trouble is not None for agent in self.agents)
        if not ran:
            ready = len(self.never_ran)
            verb = "is" if ready == 1 else "are"
            return f"{_types(ready)} {verb} ready; none has played an episode yet."
        improved = sum(agent.trend == "improved" for agent in self.agents)
        holding = sum(agent.trend in {"holds", "new"} for agent in self.agents)
        parts = [f"{improved} of {_types(ran)} improved over the last {WINDOW} episodes"]
        parts += [f"{holding} hold{'s' * (holding == 1)}"] if holding else []
        look = f"{needy} need{'s' * (needy == 1)} a look." if needy else "None needs a look."
        return f"{', '.join(parts)}. {look}"

    @property
    def needy(self) -> list[Agent]:
        return [agent for agent in self.agents if agent.trouble]


def _types(count: int) -> str:
    return f"{count} agent type{'s' * (count != 1)}"


async def read(engine: AsyncEngine) -> Fleet:
    """A few index scans an agent type, however long the tables are."""
    async with engine.connect() as connection:
        rows = (await connection.execute(_sql("fleet"))).mappings().all()
        database = (await connection.execute(_sql("database"))).mappings().one()
    agents = [_agent(row) for row in rows]
    ran = [agent for agent in agents if agent.trend != "never"]
    ran.sort(key=lambda agent: (agent.trouble is None, -agent.episodes, agent.name))
    return Fleet(ran, [agent for agent in agents if agent.trend == "never"], dict(database))


def _sql(name: str) -> Any:
    folder = resources.files("qlmodels_admin") / "sql"
    return text((folder / f"{name}.sql").read_text(encoding="utf-8"))


def _agent(row: Any) -> Agent:
    returns: list[float] = row["returns"] or []
    recent, earlier = returns[-WINDOW:], returns[:-WINDOW]
    return Agent(
        name=row["agent_type"],
        active=row["is_active"],
        episodes=len(returns),
        mean=_mean(recent),
        before=_mean(earlier),
        success=row["success"],
        epsilon=row["epsilon"],
        pairs=row["pairs"],
        last_seen=row["last_seen"],
        in_error=row["in_error"],
        trend=_trend(recent, earlier) if returns or row["pairs"] or row["last_seen"] else "never",
        curve=_buckets(returns),
    )


def _trend(recent: Sequence[float], earlier: Sequence[float]) -> Trend:
    """Whether the mean return moved by more than chance would move it (two standard errors)."""
    if len(earlier) < 10 or len(recent) < 10:
        return "new"
    moved = _mean_of(recent) - _mean_of(earlier)
    error = math.sqrt(_variance(recent) / len(recent) + _variance(earlier) / len(earlier))
    if abs(moved) <= 2 * error:
        return "holds"
    return "improved" if moved > 0 else "fell"


def _mean(values: Sequence[float]) -> float | None:
    return _mean_of(values) if values else None


def _mean_of(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _variance(values: Sequence[float]) -> float:
    mean = _mean_of(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _buckets(values: Sequence[float]) -> list[float]:
    if len(values) <= CURVE_POINTS:
        return list(values)
    size = len(values) / CURVE_POINTS
    return [
        _mean_of(values[int(part * size) : max(int((part + 1) * size), int(part * size) + 1)])
        for part in range(CURVE_POINTS)
    ]

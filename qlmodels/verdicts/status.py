"""Read how each agent type and each instance learns, with its verdicts and their reasons."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qlmodels.connection import keep_join_order, read_transaction
from qlmodels.files import sql_of
from qlmodels.formatting import format_duration, format_number
from qlmodels.verdicts.history_scan import scan_history
from qlmodels.verdicts.thresholds import (
    LABELS,
    MIN_EPISODES_JUDGED,
    REASONS,
    THRESHOLDS,
    TOO_EARLY,
    TREND_LABELS,
    VERDICTS,
    WINDOW_EPISODES,
    Trend,
    Verdict,
)

_STATUS = text(sql_of("qlmodels.verdicts")("status")).execution_options(query="verdicts.status")

Instance: TypeAlias = tuple[str, str | None]
"""An agent type, and the name of the instance if it has one."""


@dataclass(frozen=True, slots=True)
class LearningStatus:
    """How one agent type, or one instance of it, learns; the columns of status.sql."""

    agent_type: str
    instance: str | None
    is_active: bool
    is_greedy: bool | None
    """Whether greedy evaluations were judged; training episodes else, and None if neither is."""

    episodes: int
    greedy_episodes: int | None
    played: int | None
    mean: float | None
    late: float | None
    early: float | None
    successes: int | None
    tried: int | None
    level: float | None
    flat_since: datetime | None
    best: float | None
    best_at: datetime | None
    epsilon: float | None
    pairs: int | None
    largest_value: float | None
    largest_reward: float | None
    bound: float | None
    td_errors: list[float] | None
    last_seen: datetime | None
    instances: int
    status: str | None
    in_error: int
    lost: int
    lookups: int
    hits: int
    curve: list[float]
    trend: Trend
    verdicts: list[Verdict]
    recorded: int | None = None
    """Episodes that a verdict can be based on, those long past left out."""

    @property
    def name(self) -> str:
        return self.instance or self.agent_type

    @property
    def has_started(self) -> bool:
        return "never_started" not in self.verdicts

    @property
    def needs_attention(self) -> bool:
        return self.has_started and bool(self.verdicts)

    @property
    def success(self) -> float | None:
        return self.successes / self.tried if self.tried and self.successes is not None else None

    @property
    def sort_key(self) -> tuple[int, str, str]:
        """Sorts what needs attention first, the worst verdict before the others."""
        worst = VERDICTS.index(self.verdicts[0]) if self.verdicts else len(VERDICTS)
        return worst, self.agent_type, self.instance or ""

    @property
    def label(self) -> str:
        """The worst verdict in a word or two; else what the return does."""
        if self.verdicts:
            return LABELS[self.verdicts[0]]
        if self.is_too_early:
            return TOO_EARLY
        return TREND_LABELS[self.trend]

    @property
    def reasons(self) -> list[str]:
        """A sentence for each verdict, with the figures that prove it, or what evidence lacks."""
        found = [self.reason(verdict) for verdict in self.verdicts if verdict in REASONS]
        return [*found, self.evidence] if self.is_too_early else found

    @property
    def is_too_early(self) -> bool:
        """Whether episodes were recorded, and fewer than returns are judged by."""
        return 0 < (self.recorded or 0) < MIN_EPISODES_JUDGED

    @property
    def evidence(self) -> str:
        """How many episodes were recorded, of those that a verdict needs."""
        return f"{self.recorded or 0} of the {MIN_EPISODES_JUDGED} episodes that a verdict needs"

    @property
    def judged_by(self) -> str:
        """Which episodes the verdicts are about."""
        if self.is_greedy:
            return f"the last {self.tried} greedy episodes"
        if self.is_greedy is None:
            return "no episode"
        return f"training: fewer than {WINDOW_EPISODES} greedy episodes of late"

    def reason(self, verdict: Verdict) -> str:
        """Return the sentence of `verdict`, with the figures that prove it."""
        values = {name: getattr(self, name) for name in _FIGURES}
        figures = {
            name: format_number(value) for name, value in values.items() if value is not None
        }
        moments = {"best": self.best_at, "flat": self.flat_since, "seen": self.last_seen}
        figures |= {f"{name}_ago": _ago(at) for name, at in moments.items() if at is not None}
        figures["kind"] = "greedy episodes" if self.is_greedy else "episodes"
        figures["windows"] = " → ".join(format_number(error) for error in self.td_errors or ())
        figures["plural"] = "s" if self.in_error > 1 or self.lost > 1 else ""
        return REASONS[verdict].format_map(figures)


_FIGURES: Final = (
    "level",
    "best",
    "late",
    "early",
    "largest_value",
    "bound",
    "successes",
    "tried",
    "lookups",
    "episodes",
    "in_error",
    "lost",
)


def _ago(moment: datetime) -> str:
    return format_duration(moment - datetime.now(UTC)).removeprefix("in ")


async def read_statuses(
    connection: AsyncConnection,
    history: Sequence[Mapping[str, Any]],
    *,
    by_instance: bool = False,
    only: Sequence[tuple[Any, ...]] = (),
) -> list[LearningStatus]:
    """Return the statuses of all agent types, or of all instances, what needs attention first.

    `history` is what `scan_history` returned; `only` restricts the result to these pairs of
    agent type and instance.
    """
    values = {
        **THRESHOLDS,
        "history": json.dumps(history, default=str),
        "by_instance": by_instance,
        "only": json.dumps(only) if only else None,
    }
    await keep_join_order(connection)
    rows = (await connection.execute(_STATUS, values)).mappings().all()
    return sorted((LearningStatus(**row) for row in rows), key=lambda status: status.sort_key)


async def fleet_status(engine: AsyncEngine) -> list[LearningStatus]:
    """Scan the history and return every agent type's status, what needs attention first."""
    history = await scan_history(engine)
    async with read_transaction(engine) as connection:
        return await read_statuses(connection, history)

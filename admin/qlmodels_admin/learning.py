"""How the fleet learns: each agent type's state or each instance's, its verdicts, and why."""

import asyncio
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, TypeAlias, get_args

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.formatting import format_duration, format_number
from qlmodels.transactions import keep_join_order, read_transaction
from qlmodels_admin.measuring import measure
from qlmodels_admin.queries import query

logger = logging.getLogger(__name__)

Trend = Literal["improved", "holds", "fell", "new"]
Verdict = Literal[
    "error", "beyond", "diverging", "failing", "stalled", "fell", "unread", "unlearned", "lost",
    "never",
]  # fmt: skip
"""Worst first; see learning.sql for what each of them means exactly."""

Instance: TypeAlias = tuple[str, str | None]
"""An agent type, and the name of the instance if it has one."""

WINDOW: Final = 50
"""Episodes whose mean return is compared with other windows'."""

GREEDY_WINDOW: Final = 10
"""The same of greedy evaluations, which are fewer."""

BAND: Final = 1.96
"""Standard errors on either side: a mean is within them 95 times of 100."""

RULE: Final[Mapping[str, Any]] = {
    "window": WINDOW,
    "greedy_window": GREEDY_WINDOW,
    "band": BAND,
    "enough": 100,  # episodes or look-ups, before their absence means something
    "silence": timedelta(minutes=15),  # of an instance that says it is at work
    "points": 24,
}

WORDS: Final[Mapping[Verdict, str]] = {
    "error": "in error", "beyond": "diverging", "diverging": "diverging", "failing": "failing",
    "stalled": "stalled", "fell": "return fell", "unread": "never read",
    "unlearned": "never learned", "lost": "lost", "never": "never ran",
}  # fmt: skip

COSTS: Final = 20
"""A scan of the whole history, which rests half of its time, may take a twentieth of the time."""

AT_ONCE: Final = 0.05
"""Seconds that a scan may take for pages to wait for it; a longer one runs beside them."""

PATIENCE: Final = 1.0
"""Seconds that the first pages wait for the first scan; then they go without."""


@dataclass(frozen=True, slots=True)
class State:
    """One agent type, or one instance of it; the columns of learning.sql."""

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

    @property
    def name(self) -> str:
        return self.instance or self.agent_type

    @property
    def ran(self) -> bool:
        return "never" not in self.verdicts

    @property
    def needs_a_look(self) -> bool:
        return self.ran and bool(self.verdicts)

    @property
    def success(self) -> float | None:
        return self.successes / self.tried if self.tried and self.successes is not None else None

    @property
    def need(self) -> tuple[int, str, str]:
        """Sorts who needs a look before who does not, the worst first."""
        worst = get_args(Verdict).index(self.verdicts[0]) if self.verdicts else 99
        return worst, self.agent_type, self.instance or ""

    @property
    def word(self) -> str:
        """The worst verdict in a word or two; else what the return does."""
        if self.verdicts:
            return WORDS[self.verdicts[0]]
        return {"improved": "improving", "holds": "steady", "new": "new"}.get(self.trend, "")

    @property
    def reasons(self) -> list[str]:
        """A sentence for each verdict, with the figures that prove it."""
        return [self._reason(verdict) for verdict in self.verdicts if verdict != "never"]

    @property
    def judged_by(self) -> str:
        """Which episodes the verdicts are about."""
        if self.is_greedy:
            return f"the last {self.tried} greedy episodes"
        if self.is_greedy is None:
            return "no episode"
        return f"training: fewer than {WINDOW} greedy episodes of late"

    def _reason(self, verdict: Verdict) -> str:
        values = {name: getattr(self, name) for name in _FIGURES}
        figures = {
            name: format_number(value) for name, value in values.items() if value is not None
        }
        moments = {"best": self.best_at, "flat": self.flat_since, "seen": self.last_seen}
        figures |= {f"{name}_ago": _ago(at) for name, at in moments.items() if at is not None}
        figures["kind"] = "greedy episodes" if self.is_greedy else "episodes"
        figures["windows"] = " → ".join(format_number(error) for error in self.td_errors or ())
        figures["plural"] = "s" if self.in_error > 1 or self.lost > 1 else ""
        return _REASONS[verdict].format_map(figures)


_FIGURES: Final = (
    "level", "best", "late", "early", "largest_value", "bound", "successes", "tried", "lookups",
    "episodes", "in_error", "lost",
)  # fmt: skip

_REASONS: Final[Mapping[Verdict, str]] = {
    "error": "{in_error} instance{plural} in status error",
    "beyond": "|Q| is {largest_value} at most, above the {bound} that r_max / (1 - gamma) allows",
    "diverging": "mean |TD error| rises over five windows: {windows}",
    "failing": "{successes} of the last {tried} {kind} succeeded",
    "stalled": "return holds at {level} for {flat_ago}, below the {best} of {best_ago} ago",
    "fell": "return {early} → {late}",
    "unread": "{episodes} episodes, and not one look-up of what was learned",
    "unlearned": "{lookups} look-ups, and none found a learned pair",
    "lost": "{lost} instance{plural} at work but not heard of, last {seen_ago} ago",
}


def _ago(moment: datetime) -> str:
    return format_duration(moment - datetime.now(UTC)).removeprefix("in ")


class Learning:
    """Reads states; keeps what only the whole history tells for as long as is cheap."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._measures: Sequence[Mapping[str, Any]] = []
        self._taken_at = float("-inf")
        self._took = 0.0
        self._began = 0.0
        self._scan: asyncio.Task[None] | None = None

    async def names(self) -> list[str]:
        """Of all agent types."""
        async with read_transaction(self.engine) as connection:
            return list((await connection.execute(query("agent_type_names"))).scalars())

    async def agent_types(self, *only: str) -> list[State]:
        """All of them or these, those that need a look first."""
        return await self._read(by_instance=False, only=[(name, None) for name in only])

    async def instances(self, *only: Instance) -> list[State]:
        """All of them or these, those that need a look first."""
        return await self._read(by_instance=True, only=only)

    @property
    def measured_ago(self) -> float:
        """Seconds since the pairs were counted."""
        return time.monotonic() - self._taken_at

    async def _read(self, *, by_instance: bool, only: Sequence[tuple[Any, ...]]) -> list[State]:
        await self._measure()
        values = {
            **RULE, "measures": json.dumps(self._measures, default=str),
            "by_instance": by_instance, "only": json.dumps(only) if only else None,
        }  # fmt: skip
        async with read_transaction(self.engine) as connection:
            await keep_join_order(connection)
            rows = (await connection.execute(query("learning"), values)).mappings().all()
        return sorted((State(**row) for row in rows), key=lambda state: state.need)

    async def _measure(self) -> None:
        """Renew the measures if they are old; wait for that if it is quick, or there are none."""
        if self.measured_ago > COSTS * self._took and self._scan is None:
            self._began = time.monotonic()
            self._scan = asyncio.create_task(self._take())
        scan = self._scan
        if scan is not None and (self._took < AT_ONCE or not self._measures):
            patience = PATIENCE - (time.monotonic() - self._began)
            await asyncio.wait([scan], timeout=max(patience, 0))
            if scan.done():
                scan.result()

    async def _take(self) -> None:
        try:
            measures = await measure(
                self.engine, window=WINDOW, greedy_window=GREEDY_WINDOW, band=BAND
            )
        except (OSError, DBAPIError):
            if not self._measures:
                raise
            logger.warning("The pairs were not measured; the former figures stay.", exc_info=True)
            return
        finally:
            self._scan = None
        self._measures = measures
        self._taken_at = time.monotonic()
        self._took = self._taken_at - self._began

    def forget(self) -> None:
        """Measure anew at the next look: somebody changed the pairs."""
        self._taken_at = float("-inf")

    async def stop(self) -> None:
        """End a scan that is under way."""
        if self._scan is not None:
            self._scan.cancel()
            await asyncio.wait([self._scan])

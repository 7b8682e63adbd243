"""Experience replay: episodes drawn at random, uniformly or by priority.

An episode's sample_key is a random place in [0, 1). Short intervals at random places are drawn
and the episodes in them taken, so that each is as likely as any other however the keys lie;
the nearest key to a random place would not be. By priority: episodes whose priorities are within
a factor of two are one bucket, buckets are drawn by what they weigh at most, and an episode is
kept with the probability by which its own priority falls short of that.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal, TypeAlias, get_args
from uuid import UUID

from qlmodels.store import checks
from qlmodels.store.checks import Number, Whole
from qlmodels.store.core import Core, sql
from qlmodels.store.deadlines import within_time_limit
from qlmodels.store.error_translation import NUMBER_OF_ACTIONS
from qlmodels.store.errors import UnknownReference
from qlmodels.store.replayed import Replayed

By: TypeAlias = Literal["uniform", "priority"]

EPISODES_AN_INTERVAL = 1.0
"""Episodes that one interval holds on average: few, so that neighbours are seldom together."""

MAX_BATCH = 100_000
"""Episodes that one call draws at most: each costs memory here and a search there."""

STATISTICS_TTL_S = 60.0
"""Seconds for which the number of episodes and the sum of priorities are believed."""


@dataclass(frozen=True, slots=True)
class _Bucket:
    name: float
    """Which power of two its ceiling is."""

    ceiling: float
    trajectories: float
    priorities: float


@dataclass(slots=True)
class ReplayStatistics:
    """What there is to draw from, as of a moment ago."""

    buckets: list[_Bucket]
    has_number: bool
    """Whether the agent type says how many actions there are."""

    read_at: float = field(default_factory=time.monotonic)

    @property
    def fresh(self) -> bool:
        return time.monotonic() - self.read_at < STATISTICS_TTL_S

    @property
    def trajectories(self) -> float:
        return sum(bucket.trajectories for bucket in self.buckets)

    @property
    def priorities(self) -> float:
        return sum(bucket.priorities for bucket in self.buckets)


_Row: TypeAlias = "tuple[Any, ...]"
"""Fields of Replayed up to the priority, then documents, the legal actions last."""

_PRIORITY = 6


class Replay(Core):
    _stock: ReplayStatistics | None = None

    @within_time_limit
    async def replay(
        self, batch_size: Whole, *, by: By = "uniform", beta: Number = 0.4
    ) -> list[Replayed]:
        """Draw `batch_size` of this agent type's episodes, with replacement.

        `by` priority each is as likely as its priority is of their sum. `beta` (0 to 1) says how
        far the weights (N p)^-beta, scaled to at most 1 in the batch, correct for that. Empty
        when there is nothing to draw from. Raises InvalidValue.
        """
        wanted = checks.at_least(batch_size, 1, "batch_size", MAX_BATCH)
        correction = checks.rate(beta, "beta")
        way: By = checks.one_of(by, get_args(By), "by= of a replay")
        drawn: list[_Row] = []
        stock = await self._fresh_stock()
        empty = 0
        while len(drawn) < wanted:
            found = await self._draw(wanted - len(drawn), stock, way)
            drawn += found
            if not found:  # all gone since they were counted, or bad luck with very few
                empty += 1
                self._stock = None
                stock = await self._fresh_stock()
                if not stock.buckets or empty > 20:
                    return []
        unknown = self.agent_type if self._actions is None and not stock.has_number else None
        return _weighed(drawn, stock, way, correction, unknown)

    async def update_priorities(self, priorities: Mapping[UUID, Number]) -> None:
        """Set how likely episodes are drawn by priority: above 0, all or none.

        Counts one replay of each, for it is what one does after learning from a drawn episode; one
        that is tried again because the answer was lost is not counted twice.

        Raises UnknownReference when one is not this agent type's, InvalidValue.
        """
        given = checks.mapping(priorities, "priorities")
        ids = [checks.uuid(key, "trajectory_id") for key in given]
        values = [checks.positive(value, "priority") for value in given.values()]
        attempts = count()
        statement = sql("update_priorities")
        rows = await self._run(
            "update_priorities",
            lambda connection: connection.fetch(
                statement, self.agent_type, ids, values, next(attempts) > 0
            ),
            repeatable=True,
        )
        if missing := set(ids) - {row["trajectory_id"] for row in rows}:
            raise UnknownReference(
                f"Agent type {self.agent_type} has no trajectory "
                f"{', '.join(map(str, missing))}, so no priority was changed: record it "
                "first; expired ones are gone."
            )
        self._stock = None

    def _forget(self) -> None:
        super()._forget()
        self._stock = None

    async def _fresh_stock(self) -> ReplayStatistics:
        if self._stock is None or not self._stock.fresh:
            rows = await self._fetch("priority_buckets", self.agent_type)
            kind = await self._fetch_one("kind", self.agent_type)
            if kind is not None:
                self._recognize(kind)
            self._stock = ReplayStatistics(
                [_Bucket(name, 2.0**name, number, sum_) for name, number, sum_ in map(tuple, rows)],
                has_number=kind is not None and kind[NUMBER_OF_ACTIONS] is not None,
            )
        return self._stock

    async def _draw(self, wanted: int, stock: ReplayStatistics, by: By) -> list[_Row]:
        """Some draws, at most `wanted` and seldom much less, in random order."""
        if not stock.buckets:
            return []
        names, floors = None, None
        random = self._rng.random
        if by == "uniform":
            numbers = [stock.trajectories] * _probes(wanted, 1.0)
        else:
            weights = [bucket.trajectories * bucket.ceiling for bucket in stock.buckets]
            chosen = self._rng.choices(
                stock.buckets, weights, k=_probes(wanted, stock.priorities / sum(weights))
            )
            names = [bucket.name for bucket in chosen]
            numbers = [bucket.trajectories for bucket in chosen]
            floors = [random() * bucket.ceiling for bucket in chosen]
        widths = [EPISODES_AN_INTERVAL / max(number, 1.0) for number in numbers]
        starts = [random() * (1.0 + width) - width for width in widths]
        rows = await self._fetch(
            "replay",
            self.agent_type,
            starts,
            widths,
            names,
            floors,
            wanted,
            self._rng.getrandbits(63),
        )
        return [tuple(row) for row in rows]


def _weighed(
    drawn: Sequence[_Row], stock: ReplayStatistics, by: By, beta: float, unknown: str | None
) -> list[Replayed]:
    number = max(stock.trajectories, 1.0)
    chances = [
        min(1.0, row[_PRIORITY] / stock.priorities if by == "priority" else 1 / number)
        for row in drawn
    ]
    corrections = [(number * chance) ** -beta for chance in chances]
    most = max(corrections)
    return [
        _replayed(row, chance, correction / most, unknown)
        for row, chance, correction in zip(drawn, chances, corrections, strict=True)
    ]


def _replayed(row: _Row, chance: float, weight: float, unknown: str | None) -> Replayed:
    key, task_id, total, success, terminated, truncated, priority, *documents, legal = row
    return Replayed(
        key,
        task_id,
        total,
        success,
        terminated,
        truncated,
        priority,
        chance,
        weight,
        documents,
        unknown,
        legal,
    )


def _probes(wanted: int, acceptance: float) -> int:
    """Intervals that give `wanted` episodes, and rarely less."""
    return math.ceil((wanted + 2 * math.sqrt(wanted)) / (EPISODES_AN_INTERVAL * acceptance)) + 4

"""The summary views: right, and soon enough to look at."""

import math
import time
from decimal import Decimal
from typing import Any

import asyncpg

from benchmarks.bench import Bench
from benchmarks.databases import sql
from benchmarks.results import Goal, Row
from qlmodels.connection import connect

TRAJECTORIES = 100_000
PATTERNS = 10_000
REPEATS = 5
PATIENCE, PATIENCE_QUICK = 20, 2
"""Seconds that the baseline's view is given."""

VIEWS = {
    "agent_performance_summary": "select * from agent_performance_summary order by agent_type",
    "pattern_effectiveness": "select * from pattern_effectiveness order by agent_type, pattern_id",
}


async def views(bench: Bench) -> list[Row]:
    trajectories = min(TRAJECTORIES, bench.world.pairs // 10)
    for database in ("baseline", "ours"):
        await bench.fetch(database, sql("load_trajectories"), 0, trajectories)
        await bench.fetch(database, "vacuum (analyze)")
    await bench.fetch("ours", sql("load_patterns"), min(PATTERNS, trajectories))
    theirs = await _baseline(bench)
    return [
        *await _view(bench, "agent_performance_summary", theirs),
        *await _view(bench, "pattern_effectiveness", ""),
    ]


async def _view(bench: Bench, name: str, theirs: str) -> list[Row]:
    """By a login of the panel, which reads every row through row-level security."""
    seconds: list[float] = []
    told: list[asyncpg.Record] = []
    async with connect(bench.databases.panel("ours")) as panel:
        for _ in range(REPEATS):
            begin = time.perf_counter()
            told = await panel.fetch(VIEWS[name])
            seconds.append(time.perf_counter() - begin)
    wrong = _differences(told, await bench.fetch("ours", sql(f"{name}_by_hand")))
    return [
        Row(
            f"{name} at {bench.world.pairs:,} pairs",
            seconds,
            Goal(at_most=1),
            unit="s",
            detail=theirs,
        ),
        Row(f"wrong figures in {name}", (wrong,), Goal(at_most=0), unit="", is_timed=False),
    ]


def _differences(told: list[asyncpg.Record], counted: list[asyncpg.Record]) -> int:
    """How many figures of a view are not what counting each by itself gives."""
    if len(told) != len(counted):
        return abs(len(told) - len(counted))
    return sum(
        not _same(row[column], by_hand[column])
        for row, by_hand in zip(told, counted, strict=True)
        for column in by_hand.keys()  # noqa: SIM118  (a record iterates over its values)
    )


def _same(left: Any, right: Any) -> bool:
    """Sums of floats may differ by the order in which they were added."""
    if isinstance(left, float | Decimal) and isinstance(right, float | Decimal):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    return bool(left == right)


async def _baseline(bench: Bench) -> str:
    patience = PATIENCE_QUICK if bench.quick else PATIENCE
    async with connect(bench.databases.superuser("baseline")) as superuser:
        await superuser.execute("select set_config('statement_timeout', $1, false)", f"{patience}s")
        begin = time.perf_counter()
        try:
            rows = await superuser.fetch(VIEWS["agent_performance_summary"])
        except asyncpg.QueryCanceledError:
            return f"the baseline's was not there after {patience} s"
    seconds = time.perf_counter() - begin
    episodes = sum(row["trajectories"] for row in rows)
    return f"the baseline's took {seconds:.1f} s and counted {episodes:,} trajectories"

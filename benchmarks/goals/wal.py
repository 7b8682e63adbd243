"""Bytes of WAL for one upsert, once the pages that it touches are in the WAL as a whole."""

from dataclasses import replace

from benchmarks import baseline, ours
from benchmarks.bench import BASELINE, OURS, Bench
from benchmarks.clients import Crew, Work
from benchmarks.databases import CLIENTS, Side
from benchmarks.results import Goal, Row

HOT, HOT_QUICK = 2_000, 200
PASSES = 10
"""How often a pair is touched on average before WAL is counted: all but 1 in 20,000 are."""

ATTEMPTS = 5
GOALS = {"replica": 300, "logical": 700}


async def wal(bench: Bench) -> list[Row]:
    """At the wal_level that the server has."""
    level = str(await bench.fetch_value("ours", "show wal_level"))
    theirs = await _measure(bench, BASELINE, baseline.upsert)
    bytes_each = await _measure(bench, OURS, ours.upsert)
    return [
        Row(
            f"steady WAL of an upsert at wal_level {level}",
            bytes_each,
            Goal(at_most=GOALS[level]),
            unit="bytes",
            detail=f"baseline {sorted(theirs)[len(theirs) // 2]:,.0f} bytes",
        )
    ]


async def _measure(bench: Bench, side: Side, work: Work) -> list[float]:
    hot = HOT_QUICK if bench.quick else HOT
    world = replace(bench.world, hot=hot)
    with bench.fleet.crew(work, bench.seats(side, world=world)) as clients:
        for _ in range(ATTEMPTS):
            await bench.databases.checkpoint()
            clients.work_times(PASSES * hot // CLIENTS)
            if counts := await _steady(bench, clients, hot):
                return counts
    raise RuntimeError("A checkpoint fell into every count of WAL: is something else writing?")


async def _steady(bench: Bench, clients: Crew, hot: int) -> list[float]:
    """Bytes an upsert, three times; none when a checkpoint fell into it."""
    checkpoint, begin = await _position(bench)
    counts = []
    for _ in range(3):
        calls = clients.work_times(PASSES // 2 * hot // CLIENTS).units
        same, end = await _position(bench)
        if same != checkpoint:
            return []
        counts.append((end - begin) / calls)
        begin = end
    return counts


async def _position(bench: Bench) -> tuple[int, int]:
    """Where the last checkpoint began, and where WAL ends now."""
    row = (
        await bench.fetch(
            "postgres",
            "select redo_lsn - '0/0' as redo, pg_current_wal_lsn() - '0/0' as now"
            " from pg_control_checkpoint()",
        )
    )[0]
    return int(row["redo"]), int(row["now"])

"""Drawing episodes to learn from again: soon, and each as likely as it should be."""

import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Literal
from uuid import UUID

import asyncpg

from benchmarks import ours
from benchmarks.bench import OURS, Bench
from benchmarks.clients import Seat
from benchmarks.databases import sql
from benchmarks.results import Goal, Row
from benchmarks.world import ACTIONS_PER_STATE, AGENTS, World

EPISODES, EPISODES_QUICK = 1_000_000, 20_000
BATCH = 256
CALLS, CALLS_QUICK = 300, 20
"""Timed; for the distribution three times as many are made."""

INDEPENDENT = 16
"""Of a batch, so many count as draws: episodes that were drawn together are neighbours."""

AGENT = "fleet-commander"
BY: tuple[Literal["uniform", "priority"], ...] = ("uniform", "priority")
PRIORITIES = "alter table trajectories alter priority set default 0.1 + 5 * random() ^ 2"
NAIVE = """
select * from trajectories where agent_type = $1 order by random() limit 256
"""


async def replay(bench: Bench) -> list[Row]:
    episodes = EPISODES_QUICK if bench.quick else EPISODES
    few = len(AGENTS) * ACTIONS_PER_STATE
    world = World(few, few)
    await bench.databases.make_ours("episodes", world)
    await bench.fetch("episodes", PRIORITIES)
    await bench.fetch("episodes", sql("load_trajectories"), 0, episodes)
    await bench.fetch("episodes", "vacuum (analyze) trajectories")
    seat = next(
        seat for seat in bench.databases.seats(OURS, "episodes", world) if seat.agent_type == AGENT
    )
    rows = await _latencies(bench, seat, episodes)
    rows += await _distributions(bench, seat, "")
    await bench.fetch("episodes", sql("thin_out"), AGENT)
    rows += await _distributions(bench, seat, " after deletes")
    await bench.databases.drop("episodes")
    return rows


async def _latencies(bench: Bench, seat: Seat, episodes: int) -> list[Row]:
    naive = []
    for _ in range(5):
        begin = time.perf_counter()
        await bench.fetch("episodes", NAIVE, AGENT)
        naive.append(1000 * (time.perf_counter() - begin))
    rows = []
    for by in BY:
        took = []
        async with ours.store(seat) as store:
            await store.replay(BATCH, by=by)
            for _ in range(CALLS_QUICK if bench.quick else CALLS):
                begin = time.perf_counter()
                await store.replay(BATCH, by=by)
                took.append(1000 * (time.perf_counter() - begin))
        took.sort()
        what = f"replay of {BATCH} out of {episodes:,}, {by}"
        against = f"order by random() {sorted(naive)[2]:.0f} ms"
        rows += [
            Row(f"{what}, p50", (took[len(took) // 2],), Goal(at_most=8), "ms", against),
            Row(f"{what}, p95", (took[len(took) * 95 // 100],), Goal(at_most=20), "ms"),
        ]
    return rows


async def _distributions(bench: Bench, seat: Seat, when: str) -> list[Row]:
    """By chi-squared: how likely it is that so uneven a draw is chance."""
    episodes = await bench.fetch("episodes", sql("replay_cells"), AGENT)
    calls = 3 * (CALLS_QUICK if bench.quick else CALLS)
    rows = []
    for by in BY:
        drawn: list[UUID] = []
        async with ours.store(seat) as store:
            for _ in range(calls):
                batch = await store.replay(BATCH, by=by)
                drawn += [episode.trajectory_id for episode in batch[:INDEPENDENT]]
        chance = _chance(episodes, drawn, by)
        rows.append(
            Row(
                f"replay {by}{when}: p of chi-squared",
                (chance,),
                Goal(at_least=1e-6),
                unit="",
                detail=f"{len(drawn):,} draws from {len(episodes):,} episodes",
                is_timed=False,
            )
        )
    return rows


def _chance(
    episodes: Iterable[asyncpg.Record], drawn: Iterable[UUID], by: Literal["uniform", "priority"]
) -> float:
    cells = {episode["trajectory_id"]: episode["cell"] for episode in episodes}
    weights: defaultdict[int, float] = defaultdict(float)
    for episode in episodes:
        weights[episode["cell"]] += episode["priority"] if by == "priority" else 1
    found = Counter(cells[key] for key in drawn)
    whole = sum(weights.values())
    total = found.total()
    statistic = sum(
        (found[cell] - total * weight / whole) ** 2 / (total * weight / whole)
        for cell, weight in weights.items()
    )
    return _tail(statistic, len(weights) - 1)


def _tail(statistic: float, freedom: int) -> float:
    """Of the chi-squared distribution, by Wilson and Hilferty: good to a few percent."""
    spread = 2 / (9 * freedom)
    deviation = ((statistic / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return math.erfc(deviation / math.sqrt(2)) / 2

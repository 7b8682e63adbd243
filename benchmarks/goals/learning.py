"""Learning: a step, steps that collide, and steps in batches."""

import math
from dataclasses import replace

from benchmarks import baseline, ours
from benchmarks.bench import BASELINE, OURS, Bench
from benchmarks.clients import Work
from benchmarks.databases import Side
from benchmarks.results import Goal, Row
from benchmarks.world import AGENTS, digest

AGENT = "flaky-test-hunter"
CALLS = 50
"""Of each client, on the pair that all share: 900 in all."""

ALPHA = 0.001
TARGET = 1000.0
SHARED = "select q_value, visit_count from q_values where agent_type = $1 and state_hash = $2"


TOGETHER = "ours, learn_and_select"


async def learning(bench: Bench) -> list[Row]:
    return [*_step(bench), *await _lost(bench), *await _batches(bench)]


def _step(bench: Bench) -> list[Row]:
    rounds = bench.compare(
        {
            BASELINE: (baseline.learn, bench.seats(BASELINE)),
            OURS: (ours.learn, bench.seats(OURS)),
            TOGETHER: (ours.learn_and_select, bench.seats(OURS)),
        }
    )
    before = f"9 trips, {rounds.rate(BASELINE):,.0f}/s"
    return [
        Row(
            what,
            rounds.ratios(side, BASELINE),
            Goal(at_least=6),
            detail=f"{before} -> {trips}, {rounds.rate(side):,.0f}/s",
        )
        for what, side, trips in (
            ("one learning step (select, update)", OURS, "2 trips"),
            ("one learning step by learn_and_select", TOGETHER, "1 trip"),
        )
    ]


async def _lost(bench: Bench) -> list[Row]:
    """Of updates by all clients to one pair.

    The baseline adds 1 each time. Each step of ours closes a thousandth of what lies between the
    value and its target, so that the value tells how many steps it has seen.
    """
    await bench.fetch(
        "ours", "update agent_types set learning_rate = $2 where agent_type = $1", AGENT, ALPHA
    )
    works: dict[Side, Work] = {BASELINE: baseline.add_up, OURS: ours.add_up}
    calls = 0
    for side, work in works.items():
        with bench.fleet.crew(work, bench.seats(side, agent=AGENT)) as clients:
            calls = clients.work_times(CALLS).units
    await bench.fetch(
        "ours", "update agent_types set learning_rate = default where agent_type = $1", AGENT
    )
    shared = (AGENT, digest({"shared": True}))
    added = float(await bench.fetch_value("baseline", SHARED, *shared))
    value, visits = (await bench.fetch("ours", SHARED, *shared))[0]
    seen = math.log(1 - value / TARGET) / math.log(1 - ALPHA)
    exact = TARGET * (1 - (1 - ALPHA) ** calls)
    return [
        Row("lost updates of the baseline", (calls - added,), unit="", detail=f"of {calls}"),
        Row(
            "lost learning steps",
            (max(abs(calls - seen) if abs(calls - seen) > 1e-6 else 0, calls - visits),),
            Goal(at_most=0),
            unit="",
            detail=f"of {calls}; off the exact value by {abs(value - exact) / exact:.0e}",
            is_timed=False,
        ),
    ]


async def _batches(bench: Bench) -> list[Row]:
    """As many hot pairs as elsewhere, but of one agent type, as far as it has them."""
    world = replace(bench.world, hot=min(len(AGENTS) * bench.world.hot, bench.world.pairs))
    seats = bench.seats(OURS, agent=AGENT, world=world)
    before = await _deadlocks(bench)
    rounds = bench.compare(
        {"learn": (ours.learn_single, seats), "learn_many": (ours.learn_100, seats)}
    )
    return [
        Row(
            "learn_many of 100, all clients on one agent type, steps a second",
            rounds.ratios("learn_many", "learn"),
            Goal(at_least=3),
            detail=f"against single learn, {rounds.rate('learn'):,.0f}/s -> "
            f"{rounds.rate('learn_many'):,.0f}/s",
        ),
        Row(
            "deadlocks meanwhile",
            (await _deadlocks(bench) - before,),
            Goal(at_most=0),
            unit="",
            is_timed=False,
        ),
    ]


async def _deadlocks(bench: Bench) -> int:
    return int(
        await bench.fetch_value(
            "ours", "select deadlocks from pg_stat_database where datname = current_database()"
        )
    )

"""The best action of a state."""

from benchmarks import baseline, ours
from benchmarks.bench import BASELINE, OURS, Bench
from benchmarks.results import Goal, Row


async def lookups(bench: Bench) -> list[Row]:
    rounds = bench.compare(
        {
            BASELINE: (baseline.best_action, bench.seats(BASELINE)),
            OURS: (ours.best_action, bench.seats(OURS)),
        }
    )
    return [
        Row(
            "best_action",
            rounds.ratios(OURS, BASELINE),
            Goal(at_least=1.7),
            detail=f"{rounds.rate(BASELINE):,.0f}/s -> {rounds.rate(OURS):,.0f}/s",
        ),
        Row(
            "best_action, p99 latency",
            rounds.slowdowns(OURS, BASELINE, 0.99),
            Goal(at_most=1),
            detail=f"{rounds.latency(BASELINE, 0.99):.1f} -> {rounds.latency(OURS, 0.99):.1f} ms",
        ),
    ]

"""A thousand upserts in one call."""

from benchmarks import baseline, ours
from benchmarks.bench import BASELINE, OURS, Bench
from benchmarks.results import Goal, Row


async def batches(bench: Bench) -> list[Row]:
    rounds = bench.compare(
        {
            BASELINE: (baseline.upsert, bench.seats(BASELINE)),
            OURS: (ours.upsert_1000, bench.seats(OURS)),
        }
    )
    return [
        Row(
            "upsert_many of 1000, pairs a second",
            rounds.ratios(OURS, BASELINE),
            Goal(at_least=12),
            detail=f"{rounds.rate(BASELINE):,.0f}/s -> {rounds.rate(OURS):,.0f}/s",
        )
    ]

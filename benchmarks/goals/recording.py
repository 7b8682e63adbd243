"""Episodes and rewards in batches, against one INSERT each."""

from benchmarks import baseline, ours
from benchmarks.bench import BASELINE, OURS, Bench
from benchmarks.results import Goal, Row


async def recording(bench: Bench) -> list[Row]:
    rows = []
    for what, theirs, batch, goal in (
        ("record_many of 100 episodes of 15 steps, episodes", baseline.record, ours.record_100, 5),
        ("record_rewards of 1000, rewards", baseline.reward, ours.rewards_1000, 15),
    ):
        rounds = bench.compare(
            {BASELINE: (theirs, bench.seats(BASELINE)), OURS: (batch, bench.seats(OURS))}
        )
        rows.append(
            Row(
                f"{what} a second",
                rounds.ratios(OURS, BASELINE),
                Goal(at_least=goal),
                detail=f"{rounds.rate(BASELINE):,.0f}/s -> {rounds.rate(OURS):,.0f}/s",
            )
        )
    return rows

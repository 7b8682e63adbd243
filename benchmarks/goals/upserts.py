"""A single upsert, and whether it stays on its page."""

from benchmarks import baseline, ours
from benchmarks.bench import BASELINE, OURS, UNGUARDED, Bench
from benchmarks.results import Goal, Row

UPDATES = """
select n_tup_upd as updates, n_tup_hot_upd as hot
  from pg_stat_user_tables
 where relname = 'q_values'
"""


async def upserts(bench: Bench) -> list[Row]:
    before = await _updates(bench)
    rounds = bench.compare(
        {
            BASELINE: (baseline.upsert, bench.seats(BASELINE)),
            OURS: (ours.upsert, bench.seats(OURS)),
            UNGUARDED: (ours.upsert, bench.seats(UNGUARDED)),
        }
    )
    after = await _updates(bench)
    updates = after[0] - before[0]
    rates = f"{rounds.rate(BASELINE):,.0f}/s -> {{:,.0f}}/s"
    return [
        Row(
            "single upsert, without RLS",
            rounds.ratios(UNGUARDED, BASELINE),
            Goal(at_least=2.2),
            detail=rates.format(rounds.rate(UNGUARDED)),
        ),
        Row(
            "single upsert, with RLS",
            rounds.ratios(OURS, BASELINE),
            Goal(at_least=1.7),
            detail=rates.format(rounds.rate(OURS)),
        ),
        Row(
            "share of updates that are HOT",
            ((after[1] - before[1]) / updates,),
            Goal(at_least=0.98),
            unit="",
            detail=f"of {updates:,} updates",
            is_timed=False,
        ),
    ]


async def _updates(bench: Bench) -> tuple[int, int]:
    row = (await bench.fetch("ours", UPDATES))[0]
    return row["updates"], row["hot"]

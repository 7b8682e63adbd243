"""What more pairs cost: the same hot pairs among few others and among many."""

from benchmarks import ours
from benchmarks.bench import OURS, Bench
from benchmarks.results import Goal, Row
from benchmarks.world import World

FEW = 10_000


async def growth(bench: Bench) -> list[Row]:
    few = World(min(FEW, bench.world.pairs), FEW)
    many = World(bench.world.pairs, few.hot)
    await bench.databases.make_ours("few", few)
    rows = []
    for what, work in (("upsert", ours.upsert), ("best_action", ours.best_action)):
        rounds = bench.compare(
            {
                "few": (work, bench.databases.seats(OURS, "few", few)),
                "many": (work, bench.seats(OURS, world=many)),
            }
        )
        rows.append(
            Row(
                f"cost of {what} among {many.pairs:,} pairs, against {few.pairs:,}",
                rounds.ratios("few", "many"),
                Goal(at_most=1.3),
                detail=f"{rounds.rate('few'):,.0f}/s -> {rounds.rate('many'):,.0f}/s",
            )
        )
    await bench.databases.drop("few")
    return rows

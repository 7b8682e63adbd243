"""Bytes of a pair with all its indexes: as loaded, and after ten updates of each."""

from benchmarks.bench import Bench
from benchmarks.databases import sql
from benchmarks.results import Goal, Row
from benchmarks.world import World

PAIRS, PAIRS_QUICK = 20_000, 2_000
UPDATES = 10


async def storage(bench: Bench) -> list[Row]:
    """Indexes are there when the rows come, as they are in life."""
    pairs = PAIRS_QUICK if bench.quick else PAIRS
    world = World(pairs, pairs)
    databases = bench.databases
    await databases.make_baseline("stored_baseline", world, index_first=True)
    await databases.make_ours("stored_ours", world, index_first=True)
    fresh = [await _bytes_each(bench, name) for name in ("stored_baseline", "stored_ours")]
    for name in ("stored_baseline", "stored_ours"):
        for _ in range(UPDATES):
            await bench.fetch(name, sql("update_every_pair"))
    worn = [await _bytes_each(bench, name) for name in ("stored_baseline", "stored_ours")]
    await databases.drop("stored_baseline", "stored_ours")
    return [
        Row(
            "bytes of a pair as loaded",
            (fresh[1] / fresh[0],),
            Goal(at_most=0.75),
            detail=f"{fresh[0]:,.0f} -> {fresh[1]:,.0f} bytes",
        ),
        Row(
            f"growth by {UPDATES} updates of each pair",
            (worn[1] / fresh[1],),
            Goal(at_most=1.1),
            detail=f"baseline {worn[0] / fresh[0]:.2f}x, to {worn[0]:,.0f} bytes",
        ),
    ]


async def _bytes_each(bench: Bench, database: str) -> float:
    return float(
        await bench.fetch_value(
            database,
            "select pg_total_relation_size('q_values')::float8 / count(*) from q_values",
        )
    )

"""An upsert in a session of SQLModel."""

from benchmarks import orm
from benchmarks.bench import OURS, Bench
from benchmarks.results import Goal, Row


async def sessions(bench: Bench) -> list[Row]:
    rounds = bench.compare(
        {
            "asyncpg": (orm.asyncpg_only, bench.seats(OURS)),
            "session": (orm.session, bench.seats(OURS)),
        }
    )
    return [
        Row(
            "a SQLModel session with one upsert, against raw asyncpg",
            rounds.ratios("session", "asyncpg"),
            Goal(at_least=0.3),
            detail=f"{rounds.rate('asyncpg'):,.0f}/s -> {rounds.rate('session'):,.0f}/s",
        )
    ]

"""An upsert in a session of SQLModel."""

from benchmarks import orm
from benchmarks.bench import OURS, Bench
from benchmarks.results import Goal, Row


async def sessions(bench: Bench) -> list[Row]:
    rounds = bench.compare(
        {
            "asyncpg": (orm.asyncpg_only, bench.seats(OURS)),
            "session": (orm.session, bench.seats(OURS)),
            "autocommit": (orm.autocommit, bench.seats(OURS)),
        }
    )
    return [
        Row(
            f"a SQLModel session{how} with one upsert, against raw asyncpg",
            rounds.ratios(side, "asyncpg"),
            Goal(at_least=0.3),
            detail=f"{rounds.rate('asyncpg'):,.0f}/s -> {rounds.rate(side):,.0f}/s",
        )
        for side, how in (("session", ""), ("autocommit", " in AUTOCOMMIT"))
    ]

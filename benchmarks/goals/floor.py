"""What is left of the least that a server can do: pgbench's UPDATE of one number by its key."""

from importlib import resources

from benchmarks.bench import BASELINE, OURS, UNGUARDED, Bench
from benchmarks.databases import Side, sql
from benchmarks.interleave import take_turns
from benchmarks.pgbench import AGENT, PgBench
from benchmarks.results import Goal, Row
from benchmarks.world import action, state, text

TRANSACTIONS_QUICK = 10

GOALS: dict[Side, float | None] = {UNGUARDED: 0.75, OURS: 0.5, BASELINE: None}
WHAT: dict[Side, str] = {
    OURS: "ours, with RLS",
    UNGUARDED: "ours, without RLS",
    BASELINE: "the baseline",
}


async def floor(bench: Bench) -> list[Row]:
    rows = bench.world.hot
    for database in ("baseline", "ours"):
        await bench.fetch(
            database, sql("numbered_pairs"), rows, text(state(AGENT, 0)), text(action(0))
        )
    await bench.fetch("postgres", "create database bare")
    for statement in sql("bare").split(";\n"):
        await bench.fetch("bare", statement)
    for database in ("bare", "baseline", "ours"):
        await bench.fetch(database, "vacuum (analyze)")

    scripts = resources.files("benchmarks") / "sql"
    with (
        resources.as_file(scripts / "pgbench_upsert.sql") as upsert,
        resources.as_file(scripts / "pgbench_update.sql") as update,
    ):
        pgbench = bench.programs / "pgbench"
        bare = bench.databases.superuser("bare")
        enough = TRANSACTIONS_QUICK if bench.quick else None
        workers = {"bare": PgBench(pgbench, update, bare, rows, enough)}
        for side in GOALS:
            url = bench.seats(side, agent=AGENT)[0].url
            workers[side] = PgBench(pgbench, upsert, url, rows, enough)
        rounds = take_turns(workers, bench.plan)
    await bench.databases.drop("bare")
    return [
        Row(
            f"pgbench: upsert against a bare UPDATE, {WHAT[side]}",
            rounds.ratios(side, "bare"),
            Goal(at_least=goal),
            detail=f"{rounds.rate('bare'):,.0f}/s -> {rounds.rate(side):,.0f}/s",
        )
        for side, goal in GOALS.items()
    ]

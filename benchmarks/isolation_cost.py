"""What row-level security costs the hot statements, as a ratio to the same without it.

    python -m benchmarks.isolation_cost [--rounds 11] [--pairs 20000]

Two databases on one server are equal but for row security, which the second has off. Loops on
the server, so that no network hides the difference, run in one and the other by turns; a round
gives one ratio of processor time (Linux), which other work on the machine bends less than it
does the clock's. `--pairs` is for each of 18 agent types.
"""

import argparse
import asyncio
import shutil
import statistics
import tempfile
from collections.abc import Iterable
from pathlib import Path

import asyncpg
from sqlalchemy import URL

from qlmodels import logins, migrate
from qlmodels.connection import connect
from qlmodels.ddl.access import TABLES
from qlmodels.embedded import DATABASE, EmbeddedServer, all_binaries, provision

PASSWORD = "benchmark"  # noqa: S105
REPEATS = 4000

FILL = """
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value)
select kind.agent_type, 'state ' || n / 8, '{}', 'action ' || n % 8, '{}', n % 100
  from agent_types as kind
 cross join generate_series(0, $1::integer - 1) as n
"""

LOOKUP = """
    perform pair.action_data
       from public.q_values as pair
      where pair.agent_type = 'test-generator'
        and pair.state_hash = 'state ' || n
      order by pair.q_value desc, pair.confidence_score desc, pair.visit_count desc,
               pair.action_hash
      limit 1;"""
UPSERT = """
    insert into public.q_values as pair
           (agent_type, state_hash, state_data, action_hash, action_data, q_value)
    values ('test-generator', 'state ' || n, '{}', 'action 1', '{}', n)
    on conflict (agent_type, state_hash, action_hash) do update
       set q_value = excluded.q_value, visit_count = pair.visit_count + 1;"""
STATEMENTS = {
    "lookup": LOOKUP,
    "get_best_action": "perform public.get_best_action('test-generator', 'state ' || n);",
    "upsert": UPSERT,
    "upsert_q_value": "perform public.upsert_q_value('test-generator', 'state ' || n, '{}',"
    " 'action 1', '{}', n);",
}

LOOP = """
do $$
declare
    n integer;
begin
    for i in 1 .. {repeats} loop
        n := i * 7919 % {states};
        {statement}
    end loop;
end $$"""

CALLERS = {
    "agent": ("ql_test-generator", ()),
    "orchestrator": ("qlfleet_bench", ("select qlmodels.act_as('test-generator')",)),
    "authenticated": (
        "authenticator",
        (
            "set local role authenticated",
            "select set_config('request.jwt.claims',"
            ' \'{"app_metadata": {"agent_type": "test-generator"}}\', true)',
        ),
    ),
}


def main() -> None:
    """Print the median, the least and the greatest ratio of each caller and statement."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--pairs", type=int, default=20_000)
    chosen = parser.parse_args()
    for binaries in all_binaries():
        home = Path(tempfile.mkdtemp(prefix="qlb"))
        try:
            with EmbeddedServer(home, binaries=binaries, durable=False) as running:
                owner = asyncio.run(provision(running))
                migrate.upgrade(owner)
                admin = running.url(running.superuser, running.password, "postgres")
                asyncio.run(_set_up(owner, admin, chosen.pairs))
                print(f"PostgreSQL {binaries.release}, {18 * chosen.pairs} pairs")  # noqa: T201
                asyncio.run(_compare(owner, chosen.rounds, chosen.pairs // 8))
        finally:
            shutil.rmtree(home)


async def _set_up(owner: URL, admin: URL, pairs: int) -> None:
    async with connect(admin) as superuser:
        await superuser.execute(f"create role authenticator login noinherit password '{PASSWORD}'")
        await superuser.execute("grant authenticated to authenticator")
    async with connect(owner) as connection:
        await logins.create(connection, "agent", "test-generator", PASSWORD)
        await logins.create(
            connection, "fleet", "bench", PASSWORD, may_act_as=["test-generator", "quality-gate"]
        )
    async with connect(admin.set(database=DATABASE)) as superuser:
        await superuser.execute("set session_replication_role = replica")  # no audit of the load
        await superuser.execute(FILL, pairs)
        await superuser.execute("vacuum analyze")
    async with connect(admin) as superuser:
        await superuser.execute(f"create database open template {DATABASE}")
    async with connect(admin.set(database="open")) as superuser:
        for table in TABLES:
            await superuser.execute(
                f"alter table {table} no force row level security, disable row level security"
            )
        await superuser.execute("vacuum analyze")


async def _compare(owner: URL, rounds: int, states: int) -> None:
    for caller, (login, prelude) in CALLERS.items():
        url = owner.set(username=login, password=PASSWORD)
        async with connect(url) as guarded, connect(url.set(database="open")) as bare:
            for name, statement in STATEMENTS.items():
                loop = LOOP.format(repeats=REPEATS, states=states, statement=statement)
                ratios, microseconds = [], []
                for number in range(rounds + 1):
                    pair = (guarded, bare) if number % 2 else (bare, guarded)
                    spent = {id(one): await _time(one, prelude, loop) for one in pair}
                    if number:  # the first fills the caches
                        ratios.append(spent[id(guarded)] / spent[id(bare)])
                        microseconds.append(spent[id(bare)] / REPEATS * 1e6)
                _print(caller, name, ratios, statistics.median(microseconds))


async def _time(connection: asyncpg.Connection, prelude: Iterable[str], loop: str) -> float:
    """Seconds on a processor that the server spends on the loop."""
    async with connection.transaction():
        for step in prelude:
            await connection.execute(step)
        before = _on_processor(connection)
        await connection.execute(loop)
        return _on_processor(connection) - before


def _on_processor(connection: asyncpg.Connection) -> float:
    spent = Path(f"/proc/{connection.get_server_pid()}/schedstat").read_text().split()[0]
    return int(spent) / 1e9


def _print(caller: str, name: str, ratios: list[float], microseconds: float) -> None:
    middle = statistics.median(ratios)
    print(  # noqa: T201
        f"  {caller:14} {name:16} {middle:5.2f}x  ({min(ratios):.2f} to {max(ratios):.2f})"
        f"  of {microseconds:6.1f} us",
        flush=True,
    )


if __name__ == "__main__":
    main()

"""What is nearly broken is not told of, and of what is broken each part is."""

from dataclasses import replace
from typing import Any

import pytest

from qlmodels import Hashed, LearningStore
from qlmodels.connection import connect, create_pool
from qlmodels.doctor.check import Check, CheckContext, SqlCheck
from qlmodels.doctor.checks import (
    autovacuum,
    bloat,
    connections,
    containment,
    dead_rows,
    episode_totals,
    extension_schema,
    hashes,
    learning,
    moved_functions,
    nothing_written,
    one_action,
    privileges,
    publication,
    retention,
    server_version,
    strangers,
    unfound_pairs,
    unused_indexes,
)
from tests.conftest import Database

pytestmark = [pytest.mark.newest_first]

MANY_PAIRS = """
set session_replication_role = replica;  -- unlogged by the audit
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data)
select 'test-generator', md5(n::text), '{}', 'a', '{}' from generate_series(1, 5000) as n;
reset session_replication_role;
analyze q_values
"""


async def told(database: Database, check: Check, *values: Any) -> list[str]:
    """What the check finds, in its order; with `values`, by other thresholds."""
    if values:
        assert isinstance(check, SqlCheck)
        check = replace(check, values=values)
    async with connect(database.owner) as owner:
        return [
            finding.what for finding in await check.findings(CheckContext(database.owner, owner))
        ]


async def run(database: Database, statement: str, *values: Any) -> None:
    async with connect(database.superuser) as superuser:
        await superuser.execute(statement, *values)


EXPIRED = """
set session_replication_role = replica;  -- or updated_at would be now
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, last_updated,
                      expires_at)
values ('test-generator', '{0}', '1', 'a', '1', now() - interval '40 days',
        now() - interval '{0} hours');
insert into trajectories (agent_type, task_id, initial_state, final_state, actions_taken,
                          states_visited, step_rewards, total_reward, discounted_reward,
                          execution_time_ms, success, started_at, completed_at, expires_at)
values ('test-generator', 't', '1', '1', '[]', '[]', '[]', 0, 0, 0, true,
        now() - interval '40 days', now() - interval '40 days', now() - interval '{0} hours');
insert into patterns (agent_type, pattern_name, pattern_type, pattern_data, first_seen, expires_at)
values ('test-generator', '{0}', 't', '1', now() - interval '40 days',
        now() - interval '{0} hours');
insert into rewards (agent_type, state_hash, action_hash, reward_value, reward_type, observed_at)
values ('test-generator', 's', 'a', 1, 'immediate', now() - interval '30 days {0} hours');
insert into sessions (agent_type, start_time, updated_at)
select 'test-generator', at, at from (select now() - interval '30 days {0} hours') as t (at);
reset session_replication_role
"""
IN_USE = """
set session_replication_role = replica;
insert into sessions (agent_type, session_id, start_time, updated_at)
select 'quality-gate', lpad(n::text, 32, '0')::uuid, now() - interval '99 days',
       now() - interval '99 days'
  from generate_series(1, 3) as n;
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, session_id)
values ('quality-gate', 'held', '1', 'a', '1', lpad('1', 32, '0')::uuid);
insert into trajectories (agent_type, task_id, initial_state, final_state, actions_taken,
                          states_visited, step_rewards, total_reward, discounted_reward,
                          execution_time_ms, success, started_at, session_id)
values ('quality-gate', 't', '1', '1', '[]', '[]', '[]', 0, 0, 0, true, now(),
        lpad('2', 32, '0')::uuid);
insert into rewards (agent_type, state_hash, action_hash, reward_value, reward_type, session_id)
values ('quality-gate', 's', 'a', 1, 'immediate', lpad('3', 32, '0')::uuid);
reset session_replication_role
"""


async def test_retention(database: Database) -> None:
    await run(database, "update agent_types set retention_days = 30")
    await run(database, IN_USE)
    await run(database, EXPIRED.format(2))
    assert await told(database, retention.CHECK) == []
    await run(database, EXPIRED.format(4))
    assert await told(database, retention.CHECK) == [
        f"1 rows of {table} expired and are still there: nothing purges"
        for table in ("patterns", "q_values", "rewards", "sessions", "trajectories")
    ]


HEARD = (
    ("test-generator", 100, 0, 0, True),
    ("quality-gate", 99, 0, 0, True),
    ("security-scanner", 100, 0, 0, False),
    ("performance-tester", 100, 1, 1, True),
    ("code-complexity", 0, 100, 0, False),
    ("visual-tester", 0, 99, 0, False),
    ("chaos-engineer", 0, 100, 1, False),
)
"""Agent types with their episodes, look-ups and hits, and whether they have a pair."""


async def test_learning(database: Database) -> None:
    for name, tasks, lookups, hits, has_pair in HEARD:
        for half in (tasks // 2, tasks - tasks // 2):
            await run(
                database,
                "insert into agent_states (agent_type, agent_instance_id, total_tasks, lookups,"
                " lookup_hits, current_exploration_rate, current_learning_rate)"
                " values ($1, gen_random_uuid()::text, $2, $3, $4, 0, 0)",
                name,
                half,
                lookups if half == tasks // 2 else 0,
                hits if half == tasks // 2 else 0,
            )
            if tasks == 0:
                break
        if has_pair:
            await run(database, "select upsert_q_value($1, 's', '1', 'a', '1', 1)", name)
    assert await told(database, learning.CHECK) == [
        "code-complexity looks up states that were never learned",
        "test-generator learns values, and no look-up of them was counted",
    ]


async def test_connections(database: Database) -> None:
    limits = {"code-complexity": -1, "visual-tester": 98, "chaos-engineer": 97}
    async with connect(database.superuser) as superuser:
        most = await superuser.fetchval(
            "select current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int"
        )
        assert most == 97
        for name, limit in limits.items():
            await superuser.execute(f'create role "ql_{name}" login connection limit {limit}')
        try:
            assert await told(database, connections.CHECK) == [
                "logins ql_code-complexity, ql_visual-tester"
                " may take more connections than there are"
            ]
        finally:
            for name in limits:
                await superuser.execute(f'drop role "ql_{name}"')


async def test_dead_rows_and_what_is_left_of_them(database: Database) -> None:
    async with connect(database.superuser) as superuser:
        await superuser.execute("alter table q_values set (autovacuum_enabled = off)")
        await superuser.execute(MANY_PAIRS)
        await superuser.execute(
            "set session_replication_role = replica; update q_values set metadata = '1'"
        )
        await superuser.execute("select pg_stat_force_next_flush()")
        half = "50% of q_values is dead rows"
        assert [what.strip() for what in await told(database, dead_rows.CHECK, 4999, 0.4)] == [half]
        assert await told(database, dead_rows.CHECK, 5000, 0.4) == []
        assert await told(database, dead_rows.CHECK, 4999, 0.6) == []
        await superuser.execute("vacuum q_values; ")
        await superuser.execute("delete from q_values where q_value_id % 10 <> 0")
        await superuser.execute("vacuum (truncate false) q_values")
        await superuser.execute("analyze q_values")
    [found] = await told(database, bloat.CHECK, 0, 0.5)
    assert found.endswith("of q_values is empty")
    assert await told(database, bloat.CHECK, 0, 0.99) == []
    assert await told(database, bloat.CHECK, 100_000_000, 0.5) == []


async def test_unused_indexes(database: Database) -> None:
    await run(
        database,
        "create index mine on q_values (last_updated);"
        "create unique index mine_alone on q_values (agent_type, q_value_id, last_updated);",
    )
    await run(database, MANY_PAIRS)
    assert await told(database, unused_indexes.CHECK, 7, 0) == ["index mine is never used"]
    assert await told(database, unused_indexes.CHECK, 7, 10**9) == []
    await run(database, "select pg_stat_reset()")
    assert await told(database, unused_indexes.CHECK, 7, 0) == []
    assert await told(database, unused_indexes.CHECK, 0, 0) == ["index mine is never used"]


async def test_privileges(database: Database) -> None:
    await run(
        database,
        "grant select, update on q_values to anon; grant select on pattern_effectiveness to anon;"
        "grant insert on agent_performance_summary to public;"
        "grant select on rewards to authenticated",
    )
    assert sorted(await told(database, privileges.CHECK)) == [
        "anon may select on pattern_effectiveness",
        "anon may select, update on q_values",
        "everybody (PUBLIC) may insert on agent_performance_summary",
    ]


NOT_BROKEN: dict[str, tuple[Check, str]] = {
    "autovacuum that is said to be on": (
        autovacuum.CHECK,
        "alter table rewards set (autovacuum_enabled = on)",
    ),
    "a publication of every table": (
        publication.CHECK,
        "create publication supabase_realtime for all tables",
    ),
    "a publication of the table": (
        publication.CHECK,
        "create publication supabase_realtime for table agent_states",
    ),
    "a publication of another name": (publication.CHECK, "create publication mine"),
    "an extension of somebody else's": (
        extension_schema.CHECK,
        "create extension btree_gist schema public",
    ),
}


@pytest.mark.parametrize("case", NOT_BROKEN)
async def test_what_is_not_broken_is_not_told_of(database: Database, case: str) -> None:
    check, statement = NOT_BROKEN[case]
    await run(database, statement)
    assert await told(database, check) == []


async def test_extensions_in_public_that_the_owner_may_move(database: Database) -> None:
    """pg_stat_statements is the superuser's here."""
    await run(
        database,
        "alter extension pg_trgm set schema public; alter extension btree_gin set schema public;"
        "drop extension pg_stat_statements; create extension pg_stat_statements schema public",
    )
    assert await told(database, extension_schema.CHECK) == [
        "extension btree_gin lies in schema public",
        "extension pg_trgm lies in schema public",
    ]


async def test_a_stranger_that_is_not_let_in(database: Database) -> None:
    """Of another database on the same server."""
    nobody = "login ql_nobody speaks for an agent type that is not there"
    async with connect(database.superuser) as superuser:
        await superuser.execute("create role ql_nobody login; create role ql_nobody_else")
        try:
            found = await told(database, strangers.CHECK)
            assert nobody in found
            assert not any("ql_nobody_else" in what for what in found)
            await superuser.execute(f"revoke connect on database {database.name} from public")
            assert nobody not in await told(database, strangers.CHECK)
        finally:
            await superuser.execute("drop role ql_nobody, ql_nobody_else")


async def test_the_oldest_server_that_will_do(database: Database) -> None:
    async with connect(database.owner) as owner:
        number = int(await owner.fetchval("show server_version_num") or 0)
    assert await told(database, server_version.CHECK, number) == []
    assert await told(database, server_version.CHECK, number + 1) == ["the server is too old"]
    assert server_version.CHECK.values == (150_000,)


async def test_searches_that_are_few_or_the_owners(database: Database) -> None:
    question = "select state_hash from q_values where state_data @> '{\"at\": 1}'"
    for url, times in ((database.url("ql_test-generator"), 9), (database.owner, 10)):
        async with connect(url) as searcher:
            for _ in range(times):
                await searcher.fetch(question)
    reads_statistics = f"pg_read_all_stats to {database.owner.username}"
    async with connect(database.superuser) as superuser:
        await superuser.execute(f"grant {reads_statistics}")
        try:
            assert await told(database, containment.CHECK) == []
            few = replace(containment.CHECK, calls=9)
            assert await told(database, few) == [
                '"ql_test-generator" searches q_values by @> itself'
            ]
        finally:
            await superuser.execute(f"revoke {reads_statistics.replace(' to ', ' from ')}")


async def test_an_agent_that_explores_has_no_single_action(database: Database) -> None:
    """A converged one takes one action nine times in ten, and the others now and then."""
    await run(
        database,
        "select upsert_q_value('quality-gate', n::text, to_jsonb(n), a, to_jsonb(a), 1)"
        " from generate_series(1, 30) as n, unnest('{up,down}'::text[]) as a;"
        "update q_values set visit_count = case action_hash when 'up' then 900 else 20 end",
    )
    assert await told(database, one_action.CHECK) == []
    await run(database, "update q_values set visit_count = 10 where action_hash = 'down'")
    assert len(await told(database, one_action.CHECK)) == 1
    await run(
        database,
        "update agent_types set action_space_dimensions = 1 where agent_type = 'quality-gate'",
    )
    assert await told(database, one_action.CHECK) == [], "there is but one action"


async def test_few_updates_tell_of_no_single_action(database: Database) -> None:
    await run(
        database,
        "select upsert_q_value('quality-gate', n::text, to_jsonb(n), 'a', '1', 1)"
        " from generate_series(1, 30) as n",
    )
    assert await told(database, one_action.CHECK) == []


@pytest.mark.parametrize(
    "row",
    [
        "select upsert_q_value('test-generator', 's', '1', 'a', '1', 1)",
        "insert into rewards (agent_type, state_hash, action_hash, reward_value)"
        " values ('test-generator', 's', 'a', 1)",
        "update agent_states set last_activity = now() - interval '8 days'",
        "update agent_states set total_tasks = 19",
    ],
)
async def test_episodes_that_are_counted_and_written(database: Database, row: str) -> None:
    await run(
        database,
        "insert into agent_states (agent_type, agent_instance_id, total_tasks,"
        " current_exploration_rate, current_learning_rate) values"
        " ('test-generator', 'i', 20, 0.1, 0.1)",
    )
    assert len(await told(database, nothing_written.CHECK)) == 1
    await run(database, row)
    assert await told(database, nothing_written.CHECK) == []


TOTALS = """
insert into agent_states (agent_type, agent_instance_id, total_tasks, initialized_at,
                          current_exploration_rate, current_learning_rate)
values ('test-generator', 'i', 41, now() - interval '1 day', 0.1, 0.1);
insert into trajectories (agent_type, task_id, initial_state, final_state, actions_taken,
                          states_visited, step_rewards, total_reward, discounted_reward,
                          execution_time_ms, success, started_at)
select 'test-generator', 't', '1', '1', '[1]', '[1]', '[1]', 1, 1, 1, true, now()
  from generate_series(1, 20)
"""


@pytest.mark.parametrize(
    "row",
    [
        "update agent_states set total_tasks = 40",
        "update agent_states set initialized_at = now() - interval '31 days'",
        "update agent_states set last_activity = now() - interval '8 days'",
        "delete from trajectories",
        "delete from agent_states",
    ],
)
async def test_totals_that_rows_bear_out(database: Database, row: str) -> None:
    await run(database, TOTALS)
    assert len(await told(database, episode_totals.CHECK)) == 1
    await run(database, row)
    assert await told(database, episode_totals.CHECK) == []


@pytest.mark.parametrize("fleet", ["LearningStore", "Hashed", "get_best_action", "adopted"])
async def test_pairs_that_look_ups_find(database: Database, fleet: str) -> None:
    """Of fleets that hash in one way, whichever that is."""
    async with create_pool(database.url("ql_test-generator")) as pool:
        store = LearningStore(pool, "test-generator", instance="i", actions=["up", "down"])
        odd = "select upsert_q_value('test-generator', 's' || n, to_jsonb(n), 'a', '1', 1)"
        odd += " from generate_series(1, 3) as n"
        if fleet == "LearningStore":
            await store.upsert({"n": 1.5}, "up", 1.0)
            await store.values({"n": 1.5})
        elif fleet == "Hashed":
            await store.upsert(Hashed("mine", 1), Hashed("own", 2), 1.0)
            await store.actions(Hashed("mine"))
        elif fleet == "get_best_action":
            await run(database, odd)
        else:
            await run(
                database,
                odd + ";update agent_types set hashing = 'original';"
                "insert into qlmodels_private.adopted_hashes select 'test-generator', 'state',"
                " encode(sha256(n::text::bytea), 'hex'), 's' || n from generate_series(1, 3) as n;"
                "insert into qlmodels_private.adopted_hashes values ('test-generator', 'action',"
                " encode(sha256('1'), 'hex'), 'a')",
            )
            assert len(await store.actions(2)) == 1
        await store.heartbeat()
        assert await told(database, unfound_pairs.CHECK) == []
        if fleet == "LearningStore":
            await run(database, odd)
            assert len(await told(database, unfound_pairs.CHECK)) == 2


async def test_functions_that_clients_find(database: Database) -> None:
    assert await told(database, moved_functions.CHECK) == []
    await run(
        database,
        "insert into qlmodels_private.adoptions (agent_type) values ('test-generator');"
        f"alter database {database.name} set search_path = public, extensions",
    )
    there = "select count(*) from pg_available_extensions where name = 'uuid-ossp'"
    async with connect(database.owner) as owner:
        ossp = await owner.fetchval(there)
    gone = ["uuid_generate_v4() is not found"] if ossp else []
    assert await told(database, moved_functions.CHECK) == gone


async def test_documents_under_one_hash_each(database: Database) -> None:
    """The same document of two agent types, and many states with the same actions."""
    await run(
        database,
        "select upsert_q_value(kind, n::text, to_jsonb(n), a, to_jsonb(a), 1)"
        " from unnest('{quality-gate,test-generator}'::text[]) as kind,"
        " generate_series(1, 5) as n, unnest('{up,down}'::text[]) as a",
    )
    assert await told(database, hashes.CHECK) == []
    await run(
        database,
        "select upsert_q_value('quality-gate', 's', '1', 'another hash', '\"up\"', 1)",
    )
    assert await told(database, hashes.CHECK) == [
        "1 documents of quality-gate are stored under more than one action hash",
        "1 documents of quality-gate are stored under more than one state hash",
    ]

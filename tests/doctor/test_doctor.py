"""Each check sees a real database that is broken in its way, and a whole one has no finding."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from qlmodels.connection import connect
from qlmodels.doctor import CHECKS, Finding, diagnose, diagnose_from_panel
from qlmodels.doctor.check import Check, CheckContext, SqlCheck, query
from qlmodels.doctor.checks import (
    actions,
    autovacuum,
    bloat,
    connections,
    containment,
    dead_rows,
    drift,
    episode_totals,
    extension_schema,
    extensions,
    hashes,
    identity,
    invalid_indexes,
    learning,
    logins,
    long_transactions,
    missing_indexes,
    moved_functions,
    nothing_written,
    one_action,
    panel_login,
    plans,
    pooler,
    privileges,
    publication,
    retention,
    row_security,
    server_version,
    statement_caches,
    strangers,
    temporary_tables,
    tls,
    undeclared_access,
    unfound_pairs,
    unused_indexes,
)
from tests.conftest import PASSWORD, Database
from tests.support.pgbouncer import pgbouncer

pytestmark = pytest.mark.newest_first

MANY_PAIRS = """
set session_replication_role = replica;  -- unlogged by the audit
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data)
select 'test-generator', md5(n::text), jsonb_build_object('n', n), 'a', '{}'
  from generate_series(1, 20000) as n;
reset session_replication_role;
analyze q_values
"""


@dataclass(frozen=True)
class Broken:
    """`breaks` runs as the superuser, `mends` afterwards, for what the whole server shares."""

    check: Check
    breaks: str
    what: str
    mends: str = "select"


def with_values(check: SqlCheck, *values: Any) -> SqlCheck:
    """The check with other thresholds than a test could reach."""
    return replace(check, values=values)


BROKEN = {
    "server version": Broken(with_values(server_version.CHECK, 990_000), "select", "too old"),
    "extension": Broken(extensions.CHECK, "drop extension pg_trgm", "extension pg_trgm is missing"),
    "row security off": Broken(
        row_security.CHECK,
        "alter table q_values disable row level security",
        "row-level security of q_values is off",
    ),
    "row security not forced": Broken(
        row_security.CHECK,
        "alter table patterns no force row level security",
        "row-level security of patterns is not forced",
    ),
    "login without agent type": Broken(
        strangers.CHECK,
        "create role ql_nobody login in role qlmodels_agent",
        "login ql_nobody speaks for an agent type that is not there",
        "drop role ql_nobody",
    ),
    "login with rights": Broken(
        logins.CHECK,
        'create role "ql_code-complexity" login createrole in role qlmodels_agent',
        'login "ql_code-complexity" has rights',
        'drop role "ql_code-complexity"',
    ),
    **{
        f"login with {right}": Broken(
            logins.CHECK,
            f'create role "ql_code-complexity" login {right} in role qlmodels_agent',
            'login "ql_code-complexity" has rights that no agent, orchestrator or panel needs',
            'drop role "ql_code-complexity"',
        )
        for right in ("superuser", "bypassrls")
    },
    "panel's login with rights": Broken(
        logins.CHECK,
        "create role qlpanel_two login bypassrls in role qlmodels_panel",
        "login qlpanel_two has rights",
        "drop role qlpanel_two",
    ),
    "login of a foreign group": Broken(
        logins.CHECK,
        "create role accountants;create role qlfleet_two login in role qlmodels_fleet, accountants",
        "login qlfleet_two is a member of accountants",
        "drop role qlfleet_two; drop role accountants",
    ),
    "login of two groups": Broken(
        logins.CHECK,
        'create role "ql_code-complexity" login in role qlmodels_agent, qlmodels_panel',
        'login "ql_code-complexity" is a member of qlmodels_panel',
        'drop role "ql_code-complexity"',
    ),
    "temporary tables": Broken(
        temporary_tables.CHECK,
        "do $$ begin execute format('grant temporary on database %I to public',"
        " current_database()); end $$",
        "everybody (PUBLIC) may make temporary tables in database",
    ),
    "privileges of anon": Broken(
        privileges.CHECK, "grant select on q_values to anon", "anon may select on q_values"
    ),
    "privileges of everybody": Broken(
        privileges.CHECK, "grant insert on rewards to public", "may insert on rewards"
    ),
    "stray policy": Broken(
        undeclared_access.CHECK,
        "create policy stray on patterns using (agent_type = current_setting('app.agent_type'))",
        "policy stray on patterns, for public",
    ),
    "stray privilege": Broken(
        undeclared_access.CHECK,
        "grant truncate on sessions to qlmodels_agent",
        "qlmodels_agent may truncate on sessions",
    ),
    "stray privilege on columns": Broken(
        undeclared_access.CHECK,
        "grant select (q_value), update (q_value, state_hash) on q_values to public",
        "public may select, update on columns of q_values",
    ),
    "stray view": Broken(
        undeclared_access.CHECK,
        "create view seen as select * from rewards; grant select on seen to public",
        "view seen reads rewards",
    ),
    "stray function": Broken(
        undeclared_access.CHECK,
        "create function leak() returns bigint language sql security definer"
        " as 'select count(*) from public.q_values';",
        "function leak() reads or writes tables of ours",
    ),
    "missing index": Broken(
        missing_indexes.CHECK,
        "drop index ix_q_values_state_data",
        "index ix_q_values_state_data is missing",
    ),
    "invalid index": Broken(
        invalid_indexes.CHECK,
        "update pg_index set indisvalid = false"
        " where indexrelid = 'ix_q_values_session_id'::regclass",
        "index ix_q_values_session_id is invalid",
    ),
    "unused index": Broken(
        with_values(unused_indexes.CHECK, 0, 0),
        f"create index mine on q_values (last_updated); {MANY_PAIRS}",
        "index mine is never used",
    ),
    "plan of the best action": Broken(
        plans.CHECK,
        f"alter table q_values drop constraint uq_q_values_pair; drop index ix_q_values_state_data,"
        f" ix_q_values_session_id, ix_q_values_action_data; {MANY_PAIRS}",
        "the best action of a state reads the whole",
    ),
    "connections taken": Broken(
        with_values(connections.CHECK, 0.0), "select", "connections are taken"
    ),
    "connections unlimited": Broken(
        connections.CHECK,
        'create role "ql_code-complexity" login in role qlmodels_agent',
        "may take more connections",
        'drop role "ql_code-complexity"',
    ),
    "dead rows": Broken(
        with_values(dead_rows.CHECK, 1000, 0.1),
        "alter table q_values set (autovacuum_enabled = off);"
        f"{MANY_PAIRS}; update q_values set metadata = '1'",
        "of q_values is dead rows",
    ),
    "bloat": Broken(
        with_values(bloat.CHECK, 0, 0.5),
        f"{MANY_PAIRS}; set session_replication_role = replica;"
        "delete from q_values where q_value_id % 10 <> 0; reset session_replication_role;"
        "analyze q_values",
        "of q_values is empty",
    ),
    "extension in public": Broken(
        extension_schema.CHECK,
        "alter extension pg_trgm set schema public",
        "extension pg_trgm lies in schema public",
    ),
    "autovacuum": Broken(
        autovacuum.CHECK,
        "alter table rewards set (autovacuum_enabled = off)",
        "autovacuum of rewards is off",
    ),
    "retention": Broken(
        retention.CHECK,
        "select upsert_q_value('test-generator', 's', '1', 'a', '1', 1);"
        "update q_values set expires_at = now() - interval '1 day',"
        " last_updated = now() - interval '60 days'",
        "1 rows of q_values expired and are still there",
    ),
    "retention of rewards": Broken(
        retention.CHECK,
        "insert into sessions (agent_type) values ('test-generator');"
        "insert into rewards (agent_type, session_id, state_hash, action_hash, reward_value,"
        " reward_type, observed_at) select agent_type, session_id, 's', 'a', 1, 'immediate',"
        " now() - interval '40 days' from sessions",
        "1 rows of rewards expired and are still there",
    ),
    "retention of sessions": Broken(
        retention.CHECK,
        "set session_replication_role = replica;  -- or updated_at would be now\n"
        "insert into sessions (agent_type, start_time, updated_at)"
        " values ('test-generator', now() - interval '40 days', now() - interval '40 days');"
        "reset session_replication_role",
        "1 rows of sessions expired and are still there",
    ),
    "publication": Broken(
        publication.CHECK, "create publication supabase_realtime", "does not carry agent_states"
    ),
    "learned, never read": Broken(
        learning.CHECK,
        "select upsert_q_value('test-generator', 's', '1', 'a', '1', 1);"
        "insert into agent_states (agent_type, agent_instance_id, total_tasks,"
        " current_exploration_rate, current_learning_rate) values"
        " ('test-generator', 'i', 200, 0.1, 0.1)",
        "test-generator learns values, and no look-up of them was counted",
    ),
    "asked, never learned": Broken(
        learning.CHECK,
        "insert into agent_states (agent_type, agent_instance_id, lookups,"
        " current_exploration_rate, current_learning_rate) values"
        " ('test-generator', 'i', 200, 0.1, 0.1)",
        "test-generator looks up states that were never learned",
    ),
    "more actions than were learned of": Broken(
        actions.CHECK,
        "select upsert_q_value('quality-gate', s, to_jsonb(s), a, to_jsonb(a), 1)"
        " from unnest('{s,t}'::text[]) as s, unnest('{a,b,c}'::text[]) as a",
        "quality-gate is said to have 4 actions and learned of 3",
    ),
    "one action for all": Broken(
        one_action.CHECK,
        "select upsert_q_value('quality-gate', n::text, to_jsonb(n), 'a', '\"unknown\"', 1)"
        " from generate_series(1, 30) as n;"
        "update q_values set visit_count = 100;"
        "select upsert_q_value('quality-gate', '1', '1', 'b', '\"up\"', 1)",
        "quality-gate updates one action in nearly every state",
    ),
    "reported and not written": Broken(
        nothing_written.CHECK,
        "insert into agent_states (agent_type, agent_instance_id, total_tasks,"
        " current_exploration_rate, current_learning_rate) values"
        " ('test-generator', 'i', 20, 0.1, 0.1)",
        "test-generator reports episodes and writes nothing",
    ),
    "one document, two hashes": Broken(
        hashes.CHECK,
        "select upsert_q_value('quality-gate', hash, '{\"at\": 1}', 'a', '1', 1)"
        " from unnest('{one,two}'::text[]) as hash",
        "1 documents of quality-gate are stored under more than one state hash",
    ),
    "pairs that look-ups miss": Broken(
        unfound_pairs.CHECK,
        "select upsert_q_value('quality-gate', 's' || n, to_jsonb(n), 'a', '1', 1)"
        " from generate_series(1, 3) as n;"
        "insert into agent_states (agent_type, agent_instance_id, lookups,"
        " current_exploration_rate, current_learning_rate)"
        " values ('quality-gate', 'i', 5, 0.1, 0.1)",
        "3 of 3 pairs of quality-gate have a state hash that no look-up makes",
    ),
    "totals from memory": Broken(
        episode_totals.CHECK,
        "insert into agent_states (agent_type, agent_instance_id, total_tasks, initialized_at,"
        " current_exploration_rate, current_learning_rate)"
        " values ('test-generator', 'i', 3, now() - interval '1 day', 0.1, 0.1);"
        "insert into trajectories (agent_type, task_id, initial_state, final_state, actions_taken,"
        " states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms,"
        " success, started_at)"
        " select 'test-generator', 't', '1', '1', '[1]', '[1]', '[1]', 1, 1, 1, true, now()"
        " from generate_series(1, 20)",
        "test-generator reports other totals than it records",
    ),
    "functions that moved": Broken(
        moved_functions.CHECK,
        "insert into qlmodels_private.adoptions (agent_type) values ('test-generator')",
        "similarity() and % lie in another schema",
    ),
    "drift": Broken(
        drift.CHECK, "alter table sessions add column mine int", "the database differs"
    ),
    "old revision": Broken(
        drift.CHECK,
        "delete from qlmodels_private.alembic_version",
        "the schema is at revision base",
    ),
}


async def examine(database: Database, check: Check, by: URL | None = None) -> list[Finding]:
    url = by or database.owner
    async with connect(url) as connection:
        return await check.findings(CheckContext(url, connection))


@asynccontextmanager
async def broken(database: Database, broken: Broken) -> AsyncIterator[None]:
    async with connect(database.superuser) as superuser:
        await superuser.execute(broken.breaks)
        try:
            yield
        finally:
            await superuser.execute(broken.mends)


def whole(found: Sequence[Finding]) -> None:
    for finding in found:
        assert all([finding.what, finding.evidence, finding.why, finding.fix])


@pytest.mark.parametrize("case", BROKEN)
async def test_what_is_broken_is_found(database: Database, case: str) -> None:
    described = BROKEN[case]
    async with broken(database, described):
        found = await examine(database, described.check)
        whole(found)
        assert any(described.what in finding.what for finding in found), found
        assert {finding.check for finding in found} == {described.check.name}
        if not described.check.needs_owner and described.check is not drift.CHECK:
            by_panel = await examine(database, described.check, database.url("qlpanel_test"))
            assert [finding.what for finding in by_panel] == [finding.what for finding in found]


async def test_a_whole_database_has_no_finding(database: Database) -> None:
    found = await diagnose(database.owner, database.url("qlpanel_test"))
    # other tests' databases on this server have agent types of their own
    assert [f for f in found if f.check != "strangers" and f.level != "skipped"] == []
    hidden, other = [finding for finding in found if finding.level == "skipped"]
    assert {hidden.check, other.check} == {"long_transactions", "containment"}
    assert hidden.fix == other.fix
    async with connect(database.superuser) as superuser:
        await superuser.execute(hidden.fix)
        try:
            assert await examine(database, long_transactions.CHECK) == []
        finally:
            await superuser.execute(hidden.fix.replace("grant", "revoke").replace(" to ", " from "))


async def test_what_the_panel_cannot_tell_is_said(database: Database) -> None:
    panel = database.url("qlpanel_test")

    async def skipped() -> dict[str, str]:
        found = await diagnose_from_panel(panel)
        whole(found)
        refused = [finding for finding in found if finding.level == "skipped"]
        told = {finding.check for finding in found if finding not in refused}
        assert told - {"drift"} <= {"strangers"}
        return {finding.check: finding.evidence for finding in refused}

    needy = {check.name for check in CHECKS if check.needs_owner}
    assert (await skipped()).keys() == needy
    async with connect(database.owner) as owner:
        # of which the panel's login is a member too before Postgres 16
        await owner.execute("revoke select on rewards from qlmodels_panel, qlmodels_fleet")
    refused = await skipped()
    assert refused.keys() == needy | {"retention", "bloat", "nothing_written"}
    assert refused["retention"] == "permission denied for table rewards"


async def test_a_panel_that_reaches_nothing_has_checked_nothing(database: Database) -> None:
    found = await diagnose_from_panel(database.url("qlpanel_test").set(password="wrong"))
    assert found[0].check == "reachability"
    assert {finding.check for finding in found[1:]} == {check.name for check in CHECKS}
    assert {finding.level for finding in found[1:]} == {"skipped"}


BREAKS_QUERIES = {
    "retention": "alter view qlmodels.expiring_rewards rename to expiring",
    "learning": "alter table agent_states rename to states_of_agents",
}


@pytest.mark.parametrize("case", BREAKS_QUERIES)
async def test_a_check_that_fails_is_one_finding_and_the_others_are_asked(
    database: Database, case: str
) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(BREAKS_QUERIES[case])
        await owner.execute("alter table q_values disable row level security")
    asked: list[int] = []
    for found in (
        await diagnose(database.owner, on_check=asked.append),
        await diagnose_from_panel(database.url("qlpanel_test")),
    ):
        [failed] = [finding for finding in found if finding.check == case]
        assert failed.level == "error"
        assert failed.what.startswith(f"{case} could not be checked: ")
        assert "does not exist" in failed.what
        assert "\n" not in failed.what + failed.evidence
        assert {"row_security", "drift"} <= {finding.check for finding in found}
    assert len(asked) == len(CHECKS)


async def test_a_check_that_the_login_may_not_ask_is_skipped(database: Database) -> None:
    async with connect(database.superuser) as superuser:
        await superuser.execute("revoke select on pg_catalog.pg_stat_activity from public")
    found = await diagnose(database.owner)
    refused = {it.check: it.evidence for it in found if it.level == "skipped"}
    assert refused["connections"] == "permission denied for view pg_stat_activity"
    errors = {it.check: it.evidence for it in found if it.level == "error"}
    assert errors.keys() <= {"strangers"}, errors


async def test_another_login_than_the_owner_is_told_the_owner(
    database: Database, environment: dict[str, str], folder: Path
) -> None:
    owner = database.owner.username
    [drifted] = [it for it in await diagnose(database.superuser) if it.check == "drift"]
    assert drifted.level == "skipped"
    assert f"connect as {owner}, who owns the schema" in drifted.evidence
    url = database.superuser.set(drivername="postgresql").render_as_string(hide_password=False)
    checked = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "qlmodels", "check"],
        cwd=folder,
        text=True,
        capture_output=True,
        env=environment | {"DATABASE_URL": url},
    )
    assert checked.returncode == 1
    assert checked.stdout == ""
    assert checked.stderr.splitlines() == [
        f"qlmodels: Login {database.superuser.username} does not own the schema:"
        f" connect as {owner}, who owns the schema."
    ]


async def test_connections_of_others_count(database: Database) -> None:
    """Though the owner is not told what kind of process they are."""
    async with connect(database.superuser):
        found = await examine(database, with_values(connections.CHECK, 0.0))
    assert int(found[0].what.split()[0]) >= 2


async def test_what_a_finding_tells_to_run_mends_it(database: Database) -> None:
    """Where it is SQL for the owner."""
    for case in (
        "row security off",
        "extension",
        "privileges of anon",
        "autovacuum",
        "retention",
        "stray policy",
        "stray privilege",
        "stray view",
        "stray function",
    ):
        async with connect(database.superuser) as superuser:
            await superuser.execute(BROKEN[case].breaks)
        found = await examine(database, BROKEN[case].check)
        async with connect(database.superuser) as superuser:
            for finding in found:
                assert finding.fix.endswith(";")
                await superuser.execute(finding.fix)
        assert await examine(database, BROKEN[case].check) == []


async def test_a_long_transaction(database: Database) -> None:
    async with connect(database.owner) as other, other.transaction():
        await other.execute("select txid_current()")
        found = await examine(database, long_transactions.CHECK)
        assert [finding.level for finding in found] == ["skipped"]
        found = await examine(database, replace(long_transactions.CHECK, minutes=0))
    assert found[0].what.startswith("a transaction of")


async def test_a_quarter_of_an_hour_is_long(database: Database) -> None:
    """Asked of transactions of known age, in place of those that there are."""
    asked = query("long_transactions").replace("pg_catalog.pg_stat_activity", "pg_temp.activity")
    async with connect(database.superuser) as superuser:
        await superuser.execute(
            "create temporary table activity as select * from pg_stat_activity where false"
        )
        for name, minutes in (("young", 1), ("still young", 14), ("old", 16), ("older", 61)):
            await superuser.execute(
                "insert into activity (backend_type, datname, pid, usename, state, xact_start)"
                " values ('client backend', current_database(), 1, $1, 'active',"
                " now() - make_interval(mins => $2))",
                name,
                minutes,
            )
        found = await superuser.fetch(asked, long_transactions.CHECK.minutes)
    assert [row["what"] for row in found] == [
        "a transaction of older has been open for 01:01:00",
        "a transaction of old has been open for 00:16:00",
    ]


async def test_an_owner_that_sees_nothing(database: Database) -> None:
    owner = database.owner.username
    async with broken(
        database,
        Broken(
            identity.CHECK,
            f"create role blind login password '{PASSWORD}';"
            "grant usage on schema public, qlmodels to blind",
            "",
            "revoke usage on schema public, qlmodels from blind; drop role blind",
        ),
    ):
        blind = database.owner.set(username="blind", password=PASSWORD)
        async with connect(blind) as connection:
            found = await identity.CHECK.findings(CheckContext(blind, connection))
    assert owner != "blind"
    assert found[0].fix == "grant qlmodels_definer to blind;"


async def test_a_pooler_that_nobody_told_of(database: Database) -> None:
    passwords = {str(database.owner.username): str(database.owner.password)}
    with pgbouncer(database.server, passwords) as port:
        url = database.owner.set(port=port)
        async with connect(url, pooler="transaction") as owner:
            found = await pooler.CHECK.findings(CheckContext(url, owner))
    assert found[0].fix == "export QLMODELS_POOLER=transaction"
    assert await examine(database, pooler.CHECK) == []


async def test_statements_that_others_leave_behind_a_pooler(database: Database) -> None:
    passwords = {str(database.owner.username): str(database.owner.password)}
    with pgbouncer(database.server, passwords) as port:
        url = database.owner.set(port=port)

        async def examined() -> list[Finding]:
            async with connect(url, pooler="transaction") as owner:
                told = url.set(port=6543)  # which says what it is
                return await statement_caches.CHECK.findings(CheckContext(told, owner))

        assert await examined() == []
        async with connect(url, pooler="none") as careless:
            await careless.fetch("select $1::int", 1)
        found = await examined()
    assert "prepared statements of other clients" in found[0].what
    assert "statement_cache_size=0" in found[0].fix
    assert await examine(database, statement_caches.CHECK) == []


async def test_an_agent_that_searches_by_itself(database: Database) -> None:
    """Who calls the function is not told of; an owner that may not know says that."""
    async with connect(database.url("ql_test-generator")) as agent:
        for _ in range(10):
            await agent.fetch("select * from find_states('{\"at\": 1}')")
        for _ in range(10):
            await agent.fetch("select state_hash from q_values where state_data @> '{\"at\": 1}'")
    [hidden] = await examine(database, containment.CHECK)
    assert hidden.level == "skipped"
    assert hidden.fix == f"grant pg_read_all_stats to {database.owner.username};"
    reads_statistics = f"pg_read_all_stats to {database.owner.username}"
    async with connect(database.superuser) as superuser:
        await superuser.execute(f"grant {reads_statistics}")
        [found] = await examine(database, containment.CHECK)
        await superuser.execute(f"revoke {reads_statistics.replace(' to ', ' from ')}")
    assert found.what == '"ql_test-generator" searches q_values by @> itself'
    assert "find_states" in found.fix


async def test_as_many_actions_as_there_are_said_to_be(database: Database) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(
            "select upsert_q_value('quality-gate', 's', '1', a, to_jsonb(a), 1)"
            " from unnest('{a,b,c,d}'::text[]) as a"
        )
        await owner.execute("select upsert_q_value('test-executor', 's', '1', 'a', '1', 1)")
        await owner.execute(
            "update agent_types set action_space_dimensions = null"
            " where agent_type = 'test-executor'"
        )
    assert await examine(database, actions.CHECK) == []


async def test_a_panel_that_sees_nothing_or_too_much(database: Database) -> None:
    async with connect(database.owner) as owner:

        async def found(panel: URL | None) -> list[str]:
            context = CheckContext(database.owner, owner, panel)
            return [finding.what for finding in await panel_login.CHECK.findings(context)]

        assert await found(None) == []
        assert await found(database.url("qlpanel_test")) == []
        assert "does not see the rows" in (await found(database.url("ql_test-generator")))[0]
        assert "passes by row-level security" in (await found(database.superuser))[0]


async def test_a_connection_that_is_not_encrypted(database: Database) -> None:
    """The server has no TLS; only on the way to another machine does that matter."""
    elsewhere = database.owner.set(host="db.example")
    async with connect(database.owner) as owner:
        found = await tls.CHECK.findings(CheckContext(elsewhere, owner))
        assert await tls.CHECK.findings(CheckContext(database.owner, owner)) == []
    assert found[0].what == "the connection to db.example is not encrypted"


async def test_what_cannot_be_reached(database: Database) -> None:
    wrong = database.owner.set(password="wrong")
    found = await diagnose(wrong)
    assert [finding.check for finding in found] == ["reachability"]
    assert "wrong" not in json.dumps([finding.document() for finding in found])
    found = await diagnose(database.owner, database.url("qlpanel_test").set(password="wrong"))
    assert found[0].why.startswith("QLMODELS_PANEL_URL")


@pytest.mark.one_major
async def test_the_command(database: Database, environment: dict[str, str], folder: Path) -> None:
    url = database.owner.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [sys.executable, "-m", "qlmodels", "doctor"]

    async def doctor(*options: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(
            subprocess.run,
            [*command, *options],
            cwd=folder,
            text=True,
            capture_output=True,
            env=environment | {"DATABASE_URL": url},
        )

    well = await doctor()
    assert well.returncode == 0
    assert "error" not in well.stdout
    async with connect(database.superuser) as superuser:
        await superuser.execute(BROKEN["row security off"].breaks)
    ill = await doctor("--json")
    assert ill.returncode == 1
    found = [found for found in json.loads(ill.stdout) if found["level"] != "skipped"]
    checks = {finding["check"] for finding in found}
    assert checks - {"strangers"} == {"row_security", "drift"}
    told = await doctor()
    assert "alter table public.q_values enable row level security" in told.stdout


def test_each_check_has_a_test() -> None:
    tried = {case.check.name for case in BROKEN.values()} | {
        "containment",
        "identity",
        "long_transactions",
        "panel_login",
        "pooler",
        "statement_caches",
        "tls",
    }
    assert {check.name for check in CHECKS} == tried

"""What the audit log keeps of whose changes, and that nobody rewrites it."""

import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from qlmodels.connection import connect
from tests.conftest import Database

pytestmark = pytest.mark.newest_first

AGENT = "test-generator"
LOG = "qlmodels_private.audit_log"


@pytest_asyncio.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    async with connect(database.owner) as connection:
        await connection.execute(
            f"select set_config('test.start', coalesce(max(entry_id), 0)::text, false) from {LOG}"
        )
        yield connection


@pytest_asyncio.fixture
async def panel(database: Database) -> AsyncIterator[asyncpg.Connection]:
    async with connect(database.url("qlpanel_test")) as connection:
        yield connection


@pytest_asyncio.fixture
async def agent(database: Database) -> AsyncIterator[asyncpg.Connection]:
    async with connect(database.url(f"ql_{AGENT}")) as connection:
        yield connection


NEW = f"{LOG} where entry_id > current_setting('test.start')::bigint"
"""What was logged since the owner connected: migrations and logins are logged too."""


async def entries(owner: asyncpg.Connection, **where: Any) -> list[dict[str, Any]]:
    found = await owner.fetch(f"select * from {NEW} order by entry_id")
    decoded = [
        {
            name: json.loads(value) if name in DOCUMENTS and value else value
            for name, value in row.items()
        }
        for row in found
    ]
    return [row for row in decoded if all(row[name] == value for name, value in where.items())]


DOCUMENTS = {"row_key", "old_values", "new_values"}


async def upsert(connection: asyncpg.Connection, value: float = 1.5, state: str = "s") -> int:
    found: Any = await connection.fetchval(
        "select upsert_q_value($1, $2, '{\"a\": 1}', 'h', '{}', $3)", AGENT, state, value
    )
    return int(found)


# -- whose changes -----------------------------------------------------------------------------


async def test_a_panel_users_change_is_kept_with_who_and_what(
    panel: asyncpg.Connection, owner: asyncpg.Connection, agent: asyncpg.Connection
) -> None:
    pair = await upsert(agent)
    async with panel.transaction():
        await panel.execute(
            "select set_config('app.panel_user', 'ada', true), "
            "set_config('app.panel_note', 'by hand', true)"
        )
        await panel.execute(
            "update q_values set q_value = 0.1::float8 + 0.2, td_error = 0.25, metadata = null "
            "where q_value_id = $1",
            pair,
        )
        number = await panel.fetchval("select pg_current_xact_id()::text::bigint")
    [entry] = await entries(owner)
    assert (entry["login"], entry["panel_user"], entry["note"]) == (
        "qlpanel_test",
        "ada",
        "by hand",
    )
    assert (entry["table_name"], entry["operation"]) == ("q_values", "update")
    assert entry["row_key"] == {"agent_type": AGENT, "q_value_id": pair}
    assert entry["old_values"] == {"q_value": 1.5, "metadata": {}}
    assert entry["new_values"] == {"q_value": 0.30000000000000004, "td_error": 0.25}
    assert entry["transaction_id"] == number
    assert entry["changed_at"].tzinfo is not None


async def test_agents_own_writes_are_left_out(
    database: Database, owner: asyncpg.Connection, agent: asyncpg.Connection
) -> None:
    await upsert(agent)
    await upsert(agent, 2)
    session = await agent.fetchval(
        "insert into sessions (agent_type) values ($1) returning session_id", AGENT
    )
    await agent.execute(
        "insert into rewards (agent_type, session_id, state_hash, action_hash, reward_value) "
        "values ($1, $2, 's', 'a', 1)",
        AGENT,
        session,
    )
    assert (
        await agent.fetchval("select delete_rows('sessions', array[$1::text])", str(session)) == 1
    )
    async with connect(database.url("qlfleet_test")) as fleet, fleet.transaction():
        await fleet.execute("select qlmodels.act_as($1)", AGENT)
        await upsert(fleet)
    async with connect(database.superuser) as superuser, superuser.transaction():
        await superuser.execute("create role api_test login noinherit")
        await superuser.execute("grant authenticated, service_role to api_test")
        await superuser.execute("set session authorization api_test; set role authenticated")
        await superuser.execute(
            "select set_config('request.jwt.claims', $1, true)",
            json.dumps({"app_metadata": {"agent_type": AGENT}}),
        )
        await upsert(superuser)
        assert await owner.fetchval(f"select count(*) from {NEW}") == 0
        await superuser.execute("set role service_role")
        await superuser.execute("update q_values set q_value = 3")
        await superuser.execute("reset role; reset session authorization")
        last = f"select login from {LOG} order by entry_id desc limit 1"
        assert await superuser.fetchval(last) == "api_test"
        await superuser.execute("drop owned by api_test; drop role api_test")


async def test_only_the_panels_login_can_name_a_panel_user(
    owner: asyncpg.Connection, agent: asyncpg.Connection
) -> None:
    async with owner.transaction():
        await owner.execute("select set_config('app.panel_user', 'ada', true)")
        await owner.execute(
            "update agent_types set retention_days = 7 where agent_type = $1", AGENT
        )
    [entry] = await entries(owner)
    assert (entry["login"], entry["panel_user"]) == ("qlmodels_owner", None)


async def test_a_cascade_is_kept_row_by_row(
    panel: asyncpg.Connection, owner: asyncpg.Connection, agent: asyncpg.Connection
) -> None:
    session = await agent.fetchval(
        "insert into sessions (agent_type) values ($1) returning session_id", AGENT
    )
    pair = await upsert(agent)
    await panel.execute("update q_values set session_id = $1", session)
    for _ in range(2):
        await agent.execute(
            "insert into rewards (agent_type, session_id, state_hash, action_hash, reward_value) "
            "values ($1, $2, 's', 'a', 1)",
            AGENT,
            session,
        )
    async with panel.transaction():
        await panel.execute("select set_config('app.panel_user', 'ada', true)")
        await panel.execute("delete from sessions where session_id = $1", session)
    deleted = await entries(owner, operation="delete")
    assert [entry["table_name"] for entry in deleted] == ["sessions", "rewards", "rewards"]
    assert {entry["panel_user"] for entry in deleted} == {"ada"}
    assert deleted[0]["old_values"]["session_id"] == str(session)
    unset = (await entries(owner, operation="update"))[-1]
    assert unset["row_key"]["q_value_id"] == pair
    assert (unset["old_values"], unset["new_values"]) == ({"session_id": str(session)}, {})


async def test_retention_is_no_persons_change(
    owner: asyncpg.Connection, agent: asyncpg.Connection
) -> None:
    episode = await agent.fetchval(
        "insert into trajectories (agent_type, task_id, initial_state, final_state, "
        "actions_taken, states_visited, step_rewards, success, total_reward, discounted_reward, "
        "execution_time_ms, started_at, completed_at, expires_at) values ($1, 't', '{}', '{}', "
        "'[]', '[]', '[]', true, 1, 1, 1, now(), now(), now() - interval '1 day') "
        "returning trajectory_id",
        AGENT,
    )
    await agent.execute(
        "insert into rewards (agent_type, trajectory_id, state_hash, action_hash, reward_value) "
        "values ($1, $2, 's', 'a', 1)",
        AGENT,
        episode,
    )
    counts = dict(await owner.fetch("select * from cleanup_expired_data()"))
    assert counts["trajectories"] == 1
    assert await owner.fetchval("select count(*) from rewards") == 0
    assert await entries(owner) == []


async def test_grants_users_and_links_are_kept_without_secrets(owner: asyncpg.Connection) -> None:
    users = "qlmodels_admin.users"
    await owner.execute(f"insert into {users} (name, role) values ('ada', 'viewer')")
    await owner.execute(f"update {users} set signed_in_at = now()")
    await owner.execute(f"update {users} set role = 'editor', password_hash = 'argon'")
    await owner.execute(
        "insert into qlmodels_private.fleet_grants (login, agent_type) values ('qlfleet_x', $1)",
        AGENT,
    )
    assert [(entry["table_name"], entry["operation"]) for entry in await entries(owner)] == [
        (users, "insert"),
        (users, "update"),
        ("qlmodels_private.fleet_grants", "insert"),
    ]
    entry = (await entries(owner))[1]
    assert entry["old_values"] == {"role": "viewer"}
    assert entry["new_values"] == {"role": "editor", "password_hash": "secret"}
    await owner.execute(f"update {users} set password_hash = 'argon 2'")
    await owner.execute(f"update {users} set password_hash = null")
    await owner.execute(f"update {users} set password_hash = 'argon 3'")
    await owner.execute(f"delete from {users}")
    hidden = [
        [(entry[side] or {}).get("password_hash") for side in ("old_values", "new_values")]
        for entry in (await entries(owner))[3:]
    ]
    assert hidden == [["secret", "secret"], ["secret", None], [None, "secret"], ["secret", None]]
    text = await owner.fetchval(f"select string_agg(entry::text, ' ') from {LOG} as entry")
    assert "argon" not in str(text)


async def test_a_table_that_is_emptied_is_told(owner: asyncpg.Connection) -> None:
    await owner.execute("truncate rewards")
    [entry] = await entries(owner)
    assert (entry["table_name"], entry["operation"], entry["row_key"]) == (
        "rewards",
        "truncate",
        None,
    )


# -- how exactly -------------------------------------------------------------------------------


async def test_null_and_the_document_null_stay_apart(
    panel: asyncpg.Connection, owner: asyncpg.Connection, agent: asyncpg.Connection
) -> None:
    await upsert(agent)
    await panel.execute("update q_values set metadata = 'null'")
    await panel.execute("update q_values set metadata = null")
    changes = [(entry["old_values"], entry["new_values"]) for entry in await entries(owner)]
    assert changes == [({"metadata": {}}, {"metadata": None}), ({"metadata": None}, {})]


@pytest.mark.parametrize("digits", ["1.10", "123456789012345678901234567890", "1e300", "0.1e-50"])
async def test_numbers_keep_every_digit(
    panel: asyncpg.Connection, owner: asyncpg.Connection, agent: asyncpg.Connection, digits: str
) -> None:
    await upsert(agent)
    await panel.execute("set extra_float_digits = -15; set timezone = 'Asia/Kathmandu'")
    await panel.execute(
        "update q_values set action_data = $1::text::jsonb, q_value = 1e23, td_error = 1/3::float8",
        digits,
    )
    await panel.execute("update q_values set expires_at = '2030-01-02 03:04:05.123456+00'")
    new = await owner.fetchval(
        f"select (new_values -> 'action_data')::text from {NEW} order by entry_id"
    )
    assert new == await owner.fetchval("select $1::text::jsonb::text", digits)
    assert await owner.fetchval(
        f"select bool_and((new_values ->> 'td_error')::float8 = 1/3::float8) from {NEW}"
    )
    moments = await owner.fetch(f"select new_values ->> 'expires_at' from {NEW} order by entry_id")
    assert moments[-1][0] == "2030-01-02T03:04:05.123456+00:00"


async def test_a_change_of_digits_alone_is_a_change(
    panel: asyncpg.Connection, owner: asyncpg.Connection, agent: asyncpg.Connection
) -> None:
    await upsert(agent)
    await panel.execute("update q_values set action_data = '1.0'")
    await panel.execute("update q_values set action_data = '1.00'")
    await panel.execute("update q_values set action_data = '1.00'")
    assert len(await entries(owner)) == 2


# -- append-only -------------------------------------------------------------------------------

REWRITES = [
    f"update {LOG} set panel_user = 'eve'",
    f"delete from {LOG}",
    f"truncate {LOG}",
]


@pytest.mark.parametrize("rewrite", REWRITES)
async def test_nobody_rewrites_the_log(
    database: Database,
    panel: asyncpg.Connection,
    owner: asyncpg.Connection,
    agent: asyncpg.Connection,
    rewrite: str,
) -> None:
    await owner.execute("update agent_types set retention_days = 8 where agent_type = $1", AGENT)
    async with connect(database.superuser) as superuser:
        for connection in (panel, owner, agent, superuser):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(rewrite)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await owner.execute(rewrite)
    assert len(await entries(owner)) == 1


async def test_nobody_but_the_trigger_writes_the_log(
    panel: asyncpg.Connection, agent: asyncpg.Connection
) -> None:
    forged = (
        f"insert into {LOG} (changed_at, transaction_id, login, table_name, operation) "
        "values (now(), 1, 'eve', 'q_values', 'delete')"
    )
    for connection in (panel, agent):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(forged)
    for call in ("select qlmodels.record_change()", "set role qlmodels_definer"):
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.FeatureNotSupportedError)):
            await panel.execute(call)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await agent.execute(f"select * from {LOG}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await panel.execute("alter table q_values disable trigger record_change")


async def test_the_owner_prunes_what_is_old_and_that_is_told(
    database: Database, panel: asyncpg.Connection, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        f"insert into {LOG} (changed_at, transaction_id, login, table_name, operation) values "
        "(now() - interval '3 years', 1, 'x', 'q_values', 'delete'), "
        "(now() - interval '1 year', 2, 'x', 'q_values', 'delete')"
    )
    for young in ("1 day", "29 days 23 hours", None):
        with pytest.raises(asyncpg.InvalidParameterValueError, match="are kept"):
            await owner.fetchval(
                "select qlmodels_private.prune_audit_log($1::text::interval)", young
            )
    assert await owner.fetchval("select qlmodels_private.prune_audit_log('4 years')") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await owner.execute(f"truncate {LOG}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await panel.fetchval("select qlmodels_private.prune_audit_log('2 years')")
    assert await owner.fetchval("select qlmodels_private.prune_audit_log('2 years')") == 1
    left = await entries(owner)
    assert [entry["operation"] for entry in left] == ["delete", "prune", "prune"]
    assert left[-1]["note"] == "removed 1 entries older than 2 years"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await owner.execute(f"delete from {LOG}")


# -- what it costs -----------------------------------------------------------------------------


async def wal_of_upserts(superuser: asyncpg.Connection, agent: asyncpg.Connection) -> float:
    """Bytes of write-ahead log an upsert, once its page was written since the last checkpoint."""
    for value in range(20):
        await upsert(agent, value)
    start = await superuser.fetchval("select pg_current_wal_insert_lsn()")
    for value in range(200):
        await upsert(agent, value)
    end = await superuser.fetchval("select pg_current_wal_insert_lsn()")
    written: Any = await superuser.fetchval("select pg_wal_lsn_diff($1, $2)", end, start)
    return float(written) / 200


async def test_an_agents_upsert_writes_no_more_than_without_the_log(
    database: Database, agent: asyncpg.Connection
) -> None:
    async with connect(database.superuser) as superuser:
        audited = await wal_of_upserts(superuser, agent)
        await superuser.execute("alter table q_values disable trigger record_change")
        plain = await wal_of_upserts(superuser, agent)
    assert audited == pytest.approx(plain, rel=0.05)

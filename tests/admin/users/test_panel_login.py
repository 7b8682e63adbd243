"""What the panel's database login cannot do, whoever holds it; it can act as any panel user."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from qlmodels.connection import connect
from tests.conftest import Database

pytestmark = pytest.mark.one_major

LOG = "qlmodels_private.audit_log"
GRANTS = "qlmodels_private.fleet_grants"
AGENT = '"ql_test-generator"'

REFUSED = {
    "make a table": "create table public.mine (x int)",
    "make a temporary table": "create temporary table mine (x int)",
    "make a schema": "create schema mine",
    "make a function": "create function qlmodels.mine() returns int language sql as 'select 1'",
    "change a table": "alter table public.q_values add column mine int",
    "drop a table": "drop table public.q_values",
    "empty a table": "truncate public.rewards",
    "make an index": "create index on public.q_values (q_value)",
    "switch row security off": "alter table public.q_values disable row level security",
    "make a policy": "create policy mine on public.q_values using (true)",
    "switch triggers off": "alter table qlmodels_admin.users disable trigger all",
    "switch triggers off in its session": "set session_replication_role = replica",
    "replace a function": "drop function qlmodels.record_change()",
    "run a program": "copy public.q_values to program 'true'",
    "write to the log": f"insert into {LOG} (changed_at, transaction_id, login, operation, "
    "table_name) values (now(), 1, 'x', 'insert', 'x')",
    "change the log": f"update {LOG} set panel_user = 'someone else'",
    "remove from the log": f"delete from {LOG}",
    "empty the log": f"truncate {LOG}",
    "prune the log": "select qlmodels_private.prune_audit_log(interval '2 years')",
    "grant itself a role": "grant qlmodels_definer to current_user",
    "take the owner's role": "set role qlmodels_owner",
    "take the definer's role": "set role qlmodels_definer",
    "take an agent's role": f"set role {AGENT}",
    "let an orchestrator act for an agent": f"insert into {GRANTS} (login, agent_type) "
    "values ('qlfleet_test', 'visual-tester')",
    "take a grant back": f"delete from {GRANTS}",
    "make a login": "create role mine login",
    "change an agent's password": f"alter role {AGENT} password 'mine'",
    "let an agent log in no more": f"alter role {AGENT} nologin",
    "drop an agent's login": f"drop role {AGENT}",
    "read passwords of logins": "select rolpassword from pg_authid",
}


@pytest.fixture
async def login(database: Database) -> AsyncIterator[asyncpg.Connection]:
    async with connect(database.owner) as owner:
        await owner.execute("insert into qlmodels_admin.users (name, role) values ('a', 'admin')")
    async with connect(database.url("qlpanel_test")) as connection:
        yield connection


async def test_the_panels_login_is_refused_what_is_the_owners(login: asyncpg.Connection) -> None:
    done = []
    for name, statement in REFUSED.items():
        try:
            async with login.transaction():
                await login.execute(statement)
        except (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedObjectError):
            continue
        done.append(name)
    assert done == []
    await login.execute("grant select on public.q_values to anon")  # a warning, and no effect
    assert not await login.fetchval("select has_table_privilege('anon', 'q_values', 'select')")
    with pytest.raises(asyncpg.CheckViolationError, match="a is the last active admin"):
        await login.execute("delete from qlmodels_admin.users")


async def test_the_panels_login_can_act_as_any_user(login: asyncpg.Connection) -> None:
    """As the docs say: it writes the sessions by which users are known."""
    await login.execute(
        "insert into qlmodels_admin.sessions (token_hash, user_name, expires_at) "
        "values ('\\x01', 'a', now() + interval '1 hour')"
    )
    await login.execute("insert into qlmodels_admin.users (name, role) values ('another', 'admin')")
    by = f"select distinct login from {LOG} where row_key ->> 'name' = 'another'"
    assert await login.fetchval(by) == "qlpanel_test", "and the log says that it was this login"

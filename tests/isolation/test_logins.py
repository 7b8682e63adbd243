"""Logins are made, listed, rotated and ended by an owner that is no superuser."""

import asyncio

import asyncpg
import pytest
from asyncpg.exceptions import InterfaceError, InvalidPasswordError, PostgresError

from qlmodels import logins
from qlmodels.connection import connect
from qlmodels.errors import DatabaseUnreachable, LoginRefused, NotAllowed, UnknownAgentType
from tests.conftest import PASSWORD, Cluster, Database, fresh_database
from tests.support.blocking import until_blocked


async def test_the_life_of_an_agents_login(database: Database) -> None:
    async with connect(database.owner) as owner:
        login = await logins.create(owner, "agent", "quality-gate", PASSWORD, connection_limit=3)
        assert login == "ql_quality-gate"
        found = {entry.name: entry for entry in await logins.list_logins(owner)}[login]
        assert (found.kind, found.may_act_as) == ("agent", ("quality-gate",))
        assert (found.connection_limit, found.valid_until) == (3, None)

        async with connect(database.url(login)) as agent:
            assert await agent.fetchval("select agent_type from agent_types") == "quality-gate"
            await logins.rotate(owner, login, "another")
            assert await agent.fetchval("select 1") == 1, "an open connection goes on"
        with pytest.raises(LoginRefused):
            async with connect(database.url(login)):
                pass

        async with connect(database.url(login).set(password="another")) as agent:
            await logins.drop(owner, login)
            with pytest.raises((PostgresError, InterfaceError, OSError)):
                await agent.fetchval("select 1")
        with pytest.raises(LoginRefused):
            async with connect(database.url(login).set(password="another")):
                pass
        with pytest.raises(logins.NoSuchLogin, match="ql_quality-gate"):
            await logins.drop(owner, login)


async def test_a_login_is_barred_before_it_is_ended(database: Database) -> None:
    """Held in the middle: a client that connects again and again is kept out by then."""
    async with connect(database.owner) as owner, connect(database.owner) as other:
        login = await logins.create(owner, "agent", "quality-gate", PASSWORD)
        async with connect(database.url(login)):
            pass
        async with other.transaction():
            await other.execute("lock table qlmodels_private.fleet_grants in exclusive mode")
            ending = asyncio.create_task(logins.drop(owner, login))
            try:
                await until_blocked(other, owner.get_server_pid())
                with pytest.raises(LoginRefused):
                    async with connect(database.url(login)):
                        pass
            finally:
                await other.execute("rollback; begin")
                await ending


async def test_an_orchestrators_grants(database: Database) -> None:
    async with connect(database.owner) as owner:
        login = await logins.create(
            owner, "fleet", "other", PASSWORD, may_act_as=["quality-gate", "test-executor"]
        )
        try:
            found = {entry.name: entry for entry in await logins.list_logins(owner)}[login]
            assert found.may_act_as == ("quality-gate", "test-executor")
            async with connect(database.url(login)) as fleet, fleet.transaction():
                await fleet.execute("select qlmodels.act_as('test-executor')")
                seen = await fleet.fetch("select agent_type from agent_types")
                assert [row["agent_type"] for row in seen] == ["test-executor"]
        finally:
            await logins.drop(owner, login)
        left = await owner.fetchval(
            "select count(*) from qlmodels_private.fleet_grants where login = $1", login
        )
        assert left == 0


async def test_refusals(database: Database) -> None:
    async with connect(database.owner) as owner:
        with pytest.raises(logins.LoginExists, match="login rotate"):
            await logins.create(owner, "agent", "test-generator", PASSWORD)
        with pytest.raises(UnknownAgentType, match="no-such"):
            await logins.create(owner, "agent", "no-such", PASSWORD)
        with pytest.raises(UnknownAgentType, match="no-such"):
            await logins.create(owner, "fleet", "x", PASSWORD, may_act_as=["no-such"])
        for name in ("Upper", "a" * 51, 'quo"te', "", "a b"):
            with pytest.raises(logins.BadLoginName, match="letters"):
                await logins.create(owner, "fleet", name, PASSWORD)
        with pytest.raises(logins.NoSuchLogin, match="postgres"):
            await logins.rotate(owner, "postgres", "x")
    async with connect(database.url("ql_test-generator")) as agent:
        with pytest.raises((NotAllowed, PostgresError)):
            await logins.create(agent, "agent", "test-generator", PASSWORD)


async def test_a_failed_creation_leaves_nothing(database: Database) -> None:
    async with connect(database.owner) as owner:
        await owner.execute("drop table qlmodels_private.fleet_grants")
        with pytest.raises(PostgresError):
            await logins.create(owner, "fleet", "half", PASSWORD, may_act_as=["quality-gate"])
        known = await owner.fetchval("select true from pg_roles where rolname = 'qlfleet_half'")
        assert known is None


async def test_a_password_is_in_no_statement(database: Database) -> None:
    secret = "hunter2-and-more"
    async with connect(database.superuser) as superuser:
        await superuser.execute(
            f"alter database {database.name} set log_statement = 'all';"
            f"alter database {database.name} set log_min_duration_statement = 0"
        )
    log = database.server.home / "log"
    before = log.stat().st_size
    async with connect(database.owner) as owner:
        login = await logins.create(owner, "agent", "visual-tester", secret)
        await logins.rotate(owner, login, secret)
        with pytest.raises(logins.LoginExists):
            await logins.create(owner, "agent", "visual-tester", secret)
        await logins.drop(owner, login)
    with log.open("rb") as lines:
        lines.seek(before)
        written = lines.read().decode()
    assert "create role" in written
    assert secret not in written


async def test_what_a_login_sets_for_itself_gains_it_nothing(database: Database) -> None:
    """A login may change its own settings; they are read at its next connection."""
    url = database.url("ql_test-generator")
    claims = '{"app_metadata": {"agent_type": "security-scanner"}}'
    change = 'alter role "ql_test-generator" set '
    try:
        async with connect(url) as agent:
            await agent.execute(f"{change} role = 'authenticated'")
            await agent.execute(f"{change} row_security = off")
            for setting in (
                "app.agent_type = 'security-scanner'",
                f"request.jwt.claims = '{claims}'",
            ):
                with pytest.raises(PostgresError, match="permission denied"):
                    await agent.execute(change + setting)
        async with connect(url) as agent:
            await agent.execute("set row_security = on")
            seen = await agent.fetch("select agent_type from agent_types")
            assert [row["agent_type"] for row in seen] == ["test-generator"]
    finally:
        async with connect(database.superuser) as superuser:
            await superuser.execute('alter role "ql_test-generator" reset all')


async def test_a_role_cannot_be_taken_while_connecting(database: Database) -> None:
    url = database.url("ql_test-generator")
    for role in ("authenticated", "qlmodels_definer", "ql_security-scanner"):
        with pytest.raises((InvalidPasswordError, PostgresError)):
            await asyncpg.connect(
                host=url.host,
                port=url.port,
                user=url.username,
                password=str(url.password),
                database=url.database,
                server_settings={"role": role},
            )


@pytest.mark.one_major
async def test_a_limit_is_reached_and_raised(database: Database) -> None:
    async with connect(database.owner) as owner:
        login = await logins.create(owner, "agent", "quality-gate", PASSWORD, connection_limit=1)
        try:
            url = database.url(login)
            async with connect(url):
                with pytest.raises(DatabaseUnreachable, match=f"`qlmodels login limit {login} "):
                    async with connect(url):
                        pass
                await logins.set_limit(owner, login, 2)
                async with connect(url) as second:
                    assert await second.fetchval("select 1") == 1
        finally:
            await logins.drop(owner, login)


@pytest.mark.one_major
async def test_environments_on_one_server_leave_each_others_logins_alone(
    database: Database, cluster: Cluster
) -> None:
    async with (
        fresh_database(cluster, "template qlmodels") as staging,
        connect(database.owner) as production,
        connect(staging.owner) as other,
    ):
        login = await logins.create(production, "agent", "quality-gate", PASSWORD)
        try:
            [entry] = [it for it in await logins.list_logins(other) if it.name == login]
            assert (entry.other_database, entry.made_here) == (database.name, False)
            for change in (
                logins.drop(other, login),
                logins.rotate(other, login, "another"),
                logins.set_limit(other, login, 1),
                logins.create(other, "agent", "quality-gate", "another"),
                logins.ensure(other, "agent", "quality-gate", "another"),
            ):
                with pytest.raises(logins.LoginOfOtherDatabase, match=f"database {database.name}"):
                    await change
            async with connect(database.url(login)):
                pass
        finally:
            await logins.drop(production, login)

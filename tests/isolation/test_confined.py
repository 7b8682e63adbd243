"""Agents reach their own rows alone, whatever policies and grants are added or lost."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from asyncpg.exceptions import InsufficientPrivilegeError, PostgresError

from qlmodels.connection import connect, create_pool
from qlmodels.ddl.access import DEFINER_ROLE
from qlmodels.store import LearningStore, Pair
from tests.conftest import Cluster, Database
from tests.isolation.attacks import ATTACKS, JEWELS, Attack
from tests.isolation.attacks.attack import DENIED, TABLES, VICTIM
from tests.isolation.conditions import (
    CONDITIONS,
    EVERYBODY,
    GROUPS,
    GUIDE,
    REPRESENTATIVE,
    dropped,
)
from tests.isolation.conftest import AUTHENTICATOR, PASSWORDS, Arena, fingerprint, populated
from tests.isolation.ways import WAYS, Way, attempt
from tests.support.pgbouncer import pgbouncer

UNSET = "42704"
"""The guide's policies fail where app.agent_type was never set."""

TAKEN = """
delete from q_values where agent_type = 'test-generator' and state_hash = 'only-victim';
delete from patterns where agent_type = 'test-generator' and pattern_id::text like 'bbbbbbbb%'
"""
"""Rows of the attacker's own under keys of the victim's, from the same attack by another way."""

READS = ("own", "nothing", "accepted")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Open the database in one way; in each with `--conditions all`, which are many tests."""
    if "opened" not in metafunc.fixturenames:
        return
    conditions: list[Any] = [REPRESENTATIVE]
    if metafunc.config.getoption("conditions") == "all":
        conditions += [
            pytest.param(condition, marks=pytest.mark.slow)
            for condition in CONDITIONS
            if condition != REPRESENTATIVE
        ]
    metafunc.parametrize("opened", conditions, indirect=True, scope="module")


def _instances() -> list[Any]:
    """Every attack by every way; what goes by a pooler is tried in the slow run."""
    return [
        pytest.param(way, attack, marks=pytest.mark.slow if "pooled" in way.name else ())
        for way in WAYS
        for attack in ATTACKS
        if attack.api or way.name != "api"
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(request: pytest.FixtureRequest, cluster: Cluster) -> AsyncIterator[Arena]:
    """An arena that was opened by what the owner did."""
    async with (
        populated(cluster) as database,
        connect(database.superuser, pooler="transaction") as superuser,
    ):
        await superuser.execute(CONDITIONS[request.param])
        with ExitStack() as stack:
            ports = [
                stack.enter_context(pgbouncer(cluster.running, PASSWORDS, reset=reset))
                for reset in (False, True)
            ]
            yield Arena(database, superuser, ports[0], ports[1], await fingerprint(superuser))


@pytest.mark.newest_first
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("way", "attack"), _instances(), ids=lambda part: part.name)
async def test_attack_fails(opened: Arena, way: Way, attack: Attack) -> None:
    await opened.superuser.execute(TAKEN)
    found, error = await attempt(opened, way, attack)

    assert JEWELS not in found
    assert JEWELS not in str(error or "")
    assert await opened.is_untouched()
    expected = (way.name == "orchestrator" and attack.orchestrator) or attack.outcome
    if expected in READS and error is not None:  # shut, where a grant or the setting is missing
        assert error.as_dict()["sqlstate"] in {UNSET, DENIED}, error


@pytest.fixture
async def open_database(database: Database) -> Database:
    """Where every policy and grant there is lets everybody do everything."""
    async with connect(database.superuser) as superuser:
        await superuser.execute(AUTHENTICATOR)
    async with connect(database.owner) as owner:
        for agent_type in ("test-generator", VICTIM):
            await owner.execute("select upsert_q_value($1, 's', '1', 'a', '1', 1)", agent_type)
            await owner.execute(
                "insert into trajectories (agent_type, task_id, initial_state, final_state,"
                " actions_taken, states_visited, step_rewards, total_reward, discounted_reward,"
                " execution_time_ms, success, started_at, completed_at) values"
                " ($1, 't', '1', '1', '[]', '[]', '[]', 0, 0, 0, true, now(), now())",
                agent_type,
            )
        await owner.execute(EVERYBODY)
    return database


@asynccontextmanager
async def rehearsed(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """The superuser, whose changes of roles, which the whole server shares, are taken back."""
    async with connect(database.superuser) as superuser:
        transaction = superuser.transaction()
        await transaction.start()
        try:
            yield superuser
        finally:
            await transaction.rollback()


async def _seen(connection: asyncpg.Connection, table: str = "q_values") -> list[str]:
    rows = await connection.fetch(f"select distinct agent_type from {table} order by 1")
    return [row["agent_type"] for row in rows]


@pytest.mark.parametrize("login", ["qlmodels_owner", "qlpanel_test"])
async def test_a_login_that_sees_every_row_still_does(open_database: Database, login: str) -> None:
    url = open_database.owner if login == "qlmodels_owner" else open_database.url(login)
    async with connect(url) as connection:
        assert len(await _seen(connection, "agent_types")) == 18
        assert await _seen(connection) == [VICTIM, "test-generator"]
        assert await connection.execute("update q_values set q_value = 2") == "UPDATE 2"
        assert len(await connection.fetch("select * from find_states('1')")) == 2


@pytest.mark.parametrize(
    ("role", "tables"),
    [("service_role", ("q_values", "trajectories")), ("analytics_role", ("trajectories",))],
)
async def test_so_does_a_role_that_is_taken(
    database: Database, open_database: Database, role: str, tables: tuple[str, ...]
) -> None:
    async with rehearsed(open_database) as superuser:
        login = "authenticator" if role == "service_role" else "analyst"
        if role == "analytics_role":
            await superuser.execute("create role analyst in role analytics_role, qlmodels_fleet")
        await superuser.execute(f"set local session authorization {login}")
        if role == "service_role":
            await superuser.execute("set local role service_role")
        for table in tables:
            assert await _seen(superuser, table) == [VICTIM, "test-generator"]


async def test_the_panel_that_inherits_the_fleet_is_not_narrowed(open_database: Database) -> None:
    """Its choice of an agent type is of no effect until it takes that role."""
    async with connect(open_database.url("qlpanel_test")) as panel, panel.transaction():
        await panel.execute("select set_config('app.agent_type', 'test-generator', true)")
        assert await _seen(panel) == [VICTIM, "test-generator"]
        await panel.execute("set local role qlmodels_fleet")
        assert await _seen(panel) == ["test-generator"]
        await panel.execute("select set_config('app.agent_type', '', true)")
        assert await _seen(panel) == []


async def test_anon_is_shut_out(open_database: Database) -> None:
    async with rehearsed(open_database) as superuser:
        await superuser.execute("set local session authorization authenticator")
        for role in ("anon", "none"):
            await superuser.execute(f"set local role {role}")
            for table in TABLES:
                assert await _seen(superuser, table) == []
        await superuser.execute("set local role anon")
        with pytest.raises(InsufficientPrivilegeError, match="row-level security"):
            await superuser.execute("insert into sessions (agent_type) values ('test-generator')")


@pytest.mark.parametrize("claims", ["", "{}", '{"user_metadata": {"agent_type": "x"}}'])
async def test_a_token_that_names_nobody_sees_nothing(open_database: Database, claims: str) -> None:
    async with rehearsed(open_database) as superuser:
        await superuser.execute("set local session authorization authenticator")
        await superuser.execute("set local role authenticated")
        await superuser.execute("select set_config('request.jwt.claims', $1, true)", claims)
        assert await _seen(superuser) == []


async def test_an_orchestrator_without_a_choice_sees_nothing(open_database: Database) -> None:
    async with connect(open_database.url("qlfleet_test")) as fleet:
        assert await _seen(fleet) == []
        with pytest.raises(InsufficientPrivilegeError, match="row-level security"):
            await fleet.execute("insert into sessions (agent_type) values ('test-generator')")
        async with fleet.transaction():
            await fleet.execute("select qlmodels.act_as('test-generator')")
            assert await _seen(fleet) == ["test-generator"]


@pytest.mark.parametrize(
    "role", ["qlmodels_definer", "qlmodels_panel", "service_role", "qlmodels_owner", f"ql_{VICTIM}"]
)
async def test_an_agent_in_any_role_stays_itself(open_database: Database, role: str) -> None:
    async with rehearsed(open_database) as superuser:
        await superuser.execute('revoke "ql_test-generator" from qlmodels_owner cascade')
        await superuser.execute(f'grant "{role}" to "ql_test-generator"')
        await superuser.execute('set local session authorization "ql_test-generator"')
        await superuser.execute(f'set local role "{role}"')
        assert await _seen(superuser) == ["test-generator"]


async def test_a_view_and_a_function_of_the_owners_open_nothing(open_database: Database) -> None:
    async with connect(open_database.owner) as owner:
        await owner.execute(
            "create view stray as select * from q_values; grant select on stray to public;"
            "create function stray() returns setof q_values language sql security definer"
            " as 'select * from public.q_values'"
        )
    async with connect(open_database.url("ql_test-generator")) as agent:
        assert await _seen(agent, "stray") == ["test-generator"]
        assert await _seen(agent, "stray()") == ["test-generator"]


async def test_the_store_works_as_before(open_database: Database) -> None:
    async with create_pool(open_database.url("ql_test-generator")) as pool:
        store = LearningStore(pool, "test-generator", instance="test-generator-1")
        await store.start_session()
        await store.learn("s", "a", 1.0, "t", next_actions=["a"])
        await store.upsert("t", "a", 2.0)
        best = await store.best_action("t")
        assert best is not None
        assert best.q_value == 2.0
        assert await store.upsert_many([Pair("u", "a", 1.0), Pair("v", "a", 1.0)])
        await store.heartbeat()
        assert await store.search(state_contains={"no": "such"}) == []
        await store.finish_session()
        assert sum((await store.purge_expired()).values()) == 0


async def test_a_purge_takes_every_agent_types_rows(open_database: Database) -> None:
    async with connect(open_database.owner) as owner:
        await owner.execute("update trajectories set expires_at = now() - interval '1 day'")
        purged = dict(await owner.fetch("select * from cleanup_expired_data()"))
        assert purged["trajectories"] == 2


async def test_foreign_keys_are_checked_and_cascade(open_database: Database) -> None:
    async with connect(open_database.url("ql_test-generator")) as agent:
        session = await agent.fetchval(
            "insert into sessions (agent_type) values ('test-generator') returning session_id::text"
        )
        await agent.execute(
            "select upsert_q_value('test-generator', 'k', '1', 'a', '1', 1, $1)", session
        )
        assert await agent.fetchval("select delete_rows('sessions', array[$1])", session) == 1
        assert await agent.fetchval(
            "select session_id is null from q_values where state_hash = 'k'"
        )


async def test_it_survives_drop_owned_by_every_group(database: Database) -> None:
    async with connect(database.superuser) as superuser:
        before = await superuser.fetchval(CONFINED)
        await superuser.execute(dropped(*GROUPS))
        with pytest.raises(PostgresError, match="other objects depend"):
            await superuser.execute(f"drop owned by {DEFINER_ROLE}")
        assert await superuser.fetchval(CONFINED) == before == len(TABLES)
        await superuser.execute(f"drop owned by {DEFINER_ROLE} cascade")
        assert await superuser.fetchval(CONFINED) == len(TABLES)


CONFINED = (
    "select count(*) from pg_policy where polname = 'confined' and not polpermissive"
    " and polroles = '{0}'"
)


@pytest.mark.newest_first
@pytest.mark.parametrize("condition", ["", GUIDE])
async def test_a_query_that_names_no_agent_type_uses_the_index(
    database: Database, condition: str
) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(
            "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data)"
            " select kind.agent_type, 's' || n, '1', 'a', '1'"
            "   from agent_types as kind cross join generate_series(1, 500) as n"
        )
        await owner.execute("analyze q_values; " + condition)
    async with connect(database.url("ql_test-generator")) as agent:
        await agent.execute("set app.agent_type = 'security-scanner'")
        plan = await agent.fetch("explain select * from q_values where state_hash = 's7'")
        assert "Index Scan" in str(plan)
        assert "Seq Scan" not in str(plan)
        assert len(await agent.fetch("select * from q_values where state_hash = 's7'")) == 1

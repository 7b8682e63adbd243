"""Whom a transaction speaks for: a login's name, an orchestrator's choice, or nobody."""

from contextlib import suppress

import asyncpg
import pytest
from asyncpg.exceptions import InsufficientPrivilegeError, PostgresError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from qlmodels import AgentSession, acting_as
from qlmodels.connection import connect, create_engine
from qlmodels.errors import NotAllowed, UnknownAgentType
from tests.conftest import Database

AGENT, FLEET, PANEL = "ql_test-generator", "qlfleet_test", "qlpanel_test"


async def test_an_agent_acts_as_itself(database: Database) -> None:
    engine = create_engine(database.url(AGENT))
    async with acting_as(engine, "test-generator") as session:
        session.add(AgentSession(agent_type="test-generator", session_name="mine"))
    async with acting_as(engine, "test-generator") as session:
        assert [run.session_name for run in await session.exec(select(AgentSession))] == ["mine"]
    await engine.dispose()


@pytest.mark.parametrize(
    ("login", "agent_type", "error", "said"),
    [
        (AGENT, "security-scanner", NotAllowed, "cannot act as agent type 'security-scanner'"),
        (AGENT, "no-such", UnknownAgentType, "'no-such' is unknown"),
        (FLEET, "security-scanner", NotAllowed, "may not act as agent type 'security-scanner'"),
        (FLEET, "no-such", UnknownAgentType, "'no-such' is unknown"),
        (PANEL, "no-such", UnknownAgentType, "'no-such' is unknown"),
        ("qlmodels_owner", "test-generator", NotAllowed, "sees every row"),
    ],
)
async def test_refusals_name_the_agent_type(
    database: Database, login: str, agent_type: str, error: type[Exception], said: str
) -> None:
    engine = create_engine(database.owner if login == "qlmodels_owner" else database.url(login))
    with pytest.raises(error, match=said):
        async with acting_as(engine, agent_type):
            raise AssertionError("it was let in")
    await engine.dispose()


@pytest.mark.parametrize("login", [AGENT, FLEET, PANEL])
async def test_nobody_acts_as_an_inactive_agent_type(database: Database, login: str) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(
            "update agent_types set is_active = false where agent_type = 'test-generator'"
        )
    engine = create_engine(database.url(login))
    with pytest.raises(UnknownAgentType, match="'test-generator' is inactive"):
        async with acting_as(engine, "test-generator"):
            raise AssertionError("it was let in")
    await engine.dispose()


@pytest.mark.parametrize(
    "claims",
    [
        "",
        "{}",
        "[]",
        "null",
        '"security-scanner"',
        "no JSON",
        '{"agent_type": "security-scanner"}',
        '{"user_metadata": {"agent_type": "security-scanner"}}',
        '{"app_metadata": "security-scanner"}',
        '{"app_metadata": ["agent_type", "security-scanner"]}',
        '{"app_metadata": {"agent_type": null}}',
        '{"app_metadata": {"agent_type": 18}}',
        '{"app_metadata": {"agent_type": true}}',
        '{"app_metadata": {"agent_type": ["security-scanner"]}}',
        '{"app_metadata": {"agent_type": {"security-scanner": "security-scanner"}}}',
        '{"app_metadata": {"agent_type": "Security-Scanner"}}',
        '{"app_metadata": {"agent_type": "security-scanner "}}',
        '{"app_metadata": {"agent_type": "security-scanner\\u0000"}}',
        '{"app_metadata": {"agent_type": "%"}}',
        '{"app_metadata": {"agent_type": "' + "x" * 1_000_000 + '"}}',
        "[" * 100_000,
    ],
    ids=lambda claims: claims[:60],
)
async def test_claims_that_name_nobody(database: Database, claims: str) -> None:
    """A token is trusted for one place, and for a string in it: all else is nobody, or an error."""
    async with connect(database.superuser) as superuser, superuser.transaction():
        for agent_type in ("security-scanner", "test-generator"):
            await superuser.execute("insert into sessions (agent_type) values ($1)", agent_type)
        await superuser.execute("set local role authenticated")
        await superuser.fetchval("select set_config('request.jwt.claims', $1, true)", claims)
        for question in ("select * from sessions", "select * from find_states('{}')"):
            found: list[asyncpg.Record] = []
            with suppress(PostgresError):
                async with superuser.transaction():
                    found = await superuser.fetch(question)
            assert found == []


async def test_how_strings_are_read_makes_nobody_an_agent(database: Database) -> None:
    """A pattern's backslash would be lost, and its underscore stand for any letter."""
    async with connect(database.url(FLEET)) as fleet:
        await fleet.execute("set standard_conforming_strings = off")
        assert await fleet.fetchval("select qlmodels.current_agent()") is None


async def test_a_choice_ends_with_its_transaction(database: Database) -> None:
    engine = create_engine(database.url(FLEET), pool_size=1, max_overflow=0)
    async with acting_as(engine, "test-generator") as session:
        session.add(AgentSession(agent_type="test-generator"))
    with pytest.raises(ZeroDivisionError):
        async with acting_as(engine, "quality-gate") as session:
            raise ZeroDivisionError
    async with engine.connect() as nobody:
        chosen = await nobody.scalar(text("select current_setting('app.agent_type', true)"))
        assert not chosen
        assert await nobody.scalar(text("select count(*) from sessions")) == 0
    async with acting_as(engine, "quality-gate") as session:
        assert (await session.exec(select(AgentSession))).all() == []
        connection = await session.connection()
        with pytest.raises(DBAPIError, match="row-level security"):
            await connection.execute(
                text("insert into sessions (agent_type) values ('test-generator')")
            )
        await session.rollback()
    await engine.dispose()


async def test_nobody_sees_nothing_and_writes_nothing(database: Database) -> None:
    async with connect(database.owner) as owner:
        await owner.execute("insert into sessions (agent_type) values ('test-generator')")
    async with connect(database.url(FLEET)) as nobody:
        assert await nobody.fetch("select * from sessions") == []
        assert await nobody.execute("update sessions set task_count = 1") == "UPDATE 0"
        with pytest.raises(InsufficientPrivilegeError, match="row-level security"):
            await nobody.execute("insert into sessions (agent_type) values ('test-generator')")


@pytest.mark.parametrize(
    "question",
    [
        "find_states('{}')",
        "find_actions('{}')",
        "find_patterns()",
        "cleanup_expired_data()",
        "delete_rows('sessions', '{}')",
        "get_best_action('test-generator', 'a state')",
    ],
)
async def test_functions_say_that_nobody_asks(database: Database, question: str) -> None:
    async with connect(database.url(FLEET)) as nobody:
        with pytest.raises(InsufficientPrivilegeError, match="speaks for no agent type") as raised:
            await nobody.fetch(f"select * from {question}")
        assert "act_as" in str(raised.value.as_dict()["hint"])


async def test_an_agent_deletes_its_own_rows_by_id(database: Database) -> None:
    async with connect(database.url(AGENT)) as agent:
        session = await agent.fetchval(
            "insert into sessions (agent_type) values ('test-generator') returning session_id::text"
        )
        await agent.execute(
            "select upsert_q_value('test-generator', 's', '1', 'a', '1', 1, $1)", session
        )
        deleted = await agent.fetchval("select delete_rows('sessions', array[$1])", session)
        assert deleted == 1
        assert await agent.fetchval("select delete_rows('sessions', array[$1])", session) == 0
        assert await agent.fetch("select * from sessions") == []
        assert await agent.fetchval("select session_id from q_values") is None
        pairs = await agent.fetch("select q_value_id::text as id from q_values")
        keys = [row["id"] for row in pairs]
        assert await agent.fetchval("select delete_rows('q_values', $1)", keys) == 1


async def test_a_row_is_deleted_from_known_tables_only(database: Database) -> None:
    async with connect(database.url(AGENT)) as agent:
        with pytest.raises(PostgresError, match="cannot delete from table 'agent_types'") as raised:
            await agent.fetchval("select delete_rows('agent_types', array['test-generator'])")
        assert "patterns" in str(raised.value.as_dict()["hint"])


async def test_the_same_error_for_another_agents_key_and_for_none(database: Database) -> None:
    async with connect(database.owner) as owner:
        theirs = await owner.fetchval(
            "insert into sessions (agent_type) values ('security-scanner') returning session_id"
        )
        nobodys = await owner.fetchval("select gen_random_uuid()")
    said = []
    async with connect(database.url(AGENT)) as agent:
        for key in (theirs, nobodys):
            with pytest.raises(Exception, match="foreign key") as raised:
                await agent.execute(
                    "select upsert_q_value('test-generator', 's', '1', 'a', '1', 1, $1)", key
                )
            said.append(str(raised.value).replace(str(key), "KEY"))
    assert said[0] == said[1]


async def test_one_login_for_all_names_the_agent_in_its_url(database: Database) -> None:
    """As clients of the original do, through a plain pool of asyncpg."""
    url = database.url("qlfleet_test").set(drivername="postgresql")
    for agent_type in ("test-generator", "quality-gate"):
        one = url.update_query_dict({"app.agent_type": agent_type})
        client = await asyncpg.connect(one.render_as_string(hide_password=False))
        try:
            await client.execute(
                "insert into sessions (agent_type, session_name) values ($1, 'by url')", agent_type
            )
            seen = await client.fetch("select distinct agent_type from sessions")
            assert [row["agent_type"] for row in seen] == [agent_type]
            await client.fetchval(
                "select upsert_q_value($1, 's', '{}', 'a', '{}', 0.5)", agent_type
            )
        finally:
            await client.close()
    other = url.update_query_dict({"app.agent_type": "security-scanner"})
    client = await asyncpg.connect(other.render_as_string(hide_password=False))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await client.fetch("select * from sessions")
    finally:
        await client.close()

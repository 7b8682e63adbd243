"""Behind a real PgBouncer in transaction mode: the right agent's rows, and nothing left behind."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from asyncpg.exceptions import InvalidSQLStatementNameError, PostgresError
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError

from qlmodels import acting_as
from qlmodels.connection import connect, create_engine, create_pool, pooler_not_named, pooler_of
from qlmodels.settings import Pooler
from tests.conftest import PASSWORD, Cluster, Database
from tests.isolation.conftest import PASSWORDS, populated
from tests.support.pgbouncer import pgbouncer

CLIENTS, TRANSACTIONS = 8, 500
as_often = pytest.mark.parametrize(
    "times", [TRANSACTIONS // 5, pytest.param(TRANSACTIONS, marks=pytest.mark.slow)]
)
SEEN = "select string_agg(display_name, ',') from agent_types"
MARKS = {
    "test-generator": "mine",
    "security-scanner": "crown-jewels",
    "quality-gate": "somebody-else",
}


@pytest.fixture
async def behind(cluster: Cluster) -> AsyncIterator[Database]:
    """The populated database; `pooled` gives the URLs that lead through PgBouncer."""
    async with populated(cluster) as database:
        yield database


@pytest.fixture(params=[False, True], ids=["as it is", "discard all"])
def port(cluster: Cluster, behind: Database, request: pytest.FixtureRequest) -> Iterator[int]:
    with pgbouncer(cluster.running, PASSWORDS, reset=request.param) as port:
        yield port


def pooled(database: Database, login: str, port: int) -> URL:
    return database.url(login).set(port=port)


@as_often
@pytest.mark.one_major
async def test_agents_interleave(behind: Database, port: int, times: int) -> None:
    async def client(agent_type: str) -> int:
        wrong = 0
        url = pooled(behind, f"ql_{agent_type}", port)
        async with connect(url, pooler="transaction") as agent:
            for number in range(times):
                async with agent.transaction():
                    if number % 7 == 0:
                        await agent.execute("update sessions set task_count = task_count + 1")
                    seen = await agent.fetchval(SEEN)
                wrong += seen != MARKS[agent_type]
        return wrong

    types = ["test-generator", "security-scanner"] * (CLIENTS // 2)
    assert sum(await asyncio.gather(*map(client, types))) == 0


@as_often
@pytest.mark.one_major
async def test_an_orchestrators_choices_interleave(behind: Database, port: int, times: int) -> None:
    async def client(seed: int) -> int:
        wrong, dice = 0, random.Random(seed)
        async with connect(url, pooler="transaction") as fleet:
            for _ in range(times):
                agent_type = dice.choice(["test-generator", "quality-gate"])
                async with fleet.transaction():
                    await fleet.execute(f"select qlmodels.act_as('{agent_type}')")
                    wrong += await fleet.fetchval(SEEN) != MARKS[agent_type]
        return wrong

    url = pooled(behind, "qlfleet_test", port)
    assert sum(await asyncio.gather(*map(client, range(CLIENTS)))) == 0


async def test_sessions_interleave(behind: Database, port: int) -> None:
    async def client(seed: int) -> int:
        wrong, dice = 0, random.Random(seed)
        for _ in range(20):
            agent_type = dice.choice(["test-generator", "quality-gate"])
            async with acting_as(engine, agent_type) as session:
                connection = await session.connection()
                wrong += await connection.scalar(text(SEEN)) != MARKS[agent_type]
        return wrong

    url = pooled(behind, "qlfleet_test", port)
    engine = create_engine(url, pooler="transaction", pool_size=CLIENTS)
    assert sum(await asyncio.gather(*map(client, range(CLIENTS)))) == 0
    await engine.dispose()


async def test_a_poisoned_server_connection_harms_nobody(behind: Database, port: int) -> None:
    """One client leaves session settings behind; the next gets them, and its own rows."""
    url = pooled(behind, "ql_test-generator", port)
    async with connect(url, pooler="transaction") as careless:
        for setting in ("row_security = off", "app.agent_type = 'security-scanner'"):
            await careless.execute(f"set {setting}")
    engine = create_engine(url, pooler="transaction")
    async with acting_as(engine, "test-generator") as session:
        connection = await session.connection()
        rows = (
            await connection.execute(text("select distinct state_data from q_values"))
        ).scalars()
        assert rows.all() == [{"secret": "mine"}]
    await engine.dispose()
    async with connect(url, pooler="transaction") as agent:
        for function in ("find_states('{}')", "get_best_action('test-generator', 'shared')"):
            assert await agent.fetch(f"select * from {function}")
        assert await agent.fetchval(
            "select upsert_q_value('test-generator', 's', '1', 'a', '1', 1)"
        )


async def test_a_crashed_transaction_leaves_nothing(behind: Database, port: int) -> None:
    url = pooled(behind, "qlfleet_test", port)
    engine = create_engine(url, pooler="transaction", pool_size=1, max_overflow=0)

    async def crash(statement: str, error: BaseException) -> None:
        async with acting_as(engine, "test-generator") as session:
            connection = await session.connection()
            await connection.execute(text(statement))
            raise error

    change = "update sessions set task_count = 99"
    for statement, error in (
        (change, ZeroDivisionError()),
        (change, asyncio.CancelledError()),
        ("select 1 / 0", AssertionError("the statement passed")),
    ):
        with pytest.raises((DBAPIError, ZeroDivisionError, asyncio.CancelledError)):
            await crash(statement, error)
    async with engine.connect() as nobody:
        assert not await nobody.scalar(text("select current_setting('app.agent_type', true)"))
        assert await nobody.scalar(text("select count(*) from sessions")) == 0
    await engine.dispose()
    async with connect(behind.owner) as owner:
        assert await owner.fetchval("select max(task_count) from sessions") == 0


async def test_no_statement_stays_on_the_server(behind: Database, port: int) -> None:
    url = pooled(behind, "ql_test-generator", port)
    engine = create_engine(url, pooler="transaction", pool_size=4)

    async def orm(number: int) -> None:
        async with engine.begin() as connection:
            query = text(f"select :x + {number % 5} from sessions")
            found = (await connection.execute(query, {"x": number})).scalars()
            assert set(found) == {number + number % 5}

    async with create_pool(url, pooler="transaction", max_size=4) as pool:

        async def driver(number: int) -> None:
            rows = await pool.fetch(f"select $1::int + {number % 5} from sessions", number)
            assert {row[0] for row in rows} == {number + number % 5}

        await asyncio.gather(*(work(n) for n in range(100) for work in (orm, driver)))
        async with (
            pool.acquire() as one,
            pool.acquire() as two,
            one.transaction(),
            two.transaction(),
        ):
            for server in (one, two):
                assert await server.fetch("select statement from pg_prepared_statements") == []
    await engine.dispose()


async def test_the_drivers_own_settings_would_fail(cluster: Cluster) -> None:
    """What the settings are for: with statement caches on, pooled clients break each other."""
    with pgbouncer(cluster.running, PASSWORDS) as port:
        async with populated(cluster) as database:
            url = pooled(database, "ql_test-generator", port)

            async def client(number: int) -> None:
                async with connect(url, pooler="none") as agent:
                    for turn in range(1000):
                        await agent.fetch(f"select $1::int + {turn % 5}", number)

            with pytest.raises(PostgresError) as raised:
                await asyncio.gather(*map(client, range(6)))
            assert isinstance(
                raised.value,
                InvalidSQLStatementNameError
                | asyncpg.exceptions.DuplicatePreparedStatementError
                | asyncpg.exceptions.ProtocolViolationError,
            )
            named = pooler_not_named(raised.value)
            assert "QLMODELS_POOLER=transaction" in str(named)


async def test_direct_connections_keep_their_caches(database: Database) -> None:
    async with connect(database.url("ql_test-generator")) as agent:
        for _ in range(3):
            await agent.fetch("select $1::int", 1)
        kept = await agent.fetch("select statement from pg_prepared_statements")
        assert "select $1::int" in [row["statement"] for row in kept]


@pytest.mark.parametrize(
    ("pooler", "size", "named"),
    [("transaction", "0", []), ("session", None, ["select 17"]), ("none", None, ["select 17"])],
)
@pytest.mark.one_major
async def test_an_engine_keeps_no_statements_behind_a_transaction_pooler(
    database: Database, pooler: Pooler, size: str | None, named: list[str]
) -> None:
    engine = create_engine(database.url("ql_test-generator"), pooler=pooler)
    assert engine.url.query.get("prepared_statement_cache_size") == size
    async with engine.connect() as connection:
        for _ in range(2):
            assert await connection.scalar(text("select 17")) == 17
        kept = await connection.execute(
            text("select statement from pg_prepared_statements where statement = 'select 17'")
        )
        assert list(kept.scalars()) == named
    await engine.dispose()


@pytest.mark.parametrize(
    ("port_", "setting", "pooler"),
    [
        (5432, None, "none"),
        (6432, None, "transaction"),
        (6543, None, "transaction"),
        (5432, "transaction", "transaction"),
        (6543, "none", "none"),
        (6543, "session", "session"),
    ],
)
def test_the_pooler_is_told_by_setting_or_port(
    monkeypatch: pytest.MonkeyPatch, port_: int, setting: str | None, pooler: str
) -> None:
    if setting is not None:
        monkeypatch.setenv("QLMODELS_POOLER", setting)
    url = URL.create("postgresql+asyncpg", "u", PASSWORD, "h", port_, "d")
    assert pooler_of(url) == pooler

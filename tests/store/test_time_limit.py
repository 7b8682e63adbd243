"""An operation of several statements ends within one patience, not one for each statement."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest
import pytest_asyncio
from sqlmodel.ext.asyncio.session import AsyncSession

from qlmodels.connection import connect, create_engine, create_pool
from qlmodels.errors import DatabaseUnreachable, QLModelsError
from qlmodels.store import GivenReward, LearningStore, Pair, Transition, WritesFailed
from tests.conftest import Database
from tests.store.conftest import AGENT
from tests.store.silence import SlowNetwork, slow_network
from tests.store.test_recording import episode
from tests.store.test_retention import age

pytestmark = pytest.mark.one_major

PATIENCE = 1.5
DELAY = 1.0
"""Seconds that an answer takes: one statement ends in time, two do not."""

STEP = Transition(state="s", action="a", reward=1.0, next_state="t", next_actions=["a"])

SEVERAL_STATEMENTS: dict[str, Callable[[LearningStore], Awaitable[object]]] = {
    "upsert": lambda store: store.upsert("s", "a", 1.0),
    "select_action": lambda store: store.select_action("s", ["a", "b"]),
    "learn_and_select": lambda store: store.learn_and_select(STEP),
    "record": lambda store: store.record(episode()),
    "record_many": lambda store: store.record_many([episode()]),
    "replay": lambda store: store.replay(2),
    "start_session": lambda store: store.start_session(),
}

UNKNOWN = ("upsert", "start_session")
"""These ask in another statement whether the agent type is unknown."""


@pytest_asyncio.fixture
async def network(database: Database) -> AsyncIterator[SlowNetwork]:
    url = database.url(f"ql_{AGENT}")
    async with slow_network(str(url.host), url.port or 5432) as network:
        yield network


@pytest_asyncio.fixture
async def pool(database: Database, network: SlowNetwork) -> AsyncIterator[asyncpg.Pool]:
    url = database.url(f"ql_{AGENT}").set(host="127.0.0.1", port=network.port)
    async with create_pool(url, max_size=1) as pool:
        yield pool


def store_over(pool: asyncpg.Pool, agent_type: str = AGENT, patience: float = 30) -> LearningStore:
    return LearningStore(pool, agent_type, instance=f"{AGENT}-1", patience=patience)


@pytest.mark.parametrize("name", SEVERAL_STATEMENTS)
async def test_all_statements_of_an_operation_share_its_patience(
    name: str, network: SlowNetwork, pool: asyncpg.Pool
) -> None:
    operation = SEVERAL_STATEMENTS[name]
    agent_type = "no-such" if name in UNKNOWN else AGENT
    try:
        await operation(store_over(pool, agent_type))  # prepares the statements
    except QLModelsError:
        assert name in UNKNOWN
    began = asyncio.get_running_loop().time()
    network.delay = DELAY
    with pytest.raises(DatabaseUnreachable, match=r"within 1\.5 sec"):
        await operation(store_over(pool, agent_type, PATIENCE))
    assert asyncio.get_running_loop().time() - began < 2 * DELAY


async def test_halves_of_a_refused_batch_share_its_patience(
    network: SlowNetwork, pool: asyncpg.Pool
) -> None:
    unknown = store_over(pool, "no-such", PATIENCE)
    with pytest.raises(QLModelsError):
        await unknown.upsert_many([Pair("s", "a", 1.0)])
    network.delay = DELAY
    began = asyncio.get_running_loop().time()
    with pytest.raises(WritesFailed) as caught:  # noqa: PT012
        async with unknown.buffered() as buffer:
            for number in range(4):
                await buffer.upsert(Pair(number, "a", 1.0))
    assert asyncio.get_running_loop().time() - began < 2 * DELAY
    assert {type(failure) for failure in caught.value.failures} <= {
        DatabaseUnreachable,
        *DatabaseUnreachable.__subclasses__(),
    }


async def test_a_session_that_gets_no_connection_ends_within_patience(
    database: Database, network: SlowNetwork, pool: asyncpg.Pool
) -> None:
    url = database.url(f"ql_{AGENT}").set(host="127.0.0.1", port=network.port)
    engine = create_engine(url)
    network.delay = DELAY
    async with AsyncSession(engine) as session:
        with pytest.raises(DatabaseUnreachable, match=r"no connection within 1\.5 sec"):
            await store_over(pool, patience=PATIENCE).within(session)
    await engine.dispose()


async def test_a_purge_stops_in_time_and_says_so(
    database: Database,
    network: SlowNetwork,
    pool: asyncpg.Pool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = store_over(pool)
    await store.record_rewards([GivenReward(state="s", action="a", reward=1.0)] * 30)
    async with connect(database.owner) as owner:
        await age(owner)
    network.delay = 0.2
    began = asyncio.get_running_loop().time()
    with caplog.at_level(logging.WARNING):
        first = await store_over(pool, patience=4).purge_expired(batch=1)
    assert asyncio.get_running_loop().time() - began < 4
    assert 0 < first["rewards"] < 30
    assert "The purge of rewards stopped after 2 seconds" in caplog.text
    network.delay = 0
    assert (await store.purge_expired())["rewards"] == 30 - first["rewards"]

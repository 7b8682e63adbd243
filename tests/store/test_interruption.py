"""An operation that is cancelled or timed out, wherever it waits: its outcome is known after it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from qlmodels.connection import connect, create_engine, create_pool
from qlmodels.embedded import DATABASE
from qlmodels.store import (
    LearningStore,
    OutcomeUnknown,
    Pair,
    Pending,
    UnknownReference,
    WritesFailed,
)
from qlmodels.store.errors import NAMED
from tests.conftest import Cluster, Database, fresh_database
from tests.store.conftest import AGENT
from tests.store.operations import OPERATIONS, PATTERN, reset, rows
from tests.support.interrupting import WAYS, Way, interrupt

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

POOL_SIZE = 2
LIMIT_S = 60.0
IN_TRANSACTION = """
select count(*)
  from pg_catalog.pg_stat_activity
 where usename = $1 and datname = current_database() and xact_start is not null
"""

QUICK = ("learn", "upsert", "record", "heartbeat", "update_priorities", "buffered learn")
"""The operations of one statement, of several, those that count, and a buffer."""

ASYNCHRONOUS = tuple(
    name for name in OPERATIONS if name not in {"LearningStore", "prepare", "finish_episode"}
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(cluster: Cluster) -> AsyncIterator[Database]:
    async with fresh_database(cluster, f"template {DATABASE}") as database:
        yield database


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def owner(world: Database) -> AsyncIterator[asyncpg.Connection]:
    async with connect(world.owner) as connection:
        yield connection


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pool(world: Database) -> AsyncIterator[asyncpg.Pool]:
    async with create_pool(world.url(f"ql_{AGENT}"), max_size=POOL_SIZE) as pool:
        yield pool


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def engine(world: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(world.url(f"ql_{AGENT}"), pool_size=1, max_overflow=0)
    yield engine
    await engine.dispose()


async def until_at_rest(owner: asyncpg.Connection) -> None:
    """Wait until no session of the agent is in a transaction."""
    while await owner.fetchval(IN_TRANSACTION, f"ql_{AGENT}"):
        pass


async def is_usable(pool: asyncpg.Pool, owner: asyncpg.Connection) -> None:
    """Every connection of the pool can be had, and answers, and no transaction is left open."""
    async with asyncio.timeout(LIMIT_S), AsyncExitStack() as stack:
        for _ in range(POOL_SIZE):
            connection = await stack.enter_async_context(pool.acquire())
            assert await connection.fetchval("select 1") == 1
        await until_at_rest(owner)


def notes_of(error: BaseException | None) -> str:
    notes: list[str] = []
    while error is not None:
        notes += getattr(error, "__notes__", ())
        error = error.__cause__
    return " ".join(notes)


def outcome_of(name: str, error: BaseException | None) -> set[str]:
    """What the caller knows: "written", "nothing", or that it may be either."""
    if error is None:
        return {"written"}
    if name.startswith("buffered"):
        said = notes_of(error)
        if "were not made" in said:
            return {"nothing"}
        return {"written", "nothing"} if "may or may not" in said else {"written"}
    return {"nothing"} if OutcomeUnknown.of(error) is None else {"written", "nothing"}


async def check_all(
    store: Callable[[], LearningStore],
    pool: asyncpg.Pool,
    owner: asyncpg.Connection,
    name: str,
    way: Way,
    before_each: Callable[[], Awaitable[None]] | None = None,
) -> int:
    """Interrupt the operation at each of its suspensions; how many there were."""
    operation = OPERATIONS[name]
    await reset(owner)
    nothing = await rows(owner)
    await operation.run(store(), **operation.arguments)
    written = await rows(owner)
    at, reached = 0, True
    while reached:
        at += 1
        await reset(owner)
        if before_each is not None:
            await before_each()
        error, reached = await interrupt(operation.run(store(), **operation.arguments), at, way)
        if reached and error is not None:
            cause = asyncio.CancelledError if way != "timed out" else TimeoutError
            assert isinstance(error, cause), (at, error)
        assert reached or error is None, (at, error)
        await is_usable(pool, owner)
        known = {"written": written, "nothing": nothing}
        found = await rows(owner)
        assert any(found == known[one] for one in outcome_of(name, error)), (at, error, found)
    return at - 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.long) for name in ASYNCHRONOUS],
)
async def test_an_outcome_is_known_wherever_it_was_interrupted(
    pool: asyncpg.Pool, owner: asyncpg.Connection, name: str, way: Way
) -> None:
    def store() -> LearningStore:
        return LearningStore(pool, AGENT, actions=["a"])

    assert await check_all(store, pool, owner, name, way) >= 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name == "learn" else pytest.mark.long) for name in QUICK],
)
async def test_so_is_that_of_one_whose_connection_had_to_be_made(
    pool: asyncpg.Pool, owner: asyncpg.Connection, name: str, way: Way
) -> None:
    def store() -> LearningStore:
        return LearningStore(pool, AGENT, actions=["a"])

    assert await check_all(store, pool, owner, name, way, pool.expire_connections) >= 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("isolation", ["READ COMMITTED", "AUTOCOMMIT"])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == "upsert" else pytest.mark.long)
        for name in ASYNCHRONOUS
        if not name.startswith("buffered")
    ],
)
async def test_so_is_that_of_one_inside_a_transaction(
    pool: asyncpg.Pool,
    owner: asyncpg.Connection,
    engine: AsyncEngine,
    name: str,
    isolation: str,
    way: Way,
) -> None:
    """The whole of it: the transaction begins, the operation runs, and it commits."""
    operation = OPERATIONS[name]
    store = LearningStore(pool, AGENT, actions=["a"])
    ending = False

    async def run() -> None:
        nonlocal ending
        async with AsyncSession(engine.execution_options(isolation_level=isolation)) as session:
            await operation.run(await store.within(session), **operation.arguments)
            ending = True
            await session.commit()

    await reset(owner)
    nothing = await rows(owner)
    await run()
    written = await rows(owner)
    at, reached = 0, True
    while reached:
        at, ending = at + 1, False
        await reset(owner)
        error, reached = await interrupt(run(), at, way)
        async with asyncio.timeout(LIMIT_S), AsyncSession(engine) as session:
            await store.within(session)
        await until_at_rest(owner)
        found = await rows(owner)
        known = {"written": written, "nothing": nothing}
        # from the commit on it is the session's outcome, or in autocommit done already
        sure = {"written", "nothing"} if ending else outcome_of(name, error)
        assert any(found == known[one] for one in sure), (at, error, found)
    assert at > 1


@pytest.mark.parametrize("way", WAYS)
async def test_a_heartbeat_that_was_interrupted_counts_nothing_twice(
    pool: asyncpg.Pool, owner: asyncpg.Connection, way: Way
) -> None:
    at, reached = 0, True
    while reached:
        at += 1
        await reset(owner)
        store = LearningStore(pool, AGENT, instance="i")
        store.finish_episode(success=True, total_reward=1.0)
        error, reached = await interrupt(store.heartbeat(), at, way)
        await store.heartbeat()
        tasks = await owner.fetchval("select total_tasks from agent_states")
        is_unknown = error is not None and OutcomeUnknown.of(error) is not None
        assert tasks in ((0, 1) if is_unknown else (1,)), (at, error)
    assert at > 1


@pytest.mark.parametrize("way", WAYS)
async def test_a_buffer_that_was_interrupted_says_which_writes_were_not_made(
    pool: asyncpg.Pool, owner: asyncpg.Connection, way: Way
) -> None:
    pairs = [Pair(f"s{number}", "a", 1.0) for number in range(1, 7)]
    at, reached = 0, True
    while reached:
        at += 1
        await reset(owner)
        pendings: list[Pending[int]] = []

        async def run(pendings: list[Pending[int]] = pendings) -> None:
            store = LearningStore(pool, AGENT)
            async with store.buffered(batch=2, delay=0.0, size=2) as buffer:
                for pair in pairs:
                    pendings.append(await buffer.upsert(pair))
                await buffer.flush()

        error, reached = await interrupt(run(), at, way)
        await is_usable(pool, owner)
        stored = {
            json.loads(row[0]) for row in await owner.fetch("select state_data from q_values")
        }
        outcomes = await asyncio.gather(*pendings, return_exceptions=True)
        unknown = {
            number for number, one in enumerate(outcomes, 1) if isinstance(one, OutcomeUnknown)
        }
        made = {number for number, one in enumerate(outcomes, 1) if isinstance(one, int)}
        assert {f"s{number}" for number in made} <= stored
        assert stored <= {f"s{number}" for number in made | unknown}, (at, error)
        said = notes_of(error)
        missing = set(range(1, len(outcomes) + 1)) - made - unknown
        for number in list(missing)[:NAMED]:
            assert f"number {number}, upsert" in said.partition("Unknown:")[0], (at, said)
        assert ("may or may not" in said) == bool(unknown)
    assert at > 3


async def test_a_failure_is_told_though_its_awaiter_was_cancelled(
    pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    await reset(owner)
    store = LearningStore(pool, AGENT)
    stranger = Pair("s", "a", 1.0, session=PATTERN)

    async def result(write: Pending[int]) -> int:
        return await write

    with pytest.raises(WritesFailed, match=r"^1 of the buffered .*number 2, upsert"):  # noqa: PT012
        async with store.buffered(delay=60.0) as buffer:
            await buffer.upsert(Pair("s", "b", 1.0))
            awaiting = asyncio.create_task(result(await buffer.upsert(stranger)))
            await asyncio.sleep(0)
            awaiting.cancel()
    async with store.buffered(delay=60.0) as buffer:
        awaiting = asyncio.create_task(result(await buffer.upsert(stranger)))
        await asyncio.sleep(0)
        await buffer.flush()
    with pytest.raises(UnknownReference):
        await awaiting

"""A server that stops answering holds no operation longer than its patience or its caller's."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from qlmodels.connection import create_engine, create_pool
from qlmodels.errors import DatabaseUnreachable
from qlmodels.identity import acting_as
from qlmodels.store import (
    GivenReward,
    LearningStore,
    OutcomeUnknown,
    Pair,
    PoolExhausted,
    Transition,
    WritesFailed,
)
from tests.conftest import Database
from tests.store.conftest import AGENT
from tests.store.silence import backends, settled, silent, stopped
from tests.store.test_recording import episode

pytestmark = pytest.mark.one_major

LOGIN = f"ql_{AGENT}"
PATIENCE = 0.5
PROMPT = 1.0
SLACK = 2.0
"""Seconds beyond a limit, for a machine that is busy."""

Operation = Callable[[LearningStore], Awaitable[object]]

KEY = UUID(int=7)
STEP = Transition(state="s", action="a", reward=1.0, next_state="t", next_actions=["a"])

WRITES: dict[str, Operation] = {
    "learn": lambda store: store.learn_from(STEP),
    "learn_and_select": lambda store: store.learn_and_select(STEP, epsilon=0.0),
    "learn_many": lambda store: store.learn_many([STEP]),
    "upsert": lambda store: store.upsert("s", "a", 1.0),
    "upsert_many": lambda store: store.upsert_many([Pair("s", "a", 1.0)]),
    "record_rewards": lambda store: store.record_rewards(
        [GivenReward(state="s", action="a", reward=1.0)]
    ),
    "start_session": lambda store: store.start_session(),
    "finish_session": lambda store: store.finish_session(KEY),
    "heartbeat": lambda store: store.heartbeat(),
    "update_priorities": lambda store: store.update_priorities({KEY: 2.0}),
    "remember_pattern": lambda store: store.remember_pattern("p", 1, pattern_type="t"),
    "use_pattern": lambda store: store.use_pattern(KEY, success=True, reward=1.0),
    "purge_expired": lambda store: store.purge_expired(),
}
READS: dict[str, Operation] = {
    "record": lambda store: store.record(episode()),  # it reads before it writes
    "best_action": lambda store: store.best_action("s"),
    "actions": lambda store: store.actions("s"),
    "select_action": lambda store: store.select_action("s", ["a", "b"]),
    "exploration_rate": lambda store: store.exploration_rate(),
    "search": lambda store: store.search(state_contains="s"),
    "match_patterns": lambda store: store.match_patterns("s"),
    "replay": lambda store: store.replay(2),
}
OPERATIONS = WRITES | READS


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[asyncpg.Pool]:
    async with create_pool(database.url(LOGIN), max_size=1) as pool:
        yield pool


def patient(pool: asyncpg.Pool, patience: float) -> LearningStore:
    return LearningStore(pool, AGENT, instance=f"{AGENT}-1", patience=patience)


class Stopwatch:
    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began


async def test_every_operation_ends_within_its_patience(
    database: Database, pool: asyncpg.Pool
) -> None:
    for name, operation in OPERATIONS.items():
        store = patient(pool, PATIENCE)
        await store.best_action("s")  # a connection is there
        async with silent(database, LOGIN):
            watch = Stopwatch()
            with pytest.raises(DatabaseUnreachable, match=r"within 0\.5 sec") as caught:
                await operation(store)
            assert watch.seconds < PATIENCE + SLACK, name
            assert isinstance(caught.value, OutcomeUnknown) == (name in WRITES), name
            assert await patient(pool, 10).best_action("nowhere") is None  # by a new connection
        await settled(database, LOGIN, pool)


async def test_a_callers_timeout_ends_every_operation(
    database: Database, pool: asyncpg.Pool
) -> None:
    for name, operation in OPERATIONS.items():
        store = patient(pool, 60)
        await store.best_action("s")
        async with silent(database, LOGIN):
            watch = Stopwatch()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await operation(store)
            assert watch.seconds < 0.2 + PROMPT, name
            assert await store.best_action("nowhere") is None
        await settled(database, LOGIN, pool)


async def test_a_pool_of_one_that_is_in_use_is_said_to_be_so(database: Database) -> None:
    async with create_pool(database.url(LOGIN), max_size=1) as pool, pool.acquire():
        watch = Stopwatch()
        with pytest.raises(PoolExhausted, match=r"All 1 connections .* larger max_size"):
            await patient(pool, 0.5).learn_from(STEP)
        assert watch.seconds < 0.5 + SLACK
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await patient(pool, 60).best_action("s")
    assert watch.seconds < 5


async def test_a_server_that_takes_connections_and_says_nothing(database: Database) -> None:
    """As a stopped postmaster, whose kernel still takes what comes."""
    writers: list[asyncio.StreamWriter] = []
    mute = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    port = mute.sockets[0].getsockname()[1]
    async with mute, create_pool(database.url(LOGIN), min_size=0, max_size=1) as pool:
        arguments = dict(pool._connect_kwargs)
        pool.set_connect_args(**arguments | {"host": "127.0.0.1", "port": port})
        watch = Stopwatch()
        with pytest.raises(DatabaseUnreachable, match="took no connection"):
            await patient(pool, PATIENCE).learn_from(STEP)
        assert watch.seconds < PATIENCE + SLACK
        for writer in writers:
            writer.close()
        pool.set_connect_args(**arguments)
        assert (await patient(pool, 10).learn_from(STEP)).visit_count == 1


async def test_a_whole_server_that_is_stopped_and_goes_on(
    database: Database, pool: asyncpg.Pool
) -> None:
    store = patient(pool, PATIENCE)
    await store.best_action("s")
    postmaster = int((database.server.home / "data/postmaster.pid").read_text().split()[0])
    with stopped([postmaster, *await backends(database, LOGIN)]):
        for error in (OutcomeUnknown, DatabaseUnreachable):  # the second has no connection
            watch = Stopwatch()
            with pytest.raises(error):
                await store.learn_from(STEP)
            assert watch.seconds < PATIENCE + SLACK
        watch = Stopwatch()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await patient(pool, 60).learn_from(STEP)
        assert watch.seconds < 0.2 + PROMPT
    learned = await patient(pool, 30).learn_from(STEP)
    assert learned.visit_count in (1, 2)  # the first may have been written
    await settled(database, LOGIN, pool)


async def test_a_foreign_pools_reset_holds_no_caller(database: Database) -> None:
    """The pool's own reset asks the server once more after each operation."""
    url = database.url(LOGIN).set(drivername="postgresql").render_as_string(hide_password=False)
    async with asyncpg.create_pool(url, min_size=1, max_size=1) as pool:
        store = patient(pool, PATIENCE)
        await store.best_action("s")
        async with silent(database, LOGIN):
            watch = Stopwatch()
            with pytest.raises(OutcomeUnknown):
                await store.learn_from(STEP)
            assert watch.seconds < PATIENCE + SLACK
            assert await patient(pool, 10).best_action("nowhere") is None


async def test_buffered_writes_fail_within_patience(database: Database, pool: asyncpg.Pool) -> None:
    store = patient(pool, PATIENCE)
    await store.best_action("s")
    async with silent(database, LOGIN):
        watch = Stopwatch()
        with pytest.raises(WritesFailed, match="30 of the buffered writes") as caught:  # noqa: PT012
            async with store.buffered(batch=10) as buffer:
                for _ in range(30):
                    await buffer.learn(STEP)
        assert watch.seconds < PATIENCE + SLACK
        kinds = {type(failure) for failure in caught.value.failures}
        assert kinds == {OutcomeUnknown, DatabaseUnreachable}
    await settled(database, LOGIN, pool)


async def test_a_callers_timeout_ends_a_buffer_which_says_what_is_missing(
    database: Database, pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture
) -> None:
    store = patient(pool, 60)
    await store.best_action("s")
    async with silent(database, LOGIN):
        watch = Stopwatch()
        with pytest.raises(TimeoutError) as caught:  # noqa: PT012
            async with asyncio.timeout(0.2), store.buffered(batch=10) as buffer:
                for _ in range(20):
                    await buffer.learn(STEP)
        assert watch.seconds < 0.2 + 2 * PROMPT
    sentence = "of its 20 writes 10 were not made and 10 may or may not have been made"
    assert sentence in caplog.text
    assert sentence in "".join(getattr(caught.value.__cause__, "__notes__", []))
    await settled(database, LOGIN, pool)


@pytest.mark.parametrize("operation", ["learn", "best_action"])
@pytest.mark.parametrize("by", ["patience", "caller"])
async def test_inside_a_transaction_of_the_caller(
    database: Database, operation: str, by: str
) -> None:
    engine = create_engine(database.url(LOGIN))
    async with create_pool(database.url(LOGIN), min_size=0) as pool:
        store = patient(pool, PATIENCE if by == "patience" else 60)
        expected = DatabaseUnreachable if by == "patience" else TimeoutError
        async with acting_as(engine, AGENT):
            pass
        watch = Stopwatch()
        stops = stopped(await backends(database, LOGIN))
        with pytest.raises(expected):  # noqa: PT012
            async with acting_as(engine, AGENT) as session:
                inside = await store.within(session)
                with stops:
                    watch = Stopwatch()
                    async with asyncio.timeout(0.2 if by == "caller" else 60):
                        await OPERATIONS[operation](inside)
        assert watch.seconds < (0.2 + PROMPT if by == "caller" else PATIENCE + SLACK)
        async with AsyncSession(engine) as session:
            assert (await (await store.within(session)).learn_from(STEP)).visit_count == 1
    await engine.dispose()


async def test_a_cancelled_acting_as_waits_for_no_rollback(database: Database) -> None:
    engine = create_engine(database.url(LOGIN))
    async with acting_as(engine, AGENT):
        pass
    async with silent(database, LOGIN):
        watch = Stopwatch()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), acting_as(engine, AGENT):
                pass
        assert watch.seconds < 0.2 + PROMPT
    async with acting_as(engine, AGENT):
        pass
    await engine.dispose()


async def test_a_pool_left_by_cancellation_closes_though_its_server_is_silent(
    database: Database,
) -> None:
    watch = Stopwatch()
    with pytest.raises(TimeoutError):  # noqa: PT012
        async with asyncio.timeout(0.2), create_pool(database.url(LOGIN)):
            stops = stopped(await backends(database, LOGIN))
            with stops:
                watch = Stopwatch()
                await asyncio.Event().wait()
    assert watch.seconds < 2


async def test_the_kernel_watches_over_the_stores_connections(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        link = connection._transport.get_extra_info("socket")
        assert link.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert link.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
        assert link.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000

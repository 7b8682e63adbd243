"""Stores used where they cannot be: on another event loop, twice at once, by an orchestrator."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from qlmodels import acting_as
from qlmodels.connection import create_engine, create_pool
from qlmodels.errors import NotAllowed
from qlmodels.store import ConcurrentUse, LearningStore, Pair, WritesFailed, WrongEventLoop
from tests.conftest import Database
from tests.store.conftest import AGENT
from tests.store.operations import OPERATIONS

pytestmark = pytest.mark.one_major

SYNCHRONOUS = {"LearningStore", "prepare", "finish_episode"}


@pytest.fixture
async def orchestrator(database: Database) -> AsyncIterator[asyncpg.Pool]:
    async with create_pool(database.url("qlfleet_test")) as pool:
        yield pool


async def test_a_store_on_another_event_loop_than_its_pool(store: LearningStore) -> None:
    async def elsewhere() -> None:
        with pytest.raises(WrongEventLoop, match=r"The pool was made .* inside the same asyncio"):
            await store.best_action("s")
        with pytest.raises(WrongEventLoop):
            await store.learn("s", "a", 1.0, "t")

    await asyncio.to_thread(asyncio.run, elsewhere())
    await store.learn("s", "a", 1.0, "t")


async def test_a_buffer_on_another_event_loop(store: LearningStore) -> None:
    async with store.buffered() as buffer:

        async def elsewhere() -> None:
            with pytest.raises(WrongEventLoop, match="The buffer"):
                await buffer.upsert(Pair("s", "a", 1.0))

        await asyncio.to_thread(asyncio.run, elsewhere())
        await (await buffer.upsert(Pair("s", "a", 1.0)))


async def test_two_operations_at_once_in_one_transaction(
    database: Database, store: LearningStore
) -> None:
    engine = create_engine(database.url(f"ql_{AGENT}"))
    async with AsyncSession(engine) as session:
        inside = await store.within(session)
        results = await asyncio.gather(
            *(inside.upsert(state, "a", 1.0) for state in "st"), return_exceptions=True
        )
        (refused,) = [result for result in results if isinstance(result, Exception)]
        assert isinstance(refused, ConcurrentUse)
        assert "Await one after the other" in str(refused)
        await inside.upsert("u", "a", 1.0)
        await session.commit()
    assert len(await store.search()) == 2
    await engine.dispose()


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in SYNCHRONOUS])
async def test_an_orchestrator_that_has_not_chosen_an_agent_type(
    orchestrator: asyncpg.Pool, name: str
) -> None:
    """Also where a look-up would find nothing, which is no answer."""
    store = LearningStore(orchestrator, AGENT, actions=["a"])
    refused = (NotAllowed, WritesFailed)
    with pytest.raises(refused, match=f"qlfleet_test .* acting_as\\(engine, '{AGENT}'\\)"):
        await OPERATIONS[name].run(store, **OPERATIONS[name].arguments)


async def test_nor_in_a_transaction_of_its_own(
    database: Database, orchestrator: asyncpg.Pool
) -> None:
    engine = create_engine(database.url("qlfleet_test"))
    store = LearningStore(orchestrator, AGENT)
    async with AsyncSession(engine) as session:
        with pytest.raises(NotAllowed, match="acting_as"):
            await store.within(session)
    async with acting_as(engine, AGENT) as session:
        assert await (await store.within(session)).best_action("s") is None
    await engine.dispose()

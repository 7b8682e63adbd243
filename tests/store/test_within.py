"""The store inside a caller's transaction of the ORM."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from qlmodels import AgentSession, QValue, acting_as
from qlmodels.connection import create_engine
from qlmodels.errors import NotAllowed, UnknownAgentType
from qlmodels.store import Episode, LearningStore, UnknownReference
from tests.conftest import Database
from tests.store.conftest import AGENT
from tests.store.test_recording import episode


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    engine = create_engine(database.url(f"ql_{AGENT}"))
    async with AsyncSession(engine, expire_on_commit=False) as session:
        yield session
    await engine.dispose()


async def test_both_commit_as_one(
    store: LearningStore, session: AsyncSession, pool: asyncpg.Pool
) -> None:
    run = AgentSession(agent_type=AGENT)
    session.add(run)  # not flushed: within() does
    inside = await store.within(session)
    learned = await inside.learn("s", "a", 1.0, "s", session=run.session_id)
    await inside.record(episode(session=run.session_id))
    assert (await session.exec(select(QValue))).one().q_value == learned.q_value
    assert await pool.fetchval("select count(*) from q_values") == 0
    await session.commit()
    assert await pool.fetchval("select session_id from q_values") == run.session_id
    assert await pool.fetchval("select count(*) from trajectories") == 1


async def test_both_roll_back_as_one(
    store: LearningStore, session: AsyncSession, pool: asyncpg.Pool
) -> None:
    inside = await store.within(session)
    await inside.learn("s", "a", 1.0, "s")
    session.add(AgentSession(agent_type=AGENT))
    await session.rollback()
    assert await pool.fetchval("select (select count(*) from q_values)") == 0
    assert await store.search() == []


async def test_errors_are_ours_inside_too(store: LearningStore, session: AsyncSession) -> None:
    inside = await store.within(session)
    with pytest.raises(UnknownReference):
        await inside.record(
            Episode(
                **{
                    name: getattr(episode(), name)
                    for name in Episode.__slots__
                    if name != "session"
                },
                session=episode().trajectory_id,
            )
        )
    await session.rollback()
    again = await store.within(session)
    await again.upsert("s", "a", 1.0)
    await session.commit()
    assert len(await store.search()) == 1


async def test_an_orchestrator_acts_as_several(database: Database, pool: asyncpg.Pool) -> None:
    engine = create_engine(database.url("qlfleet_test"))
    try:
        for agent_type in (AGENT, "quality-gate"):
            async with acting_as(engine, agent_type) as session:
                inside = await LearningStore(pool, agent_type).within(session)
                await inside.learn("s", agent_type, 1.0, "s")
                assert len(await inside.search()) == 1
                assert len(await inside.replay(1)) == 0
        async with acting_as(engine, AGENT) as session:
            inside = await LearningStore(pool, "quality-gate").within(session)
            with pytest.raises((NotAllowed, UnknownAgentType)):
                await inside.learn("s", "a", 1.0, "s")
            await session.rollback()
    finally:
        await engine.dispose()


async def test_in_autocommit_each_operation_is_a_transaction_of_its_own(
    database: Database, store: LearningStore, pool: asyncpg.Pool
) -> None:
    engine = create_engine(database.url(f"ql_{AGENT}"), isolation_level="AUTOCOMMIT")
    async with AsyncSession(engine) as session:
        inside = await store.within(session)
        await inside.upsert("s", "a", 1.0)
        assert await pool.fetchval("select q_value from q_values") == 1.0
        with pytest.raises(UnknownReference):
            await inside.upsert("s", "b", 1.0, session=episode().trajectory_id)
        await inside.upsert("s", "a", 2.0)
        await session.rollback()
    assert await pool.fetchval("select q_value from q_values") == 2.0
    await engine.dispose()

"""What is reported: a change that two evaluations agree on, once, by whichever process is first."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from qlmodels_admin.alerts import add_target, new_signing_secret, remove_target
from qlmodels_admin.alerts.evaluation import evaluate
from qlmodels_admin.learning import CachedVerdicts
from qlmodels_admin.values import dump_json, load_json
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.connection import connect, create_engine
from tests.conftest import Database

pytestmark = pytest.mark.one_major

AGENT, OTHER = "test-generator", "quality-gate"
FAILED = (
    "insert into trajectories (agent_type, task_id, initial_state, final_state, actions_taken,"
    " states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success,"
    " started_at, completed_at) select $1, 't', '{}', '{}', '[\"a\"]', '[1]', '[1]', 1, 1, 1,"
    " false, now(), now() from generate_series(1, 120)"
)
RECOVERED = "update trajectories set success = true where agent_type = $1"
MESSAGES = (
    "select target, changes::text from qlmodels_admin.alert_messages order by created_at, target"
)


def make_engine(database: Database) -> AsyncEngine:
    return create_engine(
        database.url("qlpanel_test"), json_serializer=dump_json, json_deserializer=load_json
    )


@pytest_asyncio.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database)
    fields = {
        "name": "ops",
        "format": "webhook",
        "url": "https://example.com/hook",
        "signing_secret": new_signing_secret(),
    }
    await add_target(engine, "ada", fields, [])
    yield engine
    await engine.dispose()


async def run(engine: AsyncEngine) -> None:
    await evaluate(engine, CachedVerdicts(engine))


async def said(owner: asyncpg.Connection) -> list[list[tuple[str, str]]]:
    return [
        [(change["agent_type"], change["change"]) for change in load_json(row["changes"])]
        for row in await owner.fetch(MESSAGES)
    ]


async def test_two_evaluations_that_agree_are_one_message(
    engine: AsyncEngine, database: Database
) -> None:
    async with connect(database.owner) as owner:
        for agent in (AGENT, OTHER):
            await owner.execute(FAILED, agent)
        await run(engine)
        assert await said(owner) == []
        for _ in range(3):
            await run(engine)
        needing = [(OTHER, "needs attention"), (AGENT, "needs attention")]
        assert [sorted(changes) for changes in await said(owner)] == [sorted(needing)]
        await owner.execute(RECOVERED, AGENT)
        for _ in range(3):
            await run(engine)
        assert (await said(owner))[1:] == [[(AGENT, "recovered")]]


async def test_what_one_evaluation_alone_says_is_not_reported(
    engine: AsyncEngine, database: Database
) -> None:
    async with connect(database.owner) as owner:
        for _ in range(2):
            await owner.execute(FAILED, AGENT)
            await run(engine)
            await owner.execute("delete from trajectories")
            await run(engine)
        assert await said(owner) == []


async def test_processes_at_once_report_once(engine: AsyncEngine, database: Database) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(FAILED, AGENT)
        await run(engine)
        others = [make_engine(database) for _ in range(3)]
        await asyncio.gather(*map(run, others))
        for other in others:
            await other.dispose()
        assert await said(owner) == [[(AGENT, "needs attention")]]


async def test_without_a_target_nothing_is_kept(engine: AsyncEngine, database: Database) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(FAILED, AGENT)
        await run(engine)
        await remove_target(engine, "ada", "ops")
        await run(engine)
        assert await owner.fetchval("select count(*) from qlmodels_admin.alert_states") == 0

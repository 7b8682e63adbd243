"""The purge that runs in the panel's process."""

import asyncio

import pytest
from qlmodels_admin import create_app
from qlmodels_admin.jobs import purge, scheduler

from qlmodels.advisory_locks import AdvisoryLock
from qlmodels.connection import connect, create_engine
from tests.conftest import Database

EXPIRED = """
insert into q_values (
    agent_type, state_hash, state_data, action_hash, action_data, last_updated, expires_at
)
select 'test-generator', n::text, '1', 'a', '1', now() - interval '60 days',
       case when n > 5 then now() - interval '1 minute' else now() + interval '1 day' end
  from generate_series(1, 25) as n
"""
FINISHED = "select finished_at from qlmodels_admin.background_jobs where name = 'purge'"
LEFT = "select count(*) from q_values"


async def test_what_expired_goes_in_bites(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "MAX_ROWS_A_PURGE", 7)
    engine = create_engine(database.url("qlpanel_test"))
    async with connect(database.owner) as owner:
        await owner.execute(EXPIRED)
        async with owner.transaction():
            await owner.execute("select pg_advisory_xact_lock($1)", AdvisoryLock.PURGE)
            assert not any((await purge.purge(engine)).values())
        assert (await purge.purge(engine))["q_values"] == 20
        assert await owner.fetchval(LEFT) == 5
    await engine.dispose()


@pytest.mark.one_major
async def test_the_panel_purges_by_itself(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "LOOK_INTERVAL_S", 0.0)
    app = create_app(database.url("qlpanel_test"))
    async with connect(database.owner) as owner:
        await owner.execute(EXPIRED)
        async with app.router.lifespan_context(app), asyncio.timeout(60):
            while await owner.fetchval(LEFT) != 5:
                pass
            while not await owner.fetchval(FINISHED):
                pass

"""What makes logins and connects by them does so through a pooler that many projects share."""

from contextlib import suppress
from dataclasses import replace

import pytest
from asyncpg.exceptions import PostgresError

from qlmodels import demo, loadtest
from qlmodels.connection import connect
from qlmodels.demo import fleet as demo_fleet
from qlmodels.demo.tasks import TASKS
from qlmodels.loadtest import fleet as loadtest_fleet
from tests.conftest import Database
from tests.support.pgbouncer import pgbouncer
from tests.support.shared_pooler import SharedPooler

pytestmark = pytest.mark.one_major


async def test_a_load_test_runs_and_cleans_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    pooler = SharedPooler(database.owner)
    async with pooler.serving(monkeypatch) as url:
        report = await loadtest.run(url, agents=2, seconds=60, most_rows=30)
        assert (report.acknowledged > 0, report.lost_updates) == (True, 0)
        assert await loadtest.clean(url) == 0
    assert {"ql_loadtest-01", "ql_loadtest-02"} <= pooler.users


async def test_the_demo_learns(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    pooler = SharedPooler(database.owner)
    task = replace(TASKS[0], steps=40)
    async with pooler.serving(monkeypatch) as url:
        (result,) = await demo.run(url, tasks=[task])
        assert result.learned_now >= 40
        assert await demo.remove(url) > 0
    assert f"ql_{task.agent_type}" in pooler.users


async def test_one_run_at_a_time_leaves_no_lock_behind_a_transaction_pooler(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QLMODELS_POOLER", "transaction")
    owner = database.owner
    with pgbouncer(database.server, {str(owner.username): str(owner.password)}) as port:
        url = owner.set(port=port)
        for alone, refusal in (
            (demo_fleet.alone, demo.DemoRunning),
            (loadtest_fleet.alone, loadtest.LoadTestRunning),
        ):
            with suppress(ZeroDivisionError):
                async with alone(url):
                    with pytest.raises(refusal):
                        async with alone(url):
                            pass
                    raise ZeroDivisionError
            async with connect(owner) as direct:
                locks = "select count(*) from pg_locks where locktype = 'advisory'"
                assert await direct.fetchval(locks) == 0
            async with alone(url):
                pass


async def test_the_pooler_refuses_a_user_that_names_no_project(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the tests above would fail without it."""
    async with SharedPooler(database.owner).serving(monkeypatch) as url:
        with pytest.raises(PostgresError, match="Tenant or user not found"):
            async with connect(url.set(username=database.owner.username)):
                pass

"""Periodic jobs: one process runs each at a time, another one takes over."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
import pytest_asyncio
from qlmodels_admin.jobs import scheduler
from qlmodels_admin.jobs.scheduler import Job, Scheduler, read_jobs
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.connection import connect, create_engine, read_transaction
from tests.conftest import Database

pytestmark = pytest.mark.one_major

WAIT_S = 60.0
LEASE = timedelta(seconds=1)


@pytest_asyncio.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("qlpanel_test"))
    yield engine
    await engine.dispose()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "LEASE", LEASE)
    monkeypatch.setattr(scheduler, "RENEW_INTERVAL_S", 0.1)
    monkeypatch.setattr(scheduler, "LOOK_INTERVAL_S", 0.01)
    monkeypatch.setattr(scheduler, "RETRY_INTERVAL_S", 0.01)


def of(engine: AsyncEngine, act: Callable[[], Awaitable[None]], every_s: float = 3600) -> Scheduler:
    return Scheduler(engine, [Job("test", timedelta(seconds=every_s), act)])


class Work:
    """A job that tells when it begins, and goes on until it may end."""

    def __init__(self) -> None:
        self.begun = 0
        self.begins = asyncio.Event()
        self.is_cancelled = asyncio.Event()
        self.may_end = asyncio.Event()

    async def __call__(self) -> None:
        self.begun += 1
        self.begins.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.is_cancelled.set()
            raise


async def finished(engine: AsyncEngine) -> bool:
    async with read_transaction(engine) as connection:
        return any(job["finished_at"] for job in await read_jobs(connection))


async def test_one_process_runs_a_job_however_long_it_takes(engine: AsyncEngine) -> None:
    work, other = Work(), Work()
    first, second = of(engine, work), of(engine, other)
    async with asyncio.timeout(WAIT_S):
        first.start("the lifespan")
        await work.begins.wait()
        second.start("the lifespan")
        await asyncio.sleep(2 * LEASE.total_seconds())  # in which a lease without renewal ends
        work.may_end.set()
        while not await finished(engine):
            pass
        await first.stop()
        await second.stop()
    assert (work.begun, other.begun) == (1, 0)


async def test_another_process_takes_over(engine: AsyncEngine) -> None:
    work, other = Work(), Work()
    first, second = of(engine, work), of(engine, other)
    async with asyncio.timeout(WAIT_S):
        first.start("the lifespan")
        await work.begins.wait()
        second.start("the lifespan")
        await first.stop()
        other.may_end.set()
        await other.begins.wait()
        while not await finished(engine):
            pass
        await second.stop()
    assert (work.begun, work.is_cancelled.is_set(), other.begun) == (1, True, 1)


async def test_a_process_that_lost_its_lease_stops_its_run(
    engine: AsyncEngine, database: Database
) -> None:
    work = Work()
    stalled = of(engine, work)
    async with asyncio.timeout(WAIT_S), connect(database.owner) as owner:
        stalled.start("the lifespan")
        await work.begins.wait()
        await owner.execute(
            "update qlmodels_admin.background_jobs"
            " set holder = 'another', lease_expires_at = now() + interval '1 hour'"
        )
        await work.is_cancelled.wait()
        await stalled.stop()
        assert not await finished(engine)


async def test_a_job_that_failed_is_tried_again(
    engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    failures: list[Exception] = [OSError("no route"), ValueError("a fault")]

    async def act() -> None:
        if failures:
            raise failures.pop()

    working = of(engine, act)
    async with asyncio.timeout(WAIT_S):
        working.start("the lifespan")
        while not await finished(engine):
            pass
        await working.stop()
    assert "The job 'test' failed" in caplog.text
    assert "no route" in caplog.text
    assert "ValueError: a fault" in caplog.text


async def test_a_job_is_run_again_when_it_is_due(engine: AsyncEngine) -> None:
    runs = asyncio.Queue[None]()
    repeated = of(engine, lambda: runs.put(None), every_s=0)
    async with asyncio.timeout(WAIT_S):
        repeated.start("the lifespan")
        for _ in range(3):
            await runs.get()
        await repeated.stop()

"""Background work and streams of the panel, alone and mounted, by a uvicorn of its own."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest
from qlmodels_admin.auth import sessions
from qlmodels_admin.auth.sessions import SESSION_COOKIE

from qlmodels.connection import connect, create_engine
from qlmodels.logins import hash_password
from qlmodels.logins.panel_users import add_user
from tests.conftest import PASSWORD, Database
from tests.support.uvicorn import serving

pytestmark = pytest.mark.one_major

HERE = Path(__file__).parent
WAIT_S = 300.0
HOLDER = (
    "select job.holder from qlmodels_admin.background_jobs as job, pg_sleep(0.1)"
    " where job.name = 'size samples' and job.lease_expires_at > clock_timestamp()"
)
FINISHED = (
    "select job.finished_at from qlmodels_admin.background_jobs as job, pg_sleep(0.1)"
    " where job.name = 'size samples'"
)


@pytest.mark.parametrize(
    ("served", "prefix", "work"),
    [
        ("served:app", "/fleet", "started by the lifespan"),
        ("served:without_lifespan", "/fleet", "started by the first request"),
        pytest.param(
            "served:of_their_own", "/tools/fleet", "started by the lifespan", marks=pytest.mark.long
        ),
    ],
)
async def test_a_mounted_panel_works_in_the_background_and_stops_with_streams_open(
    database: Database, served: str, prefix: str, work: str
) -> None:
    async with connect(database.owner) as owner:
        await add_user(owner, "ada", "viewer", hash_password(PASSWORD))
        engine = create_engine(database.url("qlpanel_test"))
        async with engine.begin() as connection:
            token = await sessions.begin(connection, "ada")
        await engine.dispose()
        async with (
            asyncio.timeout(WAIT_S),
            httpx.AsyncClient(cookies={SESSION_COOKIE: token}, timeout=WAIT_S) as client,
        ):
            async with serving(HERE, database, served) as base:
                ready = (await client.get(f"{base}{prefix}/readyz")).json()
                assert ready == {"status": "ready", "background_work": work}
                page = await client.get(f"{base}{prefix}/admin/database")
                assert f"In this process it is {work}." in page.text
                request = client.build_request("GET", f"{base}{prefix}/admin/fleet/stream")
                stream = await client.send(request, stream=True)
                assert stream.status_code == 200
                while await owner.fetchval(FINISHED) is None:
                    pass
            await stream.aclose()


@pytest.mark.long
async def test_of_several_workers_one_works_and_another_takes_over(database: Database) -> None:
    async with (
        asyncio.timeout(WAIT_S),
        connect(database.owner) as owner,
        connect(database.owner) as locker,
    ):
        transaction = locker.transaction()
        await transaction.start()
        await locker.execute("lock table qlmodels_admin.size_samples in access exclusive mode")
        async with serving(
            HERE, database, "--workers", "3", "--factory", "qlmodels_admin:create_app"
        ):
            while (first := await owner.fetchval(HOLDER)) is None:
                pass
            os.kill(int(first.split(":")[1]), signal.SIGKILL)
            while await owner.fetchval(HOLDER) in {first, None}:
                pass
            await transaction.rollback()
            while await owner.fetchval(FINISHED) is None:
                pass

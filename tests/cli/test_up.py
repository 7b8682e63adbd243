"""`qlmodels up` in an empty folder: a database, a panel, a link to sign in, and a clean end."""

import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import httpx
import pytest

from qlmodels.embedded import EmbeddedServer
from tests.conftest import Database
from tests.support.serving import QLMODELS, running

pytestmark = pytest.mark.long


def url_of(environment: dict[str, str], folder: Path, login: str) -> str:
    command = [*QLMODELS, "login", "url", login]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


async def test_it_serves_keeps_rows_and_ends_what_it_started(
    folder: Path, environment: dict[str, str]
) -> None:
    with running(environment, folder, "--no-demo") as said:
        async with httpx.AsyncClient(timeout=60) as browser:
            ready = await browser.get(said["panel"].removesuffix("/admin") + "/readyz")
            assert ready.status_code == 200
            assert (await browser.get(said["panel"] + "/")).status_code == 303
        agent = await asyncpg.connect(url_of(environment, folder, "ql_test-generator"))
        stored = await agent.fetchval(
            "select upsert_q_value('test-generator', 's', '{}', 'a', '{}', 1)"
        )
        await agent.close()
        assert stored == 1

    with running(environment, folder, "--no-demo") as said:
        assert said["link"].startswith(said["panel"])
        agent = await asyncpg.connect(url_of(environment, folder, "ql_test-generator"))
        assert await agent.fetchval("select count(*) from q_values") == 1
        await agent.close()

    with EmbeddedServer(folder / "data") as server:  # it had ended: this one starts it again
        assert server.home == folder / "data"


@pytest.mark.one_major
def test_it_asks_before_it_migrates_somebody_elses_database(
    folder: Path, environment: dict[str, str], empty_database: Database
) -> None:
    url = empty_database.owner.set(drivername="postgresql")
    environment["DATABASE_URL"] = url.render_as_string(hide_password=False)
    script = (
        "import asyncio, asyncpg, os\n"
        "async def main():\n"
        "    c = await asyncpg.connect(os.environ['DATABASE_URL'])\n"
        "    await c.execute('create schema app; create table app.theirs (id int)')\n"
        "    await c.close()\n"
        "asyncio.run(main())\n"
    )
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    done = subprocess.run(
        [*QLMODELS, "up"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "holds tables (app.theirs) and none of qlmodels" in done.stderr
    assert "qlmodels up --yes" in done.stderr


def test_a_taken_port_is_told(folder: Path, environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*QLMODELS, "up", "--port", port],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert not (folder / "data").exists()

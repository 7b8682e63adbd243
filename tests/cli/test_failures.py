"""Whatever goes wrong is one sentence with cause and cure, exit code 1, and no password."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL

from qlmodels.connection import connect
from tests.conftest import Database

ROOT = Path(__file__).parents[2]
SECRET = "hunter2-of-the-owner"
COMMANDS = {
    "qlmodels": [sys.executable, "-m", "qlmodels", "upgrade"],
    "alembic": [
        sys.executable,
        "-m",
        "alembic",
        "-c",
        str(ROOT / "alembic.ini"),
        "upgrade",
        "head",
    ],
}


def failure(command: list[str], folder: Path, url: str) -> str:
    """What the command says on its way out."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in said
    assert SECRET not in said
    if "qlmodels" in command:
        assert done.returncode == 1
        assert done.stderr.startswith("qlmodels: ")
        assert len(done.stderr.splitlines()) == 1
    return said


def text(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("url", "what", "cure"),
    [
        (f"postgresql//me:{SECRET}@db/q", "cannot be read as a URL", "write postgresql://"),
        (f"mysql://me:{SECRET}@127.0.0.1/q", "begins with mysql://", "write postgresql://"),
        (f"postgresql://me:{SECRET}@127.0.0.1:1/q", "No server answers at 127.0.0.1:1", "check"),
        (f"postgresql://me:{SECRET}@no.such.invalid/q", "no.such.invalid is unknown", "check"),
    ],
)
def test_a_url_that_leads_nowhere(
    tmp_path: Path, command: str, url: str, what: str, cure: str
) -> None:
    said = failure(COMMANDS[command], tmp_path, url)
    assert what in said
    assert cure in said


@pytest.mark.one_major
@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_password(tmp_path: Path, empty_database: Database, command: str) -> None:
    said = failure(COMMANDS[command], tmp_path, text(empty_database.owner.set(password=SECRET)))
    assert "refused login qlmodels_owner" in said
    assert "check the user name and the password" in said


@pytest.mark.one_major
@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_does_not_exist(
    tmp_path: Path, empty_database: Database, command: str
) -> None:
    said = failure(COMMANDS[command], tmp_path, text(empty_database.owner.set(database="nowhere")))
    assert "has no database named nowhere" in said
    assert "createdb nowhere" in said


@pytest.mark.one_major
def test_a_server_without_tls(tmp_path: Path, empty_database: Database) -> None:
    url = empty_database.owner.update_query_dict({"sslmode": "require"})
    said = failure(COMMANDS["qlmodels"], tmp_path, text(url))
    assert "offers no TLS, which the connection asks for" in said


@pytest.mark.one_major
@pytest.mark.parametrize("action", ["login list", "access --live"])
def test_a_database_that_was_never_migrated(
    tmp_path: Path, empty_database: Database, action: str
) -> None:
    command = [sys.executable, "-m", "qlmodels", *action.split()]
    said = failure(command, tmp_path, text(empty_database.owner))
    assert "run `qlmodels upgrade`" in said


@pytest.mark.one_major
@pytest.mark.parametrize("action", ["upgrade", "user list"])
def test_a_login_that_owns_nothing(tmp_path: Path, database: Database, action: str) -> None:
    command = [sys.executable, "-m", "qlmodels", *action.split()]
    said = failure(command, tmp_path, text(database.url("ql_test-generator")))
    assert "must be that of the login that owns the schema" in said


@pytest.mark.one_major
@pytest.mark.parametrize("action", ["upgrade", "check"])
def test_a_database_of_another_release(tmp_path: Path, database: Database, action: str) -> None:
    async def move_on() -> None:
        async with connect(database.owner) as owner:
            await owner.execute("update qlmodels_private.alembic_version set version_num = 'later'")

    asyncio.run(move_on())
    command = [sys.executable, "-m", "qlmodels", action]
    said = failure(command, tmp_path, text(database.owner))
    assert "is at revision later" in said
    assert "install the release" in said

"""As a stranger: from a fresh clone by `make up`, and from a wheel in an empty folder."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from tests.conftest import Database
from tests.support.serving import running, serving

ROOT = Path(__file__).parents[2]
TABLES = (
    "agent_types",
    "sessions",
    "q_values",
    "trajectories",
    "rewards",
    "patterns",
    "agent_states",
)

INTERRUPTED = -signal.SIGINT  # make, once what it ran has ended

pytestmark = [pytest.mark.slow, pytest.mark.one_major]


def test_make_up_from_a_fresh_clone(folder: Path, environment: dict[str, str]) -> None:
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)  # noqa: S607
    url = [str(clone / ".venv/bin/qlmodels"), "login", "url", "qlpanel_local"]
    make_up = ["make", "-C", str(clone), "up"]
    for _ in ("first", "again"):
        with serving(make_up, folder, environment, ends=INTERRUPTED):
            found = subprocess.run(url, env=environment, capture_output=True, text=True, check=True)
            counts = asyncio.run(_until_all_hold_rows(found.stdout.strip()))
    assert min(counts.values()) > 0


async def _until_all_hold_rows(url: str) -> dict[str, int]:
    """Wait for the demo, at most as long as it may take; ask again with each answer."""
    connection = await asyncpg.connect(url)
    union = " union all ".join(f"select '{name}' as name, count(*) from {name}" for name in TABLES)
    try:
        async with asyncio.timeout(300):
            while True:
                counts = {row["name"]: row["count"] for row in await connection.fetch(union)}
                if all(counts.values()):
                    return counts
    finally:
        await connection.close()


@pytest.fixture
def wheel(folder: Path) -> Path:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    subprocess.run([*build, "--outdir", folder, ROOT], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def _environment(folder: Path, *packages: str) -> Path:
    """The bin folder of an empty virtual environment with these packages and what they need."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/pip", "install", "--quiet", *packages], check=True)
    return folder / "bin"


def test_the_wheel_with_all_extras_serves(
    folder: Path, environment: dict[str, str], wheel: Path
) -> None:
    programs = _environment(folder / "venv", f"{wheel}[all]")
    empty = folder / "empty"
    empty.mkdir()
    program = [str(programs / "qlmodels")]
    with running(environment, empty, "--no-demo", program=program):
        subprocess.run([programs / "qlmodels", "check"], cwd=empty, env=environment, check=True)
    assert not list(empty.iterdir())


def test_the_wheel_without_extras_imports_and_migrates(
    folder: Path, environment: dict[str, str], wheel: Path, empty_database: Database
) -> None:
    programs = _environment(folder / "venv", str(wheel))
    url = empty_database.owner.set(drivername="postgresql")
    environment["DATABASE_URL"] = url.render_as_string(hide_password=False)
    for command in (["-c", "import qlmodels"], ["-m", "qlmodels", "upgrade"]):
        subprocess.run([programs / "python", *command], cwd=folder, env=environment, check=True)
    refused = subprocess.run(
        [programs / "qlmodels", "up"], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert refused.returncode == 1
    assert "pip install 'qlmodels[admin]'" in refused.stderr

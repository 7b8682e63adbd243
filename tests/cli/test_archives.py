"""`qlmodels export` and `qlmodels import`, as people type them."""

import os
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qlmodels.cli.main import app
from tests.conftest import Database
from tests.support.serving import QLMODELS

pytestmark = pytest.mark.one_major


def run(database: Database, *words: str) -> subprocess.CompletedProcess[str]:
    url = database.owner.set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.run(
        [*QLMODELS, *words],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_there_and_back(database: Database, tmp_path: Path) -> None:
    folder = str(tmp_path / "all")
    done = run(database, "export", folder, "--agent", "test-generator")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{folder} holds 1 rows of 1 agent types.\n"
    again = run(database, "export", folder)
    assert again.returncode == 1
    assert again.stderr.startswith(f"qlmodels: {folder} holds an archive already")
    done = run(database, "import", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"The database has 1 rows of 1 agent types, as {folder} holds them.\n"


def test_an_archive_that_is_none(database: Database, tmp_path: Path) -> None:
    done = run(database, "import", str(tmp_path))
    assert done.returncode == 1
    assert "holds no manifest.json" in done.stderr


def test_a_minari_dataset(database: Database, tmp_path: Path) -> None:
    done = run(database, "export", str(tmp_path), "--format", "minari", "--agent", "test-generator")
    assert done.returncode == 1
    assert "test-generator has no episode that can be one of Minari's" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("--agent test-generator", "--format jsonl needs a folder"),
        ("here --id a-v0", "--id does not go with --format jsonl"),
        ("here --format parquet --env Taxi-v3", "--env does not go with --format parquet"),
        ("here --format minari", "writes one agent type, and 0 were named"),
        ("--format minari --agent a --agent b", "writes one agent type, and 2 were named"),
    ],
)
def test_options_that_do_not_fit_the_format(words: str, refusal: str) -> None:
    done = CliRunner().invoke(app, ["export", *words.split()], env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert refusal in " ".join(done.output.split())

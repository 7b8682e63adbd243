"""The initial revision as a script, in the eyes of squawk, a linter of migrations; npm has it."""

import shutil
import subprocess
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import make_url

from qlmodels import migrate

VERSION = "2.66.0"
NOT_OURS = "prefer-text-field,prefer-bigint-over-int"
"""Lengths and widths are as the guide's clients know them."""


@pytest.mark.slow
def test_squawk_has_nothing_to_say(folder: Path) -> None:
    if (npm := shutil.which("npm")) is None:
        pytest.skip("npm fetches squawk, and is not here")
    install = [npm, "install", "--no-save", "--prefix", str(folder), f"squawk-cli@{VERSION}"]
    got = subprocess.run(install, capture_output=True, text=True, check=False)
    if got.returncode:
        pytest.skip(f"npm cannot fetch squawk: {got.stderr[-500:]}")
    config = migrate.config(make_url("postgresql+asyncpg://nobody@127.0.0.1/nothing"))
    config.output_buffer = (folder / "upgrade.sql").open("w")
    with config.output_buffer:
        command.upgrade(config, "head", sql=True)
    squawk = folder / "node_modules" / ".bin" / "squawk"
    said = subprocess.run(
        [squawk, "--exclude", NOT_OURS, folder / "upgrade.sql"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    assert "Found 0 issues in 1 file" in said.stdout + said.stderr

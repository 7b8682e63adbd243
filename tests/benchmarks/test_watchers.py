"""A short run of the watchers: nobody misses a change, and the server's restart is seen through."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_nobody_misses_a_change_though_the_server_restarts() -> None:
    command = [sys.executable, "-m", "benchmarks.watchers", "--watchers", "20", "--agents", "6"]
    run = subprocess.run(
        [*command, "--minutes", "0.5", "--every", "8"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "the server restarted" in run.stderr
    assert "0 of 80 looks at a page missed a change" in run.stderr

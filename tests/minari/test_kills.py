"""Whatever ends an export, there is a whole dataset or none."""

import asyncio
import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import minari
import pytest

from qlmodels.connection import connect
from tests.conftest import Database

pytestmark = [pytest.mark.one_major, pytest.mark.slow]

KILLS = 50
MANY = """
insert into trajectories (
    agent_type, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards,
    total_reward, discounted_reward, execution_time_ms, success, terminated, started_at
)
select 'test-generator', 't', '0', '3', '["a", "b", "c"]', '[0, 1, 2, 3]', '[1, 2, 3]', 6, 6, 1,
       true, true, now()
  from generate_series(1, 200)
"""


def command(database: Database, root: Path) -> subprocess.Popen[bytes]:
    url = database.owner.set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "qlmodels",
            "export",
            str(root),
            "--format",
            "minari",
            "--agent",
            "test-generator",
        ],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
    )


def whole_or_none(root: Path) -> bool:
    """Whether there is a dataset, and then that nothing of it is missing."""
    found = minari.list_local_datasets()
    if not found:
        return False
    episodes = list(minari.load_dataset("test-generator-v0"))
    assert [len(episode) for episode in episodes] == [3] * 200
    shutil.rmtree(root / "test-generator-v0")
    return True


async def test_a_killed_export_leaves_no_dataset(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    async with connect(database.owner) as owner:
        await owner.execute(MANY)

    def kill_often() -> int:
        began = time.monotonic()
        assert command(database, tmp_path).wait(timeout=300) == 0
        seconds = time.monotonic() - began
        assert whole_or_none(tmp_path)
        rng, cut = random.Random(KILLS), 0
        for _ in range(KILLS):
            process = command(database, tmp_path)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=rng.uniform(0.3, 1.1) * seconds)
            process.kill()
            process.wait()
            cut += not whole_or_none(tmp_path)
        assert command(database, tmp_path).wait(timeout=300) == 0  # over what the last one left
        assert whole_or_none(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == []
        return cut

    assert await asyncio.to_thread(kill_often) > 0

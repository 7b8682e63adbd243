"""`qlmodels status` says which agent types need attention, and exits with 1 when one does."""

import json
import subprocess

import pytest

from qlmodels.connection import connect
from tests.conftest import Database
from tests.support.serving import QLMODELS

pytestmark = pytest.mark.one_major


def status(database: Database, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*QLMODELS, "status", *arguments],
        env={
            "DATABASE_URL": database.owner.render_as_string(hide_password=False),
            "COLUMNS": "200",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )


async def test_no_agent_type_needs_attention(database: Database) -> None:
    answer = status(database)
    assert answer.returncode == 0, answer.stderr
    assert "0 of 0 agent types need attention; 18 have not started." in answer.stdout


async def test_an_instance_in_error_needs_attention(database: Database) -> None:
    async with connect(database.owner) as connection:
        await connection.execute(
            "insert into agent_states (agent_type, agent_instance_id, status,"
            " current_exploration_rate, current_learning_rate)"
            " values ('test-generator', 'i', 'error', 0.1, 0.1)"
        )
    answer = status(database)
    assert answer.returncode == 1
    assert "in error" in answer.stdout
    assert "1 instance in status error" in answer.stdout
    assert "1 of 1 agent types need attention; 17 have not started." in answer.stdout

    answer = status(database, "--json")
    assert answer.returncode == 1
    first, *others = json.loads(answer.stdout)
    assert first["agent_type"] == "test-generator"
    assert first["verdicts"] == ["error"]
    assert first["reasons"] == ["1 instance in status error"]
    assert not any(other["needs_attention"] for other in others)

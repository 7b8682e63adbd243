"""The doctor's fix for drift: one command that brings the database back and leaves no revision."""

import json
import subprocess
from pathlib import Path

import pytest

from qlmodels import paths
from qlmodels.connection import connect
from tests.conftest import Database
from tests.support.serving import QLMODELS

pytestmark = pytest.mark.one_major

BY_HAND = """
drop policy qlmodels_agent_access on q_values;
grant select on rewards to public;
create table celery_taskmeta (id int);
create view bi_report with (security_invoker = true) as select agent_type from sessions;
"""


def run(database: Database, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*QLMODELS, *arguments],
        cwd=folder,
        env={
            "DATABASE_URL": database.owner.render_as_string(hide_password=False),
            "HOME": str(folder),
            "COLUMNS": "200",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )


def files_in(folder: Path) -> list[Path]:
    """What was left there beside the cache of the user, whose home it is."""
    return [path for path in folder.iterdir() if path.name != ".cache"]


async def _execute(database: Database, sql: str) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(sql)


async def test_what_was_changed_by_hand_is_undone(database: Database, folder: Path) -> None:
    revisions = sorted(paths.migrations().rglob("*.py"))
    await _execute(database, BY_HAND)
    [drift] = [
        finding
        for finding in json.loads(run(database, folder, "doctor", "--json").stdout)
        if finding["check"] == "drift"
    ]
    assert "celery_taskmeta" not in drift["evidence"]
    program, *arguments = drift["fix"].split()
    assert program == "qlmodels"

    tried = run(database, folder, *arguments, "--dry-run")
    assert "create policy qlmodels_agent_access on public.q_values" in tried.stdout
    refused = run(database, folder, *arguments)
    assert refused.returncode == 1
    assert "Nothing was changed. Run `qlmodels repair --yes`" in refused.stderr
    assert run(database, folder, "check").returncode == 1

    repaired = run(database, folder, *arguments, "--yes")
    assert repaired.returncode == 0, repaired.stderr
    checked = run(database, folder, "check")
    assert checked.returncode == 0, checked.stderr
    assert "table celery_taskmeta" in checked.stdout
    assert "view bi_report" in checked.stdout
    assert run(database, folder, *arguments).stdout == "There is nothing to repair.\n"
    assert run(database, folder, "upgrade").returncode == 0
    assert sorted(paths.migrations().rglob("*.py")) == revisions
    assert files_in(folder) == []


async def test_data_is_lost_only_on_request(database: Database, folder: Path) -> None:
    await _execute(
        database,
        "alter table agent_types add column note text; update agent_types set note = 'mine'",
    )
    refused = run(database, folder, "repair", "--yes")
    assert refused.returncode == 1
    assert "public.agent_types.note holds data that this revision would drop" in refused.stderr
    done = run(database, folder, "repair", "--yes", "--lose", "public.agent_types.note")
    assert done.returncode == 0, done.stderr
    assert run(database, folder, "check").returncode == 0


async def test_what_is_not_declared_is_an_error_on_request(
    database: Database, folder: Path
) -> None:
    await _execute(database, "create table celery_taskmeta (id int)")
    assert "celery_taskmeta" in run(database, folder, "check").stdout
    assert "celery_taskmeta" not in run(database, folder, "check", "--undeclared", "ignore").stdout
    strict = run(database, folder, "check", "--undeclared", "error")
    assert strict.returncode == 1
    assert "table celery_taskmeta is in the database and not declared" in strict.stderr

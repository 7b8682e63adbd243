"""`qlmodels policy`, as people type it."""

import asyncio
import json

import pytest
from typer.testing import CliRunner, Result

from qlmodels.cli import app
from qlmodels.connection import connect
from tests.conftest import Database
from tests.policies.conftest import AGENT, OTHER, PAIRS

pytestmark = pytest.mark.one_major


def run(*words: str, say: str | None = None) -> Result:
    return CliRunner().invoke(app, words, input=say, env={"COLUMNS": "160"})


async def execute(database: Database, statement: str) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(statement)


def test_from_keeping_to_restoring(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    url = database.owner.set(drivername="postgresql")
    monkeypatch.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
    assert "Nothing is kept of" in run("policy", "list", AGENT).output
    asyncio.run(execute(database, PAIRS))
    assert run("policy", "snapshot", "--note", "the [first]").output == f"{AGENT}: version 1\n"
    shown = run("policy", "list", AGENT).output
    assert "the [first]" in shown
    assert "qlmodels_owner" in shown
    [version] = json.loads(run("policy", "list", AGENT, "--json").output)
    assert (version["states"], version["pairs"], version["reason"]) == (4, 8, "hand")

    asyncio.run(execute(database, "update q_values set q_value = 6 where action_hash = 'a2'"))
    told = run("policy", "diff", AGENT, "1").output
    assert f"{AGENT}, version 1 to now: 1 of 4 states have another greedy action" in told
    assert told.index("Greedy actions") < told.index("Largest changes")
    found = json.loads(run("policy", "diff", AGENT, "now", "1", "--json").output)
    assert (found["changed"], found["greedy_changed"]) == (3, 1)
    assert run("policy", "diff", AGENT, "one").exit_code == 2

    preview = run("policy", "restore", AGENT, "1", "--dry-run").output
    assert preview.startswith(f"{AGENT}, version 1: 3 of 8 pairs get their values back")
    assert run("policy", "restore", AGENT, "1", say="n\n").exit_code == 1
    assert len(json.loads(run("policy", "list", AGENT, "--json").output)) == 1
    done = run("policy", "restore", AGENT, "1", say="y\n").output
    assert done.endswith("Restored, as version 3. What was there is version 2.\n")

    preview = run("policy", "merge", AGENT, OTHER, "--dry-run").output
    assert preview.startswith(f"Of 8 pairs of {AGENT}, 8 are new to {OTHER}, 0 get other values")
    done = run("policy", "merge", AGENT, OTHER, "--rule", "keep", "--yes").output
    assert done.endswith(f"Merged: {OTHER} is at version 2. What was there is version 1.\n")
    refused = run("policy", "promote", f"{AGENT}@1", OTHER, "--dry-run")
    assert "number of actions is 8 there and 4 here" in " ".join(str(refused.exception).split())
    asyncio.run(execute(database, "update agent_types set action_space_dimensions = 4"))
    told = run("policy", "promote", AGENT, OTHER, say="y\n").output
    assert told.startswith(f"{OTHER} gets the 8 pairs of {AGENT}: 0 are new to it, ")
    assert f"`qlmodels policy take-back {OTHER}` brings it back." in told
    assert run("policy", "promote", f"{AGENT}@1", OTHER, "--with-settings", "--yes").exit_code == 0
    assert run("policy", "take-back", OTHER, say="n\n").exit_code == 1
    told = run("policy", "take-back", OTHER, "--yes").output
    assert told.startswith(f"{OTHER} goes back from version 6, promoted, to version 5.\n")
    assert run("policy", "promote", f"{AGENT}@first", OTHER).exit_code == 2
    again = run("policy", "merge", AGENT, OTHER, "--rule", "keep", "--yes").output
    assert "0 are new" in again
    assert "8 stay as they are" in again

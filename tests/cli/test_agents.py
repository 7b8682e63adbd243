"""`qlmodels agent`, as people type it."""

import json

import pytest
from typer.testing import CliRunner

from qlmodels.cli import app
from qlmodels.connection import connect
from tests.cli.conftest import Run, use
from tests.cli.test_archives import run
from tests.conftest import Database

pytestmark = pytest.mark.one_major

REFUSED = {
    "Lake": "agent_type: String should match pattern",
    "lake --set learning_rate=5": "learning_rate: Input should be less than or equal to 1",
    "lake --set speed=5": "speed: Extra inputs are not permitted",
    "lake --set speed": "--set speed has no value",
}


CHANGES_REFUSED = [
    ("quality-gate learning_rate=5", "learning_rate: Input should be less than or equal to 1", 2),
    ("quality-gate speed=5", "speed: Extra inputs are not permitted", 2),
    ("quality-gate speed", "speed has no value: write speed=VALUE", 2),
    ("quality-gate agent_type=mine", "agent_type cannot be changed", 2),
    ("quality-gate action_space_dimensions=0", "action_space_dimensions: Input should be", 2),
    ("quality-gate learning_rate=null", "learning_rate: Input should be", 2),
    ("nobody learning_rate=0.5", "There is no agent type nobody", 1),
]


@pytest.mark.long
async def test_an_agent_type_is_added(database: Database) -> None:
    done = run(database, "agent", "add", "lake-walker", "--set", "learning_rate=0.5")
    assert (done.returncode, done.stderr) == (0, "")
    assert "`qlmodels login create lake-walker --url` prints the URL" in done.stdout
    async with connect(database.owner) as owner:
        row = await owner.fetchrow("select * from agent_types where agent_type = 'lake-walker'")
    assert row is not None
    assert (row["display_name"], row["learning_rate"]) == ("Lake walker", 0.5)
    assert (row["discount_factor"], row["is_active"]) == (0.95, True)
    listed = run(database, "agent", "list")
    assert "lake-walker" in listed.stdout
    again = run(database, "agent", "add", "lake-walker")
    assert again.returncode == 1
    assert "There is an agent type lake-walker already" in again.stderr


@pytest.mark.long
async def test_columns_of_an_agent_type_are_changed(database: Database) -> None:
    done = run(
        database,
        "agent",
        "set",
        "quality-gate",
        "action_space_dimensions=null",
        "learning_rate=0.5",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "quality-gate: action_space_dimensions=None, learning_rate=0.5\n"
    async with connect(database.owner) as owner:
        row = await owner.fetchrow("select * from agent_types where agent_type = 'quality-gate'")
        logged = await owner.fetchval(
            "select count(*) from qlmodels_private.audit_log where table_name = 'agent_types'"
            " and operation = 'update'"
        )
    assert row is not None
    assert (row["action_space_dimensions"], row["learning_rate"]) == (None, 0.5)
    assert (row["state_space_dimensions"], row["display_name"]) == (10, "Quality Gate")
    assert logged == 1
    for words, wrong, code in CHANGES_REFUSED:
        refused = run(database, "agent", "set", *words.split())
        assert wrong in " ".join(refused.stderr.replace("│", " ").split())
        assert refused.returncode == code
    async with connect(database.owner) as owner:
        again = await owner.fetchrow("select * from agent_types where agent_type = 'quality-gate'")
    assert again == row


@pytest.mark.parametrize("words", REFUSED)
def test_what_no_agent_type_can_be_is_refused(words: str) -> None:
    refused = CliRunner().invoke(app, ["agent", "add", *words.split()])
    assert refused.exit_code == 2
    assert REFUSED[words] in " ".join(refused.output.replace("│", " ").split())


def test_an_agent_type_is_copied(
    database: Database, runs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(database.owner, monkeypatch)
    words = ["agent", "copy", "quality-gate", "quality-gate-2", "--set", "learning_rate=0.2"]
    done = runs(words)
    assert "`qlmodels login create quality-gate-2 --url` prints the URL" in done.output
    [made] = json.loads(runs(["agent", "list", "quality-gate-", "--json"]).output)
    [source, _] = json.loads(runs(["agent", "list", "quality-gate", "--json"]).output)
    assert (made["learning_rate"], made["display_name"]) == (0.2, "Quality gate 2")
    other = {"agent_type", "display_name", "created_at", "updated_at", "learning_rate"}
    assert {name: made[name] for name in made.keys() - other} == {
        name: source[name] for name in source.keys() - other
    }
    assert "quality-gate-2 already" in runs(words).sentence()
    assert "no agent type nobody" in runs(["agent", "copy", "nobody", "other"]).sentence()
    for wrong in ("learning_rate=5", "agent_type=mine", "speed=1", "speed"):
        assert runs(["agent", "copy", "quality-gate", "other", "--set", wrong]).code == 2

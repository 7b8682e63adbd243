"""Commands that delete rows name their number by table, and delete nothing unless they are told."""

import asyncio
from pathlib import Path

import pytest

from qlmodels.connection import connect
from tests.cli.conftest import Run, use
from tests.conftest import Database

ARCHIVE = Path(__file__).parents[1] / "archive" / "revision_0001" / "jsonl"
COMMANDS = {
    "downgrade base": (["downgrade", "base"], "19 of agent_types"),
    "downgrade 0001": (["downgrade", "0001"], "1 of qlmodels_admin.sign_in_attempts"),
    "demo": (["demo", "--remove"], "1 of q_values"),
    "agent remove": (["agent", "remove", "demo-lake"], "`agent remove` deletes these rows: 1 of"),
    "import": (["import", str(ARCHIVE), "--replace"], "of agent_types"),
}
ROWS = """
insert into agent_types (agent_type, display_name) values ('demo-lake', 'Of the demo')
on conflict do nothing;
insert into q_values
       (agent_type, state_hash, state_data, action_hash, action_data, q_value)
values ('demo-lake', 's', '{}', 'a', '{}', 1);
insert into qlmodels_admin.sign_in_attempts (key, expires_at) values ('x', now());
"""

pytestmark = pytest.mark.one_major


async def rows_of(database: Database) -> list[int]:
    async with connect(database.owner) as owner:
        return [
            int(await owner.fetchval(f"select count(*) from {table}") or 0)
            for table in ("agent_types", "q_values", "qlmodels_admin.sign_in_attempts")
        ]


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_deleted_without_consent(
    command: str, database: Database, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, counted = COMMANDS[command]
    use(database.owner, monkeypatch)
    before = asyncio.run(_filled(database))
    ending = run(words)
    assert counted in ending.output
    assert "Run it again with --yes" in ending.sentence()
    assert asyncio.run(rows_of(database)) == before


async def _filled(database: Database) -> list[int]:
    async with connect(database.owner) as owner:
        await owner.execute(ROWS)
    return await rows_of(database)


def test_with_consent_they_go(
    database: Database, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(database.owner, monkeypatch)
    [agent_types, pairs, _] = asyncio.run(_filled(database))
    assert run(["demo", "--remove", "--yes"]).code == 0
    assert asyncio.run(rows_of(database))[:2] == [agent_types - 1, pairs - 1]


def test_removed_agent_types_are_archived_first(
    database: Database, run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(database.owner, monkeypatch)
    [agent_types, pairs, _] = asyncio.run(_filled(database))
    refused = run(["agent", "remove", "demo-lake"])
    assert "`qlmodels agent set demo-lake is_active=false` keeps the rows" in refused.sentence()
    assert "There is no agent type nobody" in run(["agent", "remove", "nobody"]).sentence()
    done = run(["agent", "remove", "demo-lake", "--yes"])
    assert "Removed: demo-lake; 1 rows and 0 logins with them." in done.output
    [folder] = place.glob("removed-agents-*")
    assert f"`qlmodels import {folder.name}` brings it back" in done.output
    assert asyncio.run(rows_of(database))[:2] == [agent_types - 1, pairs - 1]
    assert run(["import", folder.name]).code == 0
    assert asyncio.run(rows_of(database))[:2] == [agent_types, pairs]
    named = ["agent", "remove", "demo-lake", "--yes", "--archive", "kept"]
    assert run(named).code == 0
    assert (place / "kept" / "manifest.json").exists()
    assert run(["import", "kept"]).code == 0
    assert run(["agent", "remove", "demo-lake", "--yes", "--no-archive"]).code == 0
    assert len([*place.glob("removed-agents-*")]) == 1
    for wrong in (["--no-archive", "--archive", "x", "demo-lake"], ["--fleet", "--archive", "x"]):
        assert run(["agent", "remove", *wrong]).code == 2


def test_nothing_is_asked_where_there_is_nothing(
    empty_database: Database, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(empty_database.owner, monkeypatch)
    assert run(["downgrade", "base"]).code == 0

"""The fleet's agent types: said, left out, taken away, unless they have rows."""

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from qlmodels import logins, migrate
from qlmodels.backup import back_up
from qlmodels.cli import app
from qlmodels.connection import connect
from qlmodels.files import sql_of
from qlmodels.fleet import TESTING_FLEET
from tests.adopt.original import make_original
from tests.cli.conftest import Run, use
from tests.conftest import PASSWORD, Database

pytestmark = pytest.mark.one_major

PAIR = """
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value)
values ('quality-gate', 's', '{}', 'a', '{}', 1), ('security-scanner', 's', '{}', 'a', '{}', 1)
"""


def agent_types(database: Database) -> list[str]:
    async def read() -> list[str]:
        async with connect(database.owner) as owner:
            rows = await owner.fetch("select agent_type from agent_types order by agent_type")
            return [row["agent_type"] for row in rows]

    return asyncio.run(read())


def test_the_fleet_is_what_the_first_revision_adds() -> None:
    seeds = sql_of("qlmodels.ddl")("seed_agent_types")
    assert set(TESTING_FLEET) == set(re.findall(r"^    \('([^']+)'", seeds, re.MULTILINE))


def test_a_first_upgrade_says_what_it_does_beyond_its_schema(
    empty_database: Database, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(empty_database.owner, monkeypatch)
    said = run(["upgrade"]).output
    name = empty_database.name
    assert f"grant temporary on database {name} to LOGIN;" in said
    assert "adds 18 agent types of a testing fleet" in said
    assert agent_types(empty_database) == list(TESTING_FLEET)
    assert "TEMPORARY" not in run(["upgrade"]).output, "the second one changes none of it"


@pytest.mark.parametrize("command", ["upgrade", "adopt", "restore FILE"])
def test_what_makes_the_schema_can_be_declined_on_a_terminal(
    database: Database,
    empty_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: str,
) -> None:
    if command == "adopt":
        asyncio.run(_make_original(empty_database))
    file = tmp_path / "backup"
    back_up(database.owner, file)
    use(empty_database.owner, monkeypatch)
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("qlmodels.cli.consequences.sys", terminal)
    words = [str(file) if word == "FILE" else word for word in command.split()]
    declined = CliRunner().invoke(app, words, input="n\n")
    assert declined.exit_code == 1
    assert f"grant temporary on database {empty_database.name} to LOGIN;" in declined.output
    assert asyncio.run(migrate.current(empty_database.owner)) is None
    assert CliRunner().invoke(app, [*words, "--yes"]).exit_code == 0
    assert asyncio.run(migrate.current(empty_database.owner)) == migrate.head()


async def _make_original(database: Database) -> None:
    async with connect(database.owner) as owner:
        await make_original(owner, "SQL file", scale=0, faulty=False)


def test_without_the_fleet(
    empty_database: Database, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(empty_database.owner, monkeypatch)
    assert "testing fleet" not in run(["upgrade", "--no-fleet"]).output
    assert agent_types(empty_database) == []
    assert run(["upgrade", "--no-fleet"]).code == 0


def test_a_login_without_createrole_is_told_so(
    empty_database: Database, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a server that has none of the roles; here one of them is called otherwise meanwhile."""

    async def prepare() -> None:
        async with connect(empty_database.superuser) as superuser:
            await superuser.execute(f"create role plain login password '{PASSWORD}'")
            await superuser.execute(f"alter database {empty_database.name} owner to plain")
            await superuser.execute("alter role analytics_role rename to other_role")

    async def clean() -> None:
        async with connect(empty_database.superuser) as superuser:
            await superuser.execute("alter role other_role rename to analytics_role")
            await superuser.execute("reassign owned by plain to current_user")
            await superuser.execute("drop role plain")

    asyncio.run(prepare())
    try:
        use(empty_database.url("plain"), monkeypatch)
        sentence = run(["upgrade"]).sentence()
    finally:
        asyncio.run(clean())
    assert "Login plain may not create roles, and analytics_role are missing" in sentence
    assert 'alter role "plain" createrole' in sentence


def test_what_has_rows_stays(database: Database, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    use(database.owner, monkeypatch)

    async def prepare() -> None:
        async with connect(database.owner) as owner:
            await owner.execute(PAIR)
            await logins.create(owner, "agent", "visual-tester", PASSWORD)

    async def names() -> set[str]:
        async with connect(database.owner) as owner:
            return {login.name for login in await logins.list_logins(owner)}

    asyncio.run(prepare())
    ending = run(["agent", "remove", "--fleet"])
    assert (
        "They have rows and stay: quality-gate, security-scanner, test-generator." in ending.output
    )
    assert agent_types(database) == ["quality-gate", "security-scanner", "test-generator"]
    assert "ql_visual-tester" not in asyncio.run(names())


def test_logins_of_others_may_make_temporary_tables_again(
    database: Database, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the upgrade says; `check` finds nothing wrong with it."""
    use(database.owner, monkeypatch)

    async def grant() -> None:
        async with connect(database.superuser) as superuser:
            await superuser.execute(f"create role their_service login password '{PASSWORD}'")
        async with connect(database.owner) as owner:
            await owner.execute(f"grant temporary on database {database.name} to their_service")

    async def clean() -> None:
        async with connect(database.superuser) as superuser:
            await superuser.execute("drop owned by their_service; drop role their_service")

    asyncio.run(grant())
    try:
        checked = run(["check"])
    finally:
        asyncio.run(clean())
    assert checked.code == 0, checked

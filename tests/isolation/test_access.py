"""The access matrix of the declarations is the one that a database has, and drift shows."""

import json

import pytest
from typer.testing import CliRunner

from qlmodels.access import declared_matrix, live_matrix
from qlmodels.cli import app
from qlmodels.connection import connect
from qlmodels.ddl.access import DEFINER, DOORS
from qlmodels.ddl.routines import FUNCTIONS
from tests.conftest import Database


async def test_declared_and_live_are_equal(database: Database) -> None:
    async with connect(database.owner) as owner:
        assert (await live_matrix(owner)).document() == declared_matrix().document()


@pytest.mark.parametrize(
    "drift",
    [
        "grant select on q_values to anon; create policy p on q_values to anon using (true)",
        "grant select (metadata) on q_values to public; create policy p on q_values using (false)",
        "grant truncate on rewards to service_role",
        "revoke insert (agent_type) on sessions from qlmodels_agent;"
        " revoke insert on sessions from qlmodels_agent",
        "alter policy qlmodels_agent_access on patterns using (true)",
        "alter policy authenticated_access on patterns with check (agent_type <> 'x')",
        "drop policy analytics_role_access on agent_types",
        "alter table trajectories disable row level security",
        "alter table rewards drop constraint fk_rewards_session_id,"
        " drop constraint fk_rewards_trajectory_id;"
        " alter table q_values drop constraint fk_q_values_session_id",
        "revoke execute on function qlmodels.delete_rows from qlmodels_agent",
        "grant qlmodels_panel to analytics_role",
    ],
)
async def test_drift_shows(database: Database, drift: str) -> None:
    async with connect(database.superuser) as superuser:
        transaction = superuser.transaction()  # roles belong to the whole server
        await transaction.start()
        await superuser.execute(drift)
        assert (await live_matrix(superuser)).document() != declared_matrix().document()
        await transaction.rollback()


def test_every_function_that_sees_all_rows_is_accounted_for() -> None:
    assert {function.name for function in FUNCTIONS if function.owner == DEFINER} == set(DOORS)


def test_agents_never_truncate_and_never_delete_by_themselves() -> None:
    matrix = declared_matrix()
    for role in ("PUBLIC", "anon", "qlmodels_agent", "qlmodels_fleet", "authenticated"):
        for table in matrix.tables:
            assert ("D" in (letters := matrix.letters(role, table))) is False
            assert not set(letters) & set("SIUT")


def test_the_command_prints_the_declarations() -> None:
    printed = CliRunner().invoke(app, ["access", "--json"])
    assert printed.exit_code == 0, printed.output
    assert json.loads(printed.output) == declared_matrix().document()
    shown = CliRunner().invoke(app, ["access"], env={"COLUMNS": "140"})
    assert "qlmodels_agent" in shown.output
    assert "siu(d)" in shown.output


def test_the_command_reads_the_database(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.owner.render_as_string(hide_password=False))
    printed = CliRunner().invoke(app, ["access", "--live", "--json"])
    assert printed.exit_code == 0, printed.output
    assert json.loads(printed.output) == declared_matrix().document()

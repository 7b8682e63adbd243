"""What independent tools find in the schema: nothing.

The tools are installed for the run (`make test-all`);
pgrls is no development dependency: it brings a driver and a theorem prover that nothing else needs.
"""

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from qlmodels.access import declared_matrix
from qlmodels.connection import connect
from tests.conftest import Database

pytestmark = [pytest.mark.slow, pytest.mark.one_major]

PGRLS = "pgrls==0.57.1"
SPLINTER = "@postgres-language-server/cli@0.25.5"
SETTINGS = Path(__file__).with_name("pgrls.toml")
ONLY_WHAT_IS_DETERMINISTIC = {
    "splinter": {"enabled": True, "rules": {"performance": {"unusedIndex": "off"}}}
}


@pytest.fixture(scope="session")
def pgrls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, in a virtual environment of its own."""
    if found := shutil.which("pgrls"):
        return Path(found)
    home = tmp_path_factory.mktemp("pgrls")
    venv.create(home, with_pip=True)
    subprocess.run([home / "bin" / "pip", "install", "--quiet", PGRLS], check=True)
    return home / "bin" / "pgrls"


@pytest.fixture(scope="session")
def splinter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the language server that holds Supabase's lints."""
    home = tmp_path_factory.mktemp("splinter")
    (home / "postgres-language-server.jsonc").write_text(json.dumps(ONLY_WHAT_IS_DETERMINISTIC))
    npm = shutil.which("npm")
    assert npm is not None, "npm is not installed"
    subprocess.run([npm, "install", "--no-audit", "--no-fund", SPLINTER], cwd=home, check=True)
    return home


async def _prepare(database: Database, statement: str = "") -> dict[str, str]:
    async with connect(database.superuser) as superuser:
        await superuser.execute(f"alter database {database.name} set pgrst.db_schemas = 'public'")
        if statement:
            await superuser.execute(statement)
    url = database.superuser.set(drivername="postgresql")
    return {"DATABASE_URL": url.render_as_string(hide_password=False)}


def _splinter(home: Path, environment: dict[str, str]) -> list[Any]:
    program = home / "node_modules" / ".bin" / "postgres-language-server"
    done = subprocess.run(
        [program, "dblint", "--max-diagnostics=none", "--error-on-warnings", "--reporter=json"],
        cwd=home,
        env={"PATH": _path(), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    found: list[Any] = json.loads(done.stdout)["diagnostics"]
    return found


def _pgrls(program: Path, environment: dict[str, str], *arguments: str) -> Any:
    done = subprocess.run(
        [program, *arguments, "--config", SETTINGS, "--format", "json"],
        env={"PATH": _path(), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def _path() -> str:
    node = shutil.which("node")
    return f"{Path(node).parent if node else ''}:{Path(sys.executable).parent}:/usr/bin:/bin"


async def test_splinter_finds_nothing(database: Database, splinter: Path) -> None:
    assert _splinter(splinter, await _prepare(database)) == []


async def test_splinter_would_find_it(database: Database, splinter: Path) -> None:
    environment = await _prepare(database, "alter table q_values disable row level security")
    assert _splinter(splinter, environment)


async def test_pgrls_finds_nothing(database: Database, pgrls: Path) -> None:
    found = _pgrls(pgrls, await _prepare(database), "lint")["violations"]
    assert [(one["rule_id"], one["location"]) for one in found if one["severity"] != "info"] == []


async def test_pgrls_would_find_it(database: Database, pgrls: Path) -> None:
    environment = await _prepare(database, "create policy spy on q_values to anon using (true)")
    found = _pgrls(pgrls, environment, "lint")["violations"]
    assert "public.q_values.spy" in {one["location"] for one in found}


@pytest.mark.parametrize("mode", ["anon", "cross-tenant", "write", "escalation", "reachability"])
async def test_pgrls_proves_no_leak(database: Database, pgrls: Path, mode: str) -> None:
    """Policies that read session_user are beyond it, so that it verifies none; it refutes none."""
    answer = _pgrls(pgrls, await _prepare(database), "verify", "--mode", mode)
    assert answer["summary"]["leak"] == 0


async def test_pgrls_reads_the_same_matrix(database: Database, pgrls: Path) -> None:
    """What grants and permissive policies allow: it cannot tell whom `confined` leaves out."""
    ours = declared_matrix().document()
    roles = ",".join(ours["roles"])
    permissive = await _prepare(
        database, ";".join(f"drop policy confined on {table}" for table in declared_matrix().tables)
    )
    theirs = _pgrls(pgrls, permissive, "matrix", "--schemas", "public", "--roles", roles)
    assert {key: theirs[key] for key in ours} == ours

"""The Edge Function in a real Deno, in front of a real database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from qlmodels.connection import connect
from tests.conftest import Database
from tests.functions.postgrest import BROKEN, KEY, postgrest, token

DENO = Path(sys.executable).parent / "deno"
FUNCTIONS = Path(__file__).parents[2] / "supabase" / "functions"
FUNCTION = FUNCTIONS / "get-best-action" / "index.ts"
ANY_PORT = "tcp:127.0.0.1:0"
QUESTION = {"agent_type": "test-generator", "state_hash": "s"}

pytestmark = pytest.mark.one_major


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DENO_DIR": str(folder),
        "DENO_NO_UPDATE_CHECK": "1",
        **more,
    }


@contextmanager
def served(folder: Path, url: str, **variables: str) -> Iterator[httpx.Client]:
    """It may talk to this machine and read these variables: whatever else it tries is refused."""
    names = "SUPABASE_URL,SUPABASE_PUBLISHABLE_KEYS,SUPABASE_ANON_KEY"
    with subprocess.Popen(
        [
            DENO,
            "run",
            "--no-prompt",
            "--no-remote",
            "--no-npm",
            "--allow-net=127.0.0.1",
            f"--allow-env={names}",
            FUNCTION,
        ],
        env=environment(folder, SUPABASE_URL=url, DENO_SERVE_ADDRESS=ANY_PORT, **variables),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            address = said.partition("http://")[2].split()[0].rstrip("/")
            with httpx.Client(base_url=f"http://{address}", timeout=60) as client:
                yield client
        finally:
            process.terminate()
            process.communicate()


@pytest.fixture
async def learned(database: Database) -> Database:
    """Two agent types know different actions for the same state."""
    async with connect(database.owner) as owner:
        for agent_type in ("test-generator", "security-scanner"):
            await owner.execute(
                "select upsert_q_value($1, 's', '{}', 'a', $2, 0.5)",
                agent_type,
                f'{{"of": "{agent_type}"}}',
            )
    return database


def ask(client: httpx.Client, agent_type: str | None, question: Any = QUESTION, **more: str) -> Any:
    return client.post(
        "/", json=question, headers={"Authorization": f"Bearer {token(agent_type, **more)}"}
    )


@pytest.mark.parametrize(
    "variables",
    [
        {"SUPABASE_PUBLISHABLE_KEYS": f'{{"default": "{KEY}"}}', "SUPABASE_ANON_KEY": "legacy"},
        {"SUPABASE_ANON_KEY": KEY},
    ],
    ids=["publishable key", "legacy key"],
)
def test_a_caller_is_answered_with_its_own(
    learned: Database, folder: Path, variables: dict[str, str]
) -> None:
    with postgrest(learned.superuser) as url, served(folder, url, **variables) as client:
        answered = ask(client, "test-generator")
        assert answered.status_code == 200
        [best] = answered.json()
        assert best["action_data"] == {"of": "test-generator"}
        assert (best["q_value"], best.keys() >= {"confidence_score"}) == (0.5, True)
        assert ask(client, "test-generator", QUESTION | {"state_hash": "other"}).json() == []


def test_nobody_reads_anothers_values(learned: Database, folder: Path) -> None:
    with (
        postgrest(learned.superuser) as url,
        served(folder, url, SUPABASE_ANON_KEY=KEY) as client,
    ):
        another = ask(client, "security-scanner")
        assert (another.status_code, another.json()) == (200, [])
        nameless = ask(client, None)
        assert nameless.status_code == 403
        assert "agent type" in nameless.json()["error"]
        anonymous = ask(client, None, role="anon")
        assert anonymous.status_code == 403
        assert "permission denied for function get_best_action" in anonymous.json()["error"]


def test_what_it_refuses(learned: Database, folder: Path) -> None:
    with (
        postgrest(learned.superuser) as url,
        served(folder, url, SUPABASE_ANON_KEY=KEY) as client,
    ):
        assert client.post("/", json=QUESTION).status_code == 401
        assert client.get("/").status_code == 405
        preflight = client.options("/")
        assert preflight.status_code == 204
        assert "authorization" in preflight.headers["Access-Control-Allow-Headers"]
        wrongs: tuple[Any, ...] = (
            [],
            "s",
            {},
            QUESTION | {"state_hash": 1},
            QUESTION | {"state_hash": ""},
            QUESTION | {"state_hash": "s" * 65},
            {"agent_type": "test-generator"},
        )
        for wrong in wrongs:
            answered = ask(client, "test-generator", wrong)
            assert answered.status_code == 400, wrong
            assert "is to be a string of 1 to" in answered.json()["error"]
        authorized = {"Authorization": f"Bearer {token('test-generator')}"}
        no_json = client.post("/", content=b"{", headers=authorized)
        assert (no_json.status_code, no_json.json()) == (400, {"error": "the body is no JSON"})
        broken = ask(client, "test-generator", QUESTION | {"state_hash": BROKEN})
        assert (broken.status_code, broken.json()) == (502, {"error": "the database answered 500"})


def test_a_wrong_key_and_a_gateway_that_is_away(learned: Database, folder: Path) -> None:
    with postgrest(learned.superuser) as url, served(folder, url) as client:
        assert ask(client, "test-generator").json() == {"error": "No API key found in request"}
    with served(folder, url) as client:
        answered = ask(client, "test-generator")
    assert (answered.status_code, answered.json()) == (
        502,
        {"error": "the database did not answer"},
    )


@pytest.mark.parametrize("command", ["check", "lint", "fmt --check"])
def test_it_is_typed_and_tidy(folder: Path, command: str) -> None:
    done = subprocess.run(
        [DENO, *command.split(), "."],
        cwd=FUNCTIONS,
        env=environment(folder),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr

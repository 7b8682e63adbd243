"""`qlmodels init`, by flags and in a terminal."""

import os
import pty
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from qlmodels.cli import app
from qlmodels.errors import ConfigurationError
from qlmodels.settings import Settings
from tests.conftest import Database
from tests.support.pgbouncer import pgbouncer
from tests.support.serving import QLMODELS
from tests.support.tls import WITH_TLS, Secured, secured_server

SECRET = "p@ss w+rd/${HOME}'\"#%&?\\"
POOLER = "aws-0-eu-central-1.pooler.supabase.com"


def init(
    folder: Path, environment: dict[str, str], *words: str, password: str = SECRET
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*QLMODELS, "init", "--password-stdin", *words],
        cwd=folder,
        env=environment,
        input=f"{password}\n",
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a password in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUPABASE_DB_PASSWORD", SECRET)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("--address direct --project abc", "postgres@db.abc.supabase.co:5432/postgres"),
        ("--address dedicated --project abc", "postgres@db.abc.supabase.co:6543/postgres"),
        (
            f"--address session --project abc --host {POOLER} --user me",
            f"me.abc@{POOLER}:5432/postgres",
        ),
        (
            f"--address transaction --project abc --host {POOLER}",
            f"postgres.abc@{POOLER}:6543/postgres",
        ),
    ],
)
def test_addresses_of_supabase(here: Path, words: str, end: str) -> None:
    authority = here / "the platform's ca.crt"
    app(["init", *words.split(), "--ca-file", str(authority), "--no-test"], standalone_mode=False)
    assert (here / ".env").stat().st_mode & 0o777 == 0o600
    url = Settings().owner_url()
    assert url is not None
    assert url.password == SECRET
    assert f"{url.username}@{url.host}:{url.port}/{url.database}" == end
    assert url.query == {"ssl": "verify-full", "sslrootcert": str(authority)}


def test_what_it_writes_means_the_same_to_a_shell(
    folder: Path, environment: dict[str, str]
) -> None:
    done = init(
        folder,
        environment,
        "--address",
        "direct",
        "--project",
        "abc",
        "--tls",
        "require",
        "--no-test",
    )
    assert done.returncode == 0, done.stderr
    shell = ["bash", "-euc", 'set -a; . ./.env; printf %s "$DATABASE_URL"']
    said = subprocess.run(shell, cwd=folder, capture_output=True, text=True, check=True).stdout
    url = make_url(said)
    assert (url.password, dict(url.query)) == (SECRET, {"sslmode": "require"})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "--address is missing: it is one of direct, session, transaction, dedicated, postgre"),
        ("--address direct", "--project is missing"),
        ("--address session --project abc", "--host is missing: host of the pooler"),
        ("--address direct --project abc", "--ca-file is missing: file of the platform's certif"),
        ("--address direct --project https://abc.supabase.co", "is no project reference"),
        ("--address direct --project abc --host db", "leave --host out"),
        ("--address direct --project abc --tls disable", "a password must not be read"),
        ("--address direct --project abc --tls require --ca-file x", "--ca-file is of no use"),
        ("--address postgres", "--host is missing"),
    ],
)
def test_what_is_missing_is_said(here: Path, words: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        app(["init", *words.split()], standalone_mode=False)
    assert not (here / ".env").exists()


def test_without_a_password(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUPABASE_DB_PASSWORD")
    with pytest.raises(ConfigurationError, match="give it by --password-stdin, or in the env"):
        app(["init", "--address", "postgres", "--host", "localhost"], standalone_mode=False)


def test_the_environment_goes_first(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@db/mine")
    words = ["--address", "direct", "--project", "abc", "--tls", "require", "--no-test"]
    app(["init", *words], standalone_mode=False)
    assert "unset DATABASE_URL" in capsys.readouterr().out


@pytest.mark.one_major
def test_it_tries_a_pooler(
    database: Database,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    user, password = str(database.owner.username), str(database.owner.password)
    monkeypatch.setenv("SUPABASE_DB_PASSWORD", password)
    monkeypatch.setenv("QLMODELS_POOLER", "transaction")
    with pgbouncer(database.server, {user: password}) as port:
        app(
            [
                "init",
                "--address",
                "postgres",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
                "--user",
                user,
                "--database",
                database.name,
            ],
            standalone_mode=False,
        )
    assert "Behind a transaction pooler migrate by another address" in capsys.readouterr().out


@pytest.mark.one_major
def test_it_tries_what_it_writes(
    database: Database, folder: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [
        "--address",
        "postgres",
        "--host",
        "127.0.0.1",
        "--port",
        str(database.owner.port),
        "--user",
        str(database.owner.username),
        "--database",
        database.name,
    ]
    wrong = init(folder, environment, *words)
    assert wrong.returncode == 1
    assert f"refused login {database.owner.username}" in wrong.stderr
    assert not (folder / ".env").exists()
    right = init(folder, environment, *words, password=str(database.owner.password))
    assert (right.returncode, right.stderr) == (0, "")
    assert right.stdout.startswith("127.0.0.1 answers: PostgreSQL 1")
    monkeypatch.chdir(folder)
    assert Settings().owner_url() == database.owner
    agent = [*words[:6], "--user", "ql_test-generator", *words[8:], "--force"]
    told = init(folder, environment, *agent, password="correct horse battery staple")
    assert "cannot migrate: it lacks CREATEROLE, CREATE on the database" in told.stdout


def test_an_env_that_is_there_is_not_replaced_in_silence(
    folder: Path, environment: dict[str, str]
) -> None:
    file = folder / ".env"
    before = "SUPABASE_URL=https://abc.supabase.co\nDATABASE_URL=postgresql://me:old@db/mine\n"
    file.write_text(before)
    words = ["--address", "direct", "--project", "abc", "--tls", "require", "--no-test"]
    refused = init(folder, environment, *words)
    assert refused.returncode == 1
    assert "sets DATABASE_URL already: `qlmodels init --force` replaces" in refused.stderr
    assert file.read_text() == before
    assert init(folder, environment, *words, "--force").returncode == 0
    assert init(folder, environment, *words, "--force").returncode == 0
    lines = file.read_text().splitlines()
    assert lines[0] == "SUPABASE_URL=https://abc.supabase.co"
    assert len(lines) == 3
    assert "old" not in lines[2]
    assert file.stat().st_mode & 0o777 == 0o600


def test_git_leaves_it_alone(folder: Path, environment: dict[str, str]) -> None:
    words = ["--address", "direct", "--project", "abc", "--tls", "require", "--no-test", "--force"]
    inner = folder / "inner"
    inner.mkdir()
    for command in (["init", "--quiet"], ["check-ignore", ".env"]):
        done = subprocess.run(["git", *command], cwd=folder, check=False)  # noqa: S607
    assert done.returncode == 1
    (inner / ".gitignore").write_text("*.log")
    assert "tells git to leave .env alone" in init(inner, environment, *words).stdout
    assert (inner / ".gitignore").read_text() == "*.log\n.env\n"
    assert "tells git" not in init(inner, environment, *words).stdout
    (folder / ".env").write_text("A=1\n")
    subprocess.run(["git", "add", "--force", ".env"], cwd=folder, check=True)  # noqa: S607
    refused = init(folder, environment, *words)
    assert "Git tracks .env" in refused.stderr
    assert (folder / ".env").read_text() == "A=1\n"


@pytest.fixture
def secured() -> Iterator[Secured]:
    with secured_server(WITH_TLS[0]) as secured:
        yield secured


@pytest.mark.skipif(not WITH_TLS, reason="no PostgreSQL of the system's own")
def test_it_verifies_the_server(
    secured: Secured, folder: Path, environment: dict[str, str]
) -> None:
    words = [
        "--address",
        "postgres",
        "--host",
        "localhost",
        "--port",
        str(secured.url.port),
        "--user",
        str(secured.url.username),
        "--database",
        str(secured.url.database),
    ]
    password = str(secured.url.password)
    done = init(folder, environment, *words, "--ca-file", str(secured.stranger), password=password)
    assert "an authority that is not trusted" in done.stderr
    assert not (folder / ".env").exists()
    done = init(folder, environment, *words, "--ca-file", str(secured.authority), password=password)
    assert "(TLSv1.3, verify-full)" in done.stdout


PROMPTS = {
    "Address [session]:": ["nowhere", "session"],
    "its address):": ["abc"],
    "shows it):": [POOLER],
    ".crt)):": ["/ca.crt"],
    "Password:": [SECRET],
}


def test_in_a_terminal(folder: Path, environment: dict[str, str]) -> None:
    """It explains the addresses, asks, and shows no password."""
    screen, terminal = pty.openpty()
    with subprocess.Popen(
        [*QLMODELS, "init", "--no-test"],
        cwd=folder,
        env=environment | {"COLUMNS": "200"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    ) as process:
        os.close(terminal)
        said = ""
        try:
            for prompt, answers in PROMPTS.items():
                for answer in answers:
                    said += read_until(screen, prompt)
                    os.write(screen, f"{answer}\n".encode())
            said += read_until(screen, "only you may read it.")
        except BaseException:
            process.kill()
            raise
    os.close(screen)
    assert process.returncode == 0, said
    assert "It is one of direct, session, transaction, dedicated, postgres." in said
    assert "for as long as it lives" in said
    assert SECRET not in said
    assert "postgres.abc:" in (folder / ".env").read_text()


def read_until(screen: int, end: str) -> str:
    """Up to the space after a prompt, which is written when the terminal's echo is off already."""
    said = ""
    while not said.endswith((f"{end} ", f"{end}\r\n")):
        ready, _, _ = select.select([screen], [], [], 30)
        assert ready, f"it said {said!r} and nothing more"
        said += os.read(screen, 10_000).decode(errors="replace")
    return said

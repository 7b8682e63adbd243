"""Which database: by the environment, by .env, or none, which means the embedded server."""

from pathlib import Path

import pytest

from qlmodels.errors import ConfigurationError
from qlmodels.settings import Settings, parse_url

SECRET = "hunter2"


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_configured_means_the_embedded_server() -> None:
    assert Settings().owner_url() is None


def test_database_url_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgres://me:{SECRET}@db:6000/mine")
    monkeypatch.setenv("SUPABASE_DB_HOST", "elsewhere")
    url = Settings().owner_url()
    assert url is not None
    assert (url.drivername, url.username, url.password) == ("postgresql+asyncpg", "me", SECRET)
    assert (url.host, url.port, url.database) == ("db", 6000, "mine")


def test_the_guides_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_DB_HOST", "db.project.supabase.co")
    monkeypatch.setenv("SUPABASE_DB_PORT", "6543")
    monkeypatch.setenv("SUPABASE_DB_PASSWORD", "p@ss/word")
    url = Settings().owner_url()
    assert url is not None
    assert (url.host, url.port, url.username) == ("db.project.supabase.co", 6543, "postgres")
    assert (url.password, url.database, url.query["ssl"]) == ("p@ss/word", "postgres", "require")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_a_local_project_serves_without_tls(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("SUPABASE_DB_HOST", host)
    monkeypatch.setenv("SUPABASE_DB_PASSWORD", SECRET)
    url = Settings().owner_url()
    assert url is not None
    assert "ssl" not in url.query


def test_a_host_without_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_DB_HOST", "db.project.supabase.co")
    with pytest.raises(ConfigurationError, match="SUPABASE_DB_PASSWORD is not set"):
        Settings().owner_url()


@pytest.mark.parametrize(
    ("name", "value"),
    [("SUPABASE_DB_PORT", "abc"), ("SUPABASE_DB_PORT", "70000"), ("QLMODELS_POOLER", "bouncer")],
)
def test_a_setting_that_is_none(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"{name} cannot be used: should be"):
        Settings()


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (":99999/mine", "names port 99999"),
        ("/mine?sslmode=sometimes", "none of disable, allow, prefer"),
        ("/mine?sslrootcert=ca.crt&sslmode=prefer", "that sslmode=prefer does not ask"),
        ("/mine?pgbouncer=true", "has the parameter pgbouncer, which means nothing here"),
    ],
)
def test_the_end_of_a_url_is_checked(end: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        parse_url(f"postgresql://me:{SECRET}@db{end}", "DATABASE_URL")


def test_a_file_is_read(in_an_empty_folder: Path) -> None:
    (in_an_empty_folder / ".env").write_text("DATABASE_URL=postgresql://me@db/mine\n")
    url = Settings().owner_url()
    assert url is not None
    assert url.database == "mine"


def test_empty_means_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert Settings().owner_url() is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"me:{SECRET}@db/mine", "cannot be read as a URL"),
        (f"postgresql://me:{SECRET}@db:port/mine", "cannot be read as a URL"),
        (f"mysql://me:{SECRET}@db/mine", "begins with mysql://"),
        (f"postgresql+psycopg2://me:{SECRET}@db/mine", "begins with postgresql"),
        (f"postgresql://me:{SECRET}@/mine", "names no host"),
        (f"postgresql://me:{SECRET}@db", "names no database"),
    ],
)
def test_a_wrong_url_is_explained_without_its_password(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as refused:
        parse_url(text, "DATABASE_URL")
    assert SECRET not in str(refused.value)
    assert "postgresql://user:password@host:5432/database" in str(refused.value)


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://me:{SECRET}@db/mine")
    monkeypatch.setenv("SUPABASE_DB_PASSWORD", SECRET)
    settings = Settings()
    assert SECRET not in f"{settings!r} {settings} {settings.owner_url()!r}"


def test_sslmode_is_understood() -> None:
    url = parse_url("postgresql://me@db/mine?sslmode=require", "DATABASE_URL")
    assert dict(url.query) == {"ssl": "require"}


def test_an_authority_is_named_to_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    url = parse_url("postgresql://me@db/mine?sslrootcert=ca.crt", "DATABASE_URL")
    assert dict(url.query) == {"ssl": "verify-full", "sslrootcert": "ca.crt"}
    monkeypatch.setenv("SUPABASE_DB_HOST", "db.project.supabase.co")
    monkeypatch.setenv("SUPABASE_DB_PASSWORD", SECRET)
    monkeypatch.setenv("SUPABASE_DB_SSLROOTCERT", "ca.crt")
    owner = Settings().owner_url()
    assert owner is not None
    assert owner.query == url.query

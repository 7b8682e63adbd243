"""A message names what is set: parts of a URL, or SUPABASE_DB_*."""

import pytest
from sqlalchemy import URL

from qlmodels.connection import connect
from qlmodels.connection.given_by import BY_SUPABASE_DB, BY_URL, given_by
from qlmodels.errors import QLModelsError
from qlmodels.settings import Settings
from tests.conftest import Database

pytestmark = pytest.mark.one_major


@pytest.fixture
def supabase_url(empty_database: Database, monkeypatch: pytest.MonkeyPatch) -> URL:
    owner = empty_database.owner
    for name in ("host", "port", "password"):
        monkeypatch.setenv(f"SUPABASE_DB_{name.upper()}", str(getattr(owner, name)))
    monkeypatch.setenv("SUPABASE_DB_USER", str(owner.username))
    monkeypatch.setenv("SUPABASE_DB_NAME", str(owner.database))
    url = Settings().owner_url()
    assert url is not None
    return url


@pytest.mark.parametrize(
    ("name", "value", "said", "by_url"),
    [
        ("PORT", "1", "SUPABASE_DB_HOST and SUPABASE_DB_PORT", "port in the URL"),
        ("HOST", "no.such.invalid", "check SUPABASE_DB_HOST", "check it in the URL"),
        ("PASSWORD", "wrong", "SUPABASE_DB_USER and SUPABASE_DB_PASSWORD", "password in the URL"),
        ("NAME", "nowhere", "another one in SUPABASE_DB_NAME", "another one in the URL"),
    ],
)
async def test_a_message_names_the_variable_that_is_set(
    supabase_url: URL,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    said: str,
    by_url: str,
) -> None:
    monkeypatch.setenv(f"SUPABASE_DB_{name}", value)
    url = Settings().owner_url()
    assert url is not None
    with pytest.raises(QLModelsError) as refused:
        async with connect(url):
            pass
    assert said in str(refused.value)
    assert "the URL" not in str(refused.value)
    text = url.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", text)
    with pytest.raises(QLModelsError) as refused:
        async with connect(url):
            pass
    assert by_url in str(refused.value)
    assert "SUPABASE" not in str(refused.value)


def test_another_address_was_given_by_a_url(supabase_url: URL) -> None:
    assert given_by(supabase_url) is BY_SUPABASE_DB
    assert given_by(supabase_url.set(username="ql_test-generator")) is BY_URL

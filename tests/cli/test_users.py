"""`qlmodels user`: what the panel's Users page does, by the owner of the database."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run, use
from tests.conftest import Database

pytestmark = pytest.mark.one_major


@pytest.fixture
def user(run: Run, database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    use(database.owner, monkeypatch)
    return lambda words: run(["user", *words])


def test_a_user_from_the_first_day_to_the_last(user: Run) -> None:
    added = user(["add", "ada", "--role=admin", "--link"])
    assert re.search(
        r"ada may sign in as admin, once by /admin/sign-in\?token=[\w-]{43}", added.output
    )
    assert (
        "ada is the last active admin" not in user(["add", "bob", "--role=viewer", "--link"]).output
    )
    listed = user(["list"]).output
    assert re.search(r"ada .* admin .* link .* yes .* 0 .* never", listed)
    assert "bob may sign in as editor." in user(["role", "bob", "editor"]).output
    assert "bob may not sign in any more." in user(["deactivate", "bob"]).output
    assert "Activate the user first." in user(["link", "bob"]).sentence()
    assert "bob may sign in again." in user(["activate", "bob"]).output
    assert "sign-in?token=" in user(["reset-password", "bob"]).output
    assert "address" in user(["sessions", "bob"]).output
    assert "bob was signed out of 0 browsers." in user(["end-sessions", "bob"]).output
    assert "Removed user bob." in user(["remove", "bob"]).output
    assert "There is no panel user 'bob'" in user(["remove", "bob"]).sentence()


@pytest.mark.parametrize(
    "words", [["role", "ada", "viewer"], ["deactivate", "ada"], ["remove", "ada"]]
)
def test_the_last_admin_stays(user: Run, words: list[str]) -> None:
    user(["add", "ada", "--role=admin", "--link"])
    assert "'ada' is the last active admin of the panel" in user(words).sentence()


def test_a_user_is_connected_to_a_provider(user: Run) -> None:
    user(["add", "ada", "--role=admin", "--link"])
    connected = user(["connect", "ada", "u1", "--issuer=https://id.example"])
    assert "ada signs in at https://id.example from now on." in connected.output
    assert "https://id.example" in user(["list"]).output
    for words in (["link", "ada"], ["reset-password", "ada"], ["role", "ada", "viewer"]):
        assert "isconnect the user first." in user(words).sentence()
    assert "ada is a local user again" in user(["disconnect", "ada"]).output
    assert "sign-in?token=" in user(["link", "ada"]).output


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "two\nlines"])
def test_a_name_that_is_none_is_refused(user: Run, name: str, place: Path) -> None:
    assert "1 to 100 characters" in user(["add", name, "--role=viewer", "--link"]).sentence()

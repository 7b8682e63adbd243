import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qlmodels.embedded import HomeUnusable, password_for
from qlmodels.embedded.passwords import keep_password


def test_it_is_made_once_and_private(tmp_path: Path) -> None:
    first = password_for(tmp_path, "ql_taxi")
    assert password_for(tmp_path, "ql_taxi") == first
    assert password_for(tmp_path, "ql_lake") != first
    assert len(first) >= 32
    assert first.isascii()
    assert stat.S_IMODE((tmp_path / "passwords").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "passwords" / "ql_taxi").stat().st_mode) == 0o600


def test_another_one_is_kept_as_privately(tmp_path: Path) -> None:
    for word in ("first word", "second word"):
        keep_password(tmp_path, "ql_taxi", word)
        assert password_for(tmp_path, "ql_taxi") == word
    assert stat.S_IMODE((tmp_path / "passwords" / "ql_taxi").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "passwords").iterdir()] == ["ql_taxi"]


def test_those_who_ask_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            asked = pool.map(lambda _, n=number: password_for(tmp_path, f"login{n}"), range(8))
            assert len(set(asked)) == 1
    assert sum(1 for _ in (tmp_path / "passwords").iterdir()) == 20


@pytest.mark.parametrize("login", ["", "..", "../postgres", "a/b", ".hidden", "x" * 64, "a\n"])
def test_a_name_is_never_a_path(tmp_path: Path, login: str) -> None:
    with pytest.raises(HomeUnusable, match="cannot have a password file"):
        password_for(tmp_path, login)
    assert not any(tmp_path.iterdir())


def test_an_empty_file_is_no_password(tmp_path: Path) -> None:
    password_for(tmp_path, "postgres")
    (tmp_path / "passwords" / "postgres").write_text("\n")
    with pytest.raises(HomeUnusable, match="is empty"):
        password_for(tmp_path, "postgres")

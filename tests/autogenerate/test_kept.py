"""What is kept of a comparison for the next one, and what undoes it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, NullPool, Table, Text, create_engine

from qlmodels.autogenerate import compare, kept
from qlmodels.autogenerate.facts import Facts
from qlmodels.autogenerate.kept import Kept
from qlmodels.autogenerate.reader import run_file
from qlmodels.ddl import Schema, declare
from tests.autogenerate.project import Project
from tests.conftest import Database

pytestmark = [pytest.mark.newest_first, pytest.mark.usefixtures("nothing_kept")]

SCRIPT = ["create table tools (name text)"]
NOTHING = Facts({})


class Made(Exception):
    """A scratch database was to be made."""


@pytest.fixture
def no_scratch(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, a scratch database is an error."""

    def refuse(*_: Any) -> Connection:
        raise Made

    return lambda: monkeypatch.setattr(compare, "scratch", refuse)


@pytest.fixture
def login(empty_database: Database) -> Iterator[Connection]:
    url = empty_database.owner.set(drivername="postgresql+psycopg")
    with create_engine(url, poolclass=NullPool).connect() as connection:
        yield connection


def _tools(*more: Column[Any]) -> MetaData:
    metadata = MetaData()
    Table("tools", metadata, Column("id", Integer, primary_key=True), *more)
    return metadata


def test_an_equal_database_is_compared_without_scratch_from_the_second_time_on(
    project: Project, no_scratch: Callable[[], None]
) -> None:
    project.migrate(_tools())
    no_scratch()
    assert project.differences(_tools()) == []


def test_a_changed_model_undoes_what_is_kept(
    project: Project, no_scratch: Callable[[], None]
) -> None:
    project.migrate(_tools())
    assert project.differences(_tools(Column("name", Text)))
    no_scratch()
    with pytest.raises(Made):
        project.differences(_tools(Column("label", Text)))


def test_a_declared_object_undoes_it_too(project: Project, no_scratch: Callable[[], None]) -> None:
    project.migrate(_tools())
    changed = _tools()
    declare(changed, Schema("shed"))
    no_scratch()
    with pytest.raises(Made):
        project.differences(changed)


def test_a_change_of_the_database_is_seen(project: Project, login: Connection) -> None:
    project.migrate(_tools())
    login.exec_driver_sql("alter table tools add column stray text")
    login.commit()
    (told,) = project.differences(_tools())
    assert "stray" in told


def test_a_damaged_file_is_as_none(project: Project, folder: Path) -> None:
    project.migrate(_tools())
    files = [*(folder / "cache").rglob("*.json")]
    assert files
    for file in files:
        file.write_text("[")
    assert project.differences(_tools()) == []


def test_a_folder_that_cannot_be_written_costs_time_alone(project: Project, folder: Path) -> None:
    (folder / "cache").write_text("no folder")
    project.migrate(_tools())


def test_only_the_last_files_are_kept(
    project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MAX_KEPT", 2)
    for name in ("a", "b", "c"):
        project.differences(_tools(Column(name, Text)))
    assert len([*(folder / "cache").rglob("*.json")]) == 2


def test_a_search_path_undoes_it(login: Connection) -> None:
    assert _place(login) == _place(login)
    assert _place(login, search_path="tenant") != _place(login)


def test_another_release_of_this_library_undoes_it(
    login: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _place(login)
    monkeypatch.setattr(kept, "version", lambda name: f"{name} 9.9.9")
    kept._library.cache_clear()
    try:
        assert _place(login) != before
    finally:
        kept._library.cache_clear()


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        ("version", "PostgreSQL 18.99"),
        ("system", "7000000000000000001"),
        ("login", "other"),
        ("roles", ["16384 other f f"]),
        ("extensions", ["vector 0.0.1"]),
    ],
)
def test_another_server_minor_release_or_login_undoes_it(
    login: Connection, monkeypatch: pytest.MonkeyPatch, what: str, instead: object
) -> None:
    before, (row,) = _place(login), run_file(login, "server")
    changed = row._asdict() | {what: instead}
    assert what in row._asdict()
    monkeypatch.setattr(kept, "run_file", lambda *_: [tuple(changed.values())])
    assert _place(login) != before


def _place(connection: Connection, search_path: str = "public") -> Path:
    return Kept.of(connection, SCRIPT, NOTHING, search_path).path

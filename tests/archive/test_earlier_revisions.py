"""Archives of earlier revisions are imported at head, to the last value.

`revision_0001` was written by release 0.1.0, and beside it each row as Postgres printed it then.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from sqlalchemy import URL

from qlmodels import migrate, paths
from qlmodels.archive import (
    ArchiveDamaged,
    Encoding,
    NotAnArchive,
    export,
    import_archive,
)
from qlmodels.archive.layout import Field, layouts
from qlmodels.connection import connect
from qlmodels.errors import WrongRevision
from tests.conftest import Database

pytestmark = pytest.mark.newest_first

FIXTURE = Path(__file__).parent / "revision_0001"
Row = dict[str, str | None]

LATER = """
from alembic import op

revision = "later"
down_revision = {before!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table sessions add column weight integer not null default 7")
    op.execute("alter table agent_types add column weight integer not null default 7")


def downgrade() -> None:
    op.execute("alter table agent_types drop column weight")
    op.execute("alter table sessions drop column weight")
"""


def rows_of(encoding: Encoding) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for line in (FIXTURE / f"{encoding}.rows").read_text("utf-8").splitlines():
        told = json.loads(line)
        found.setdefault(told["table"], []).append(told["row"])
    return found


async def held(url: URL, table: str, columns: list[str]) -> list[Row]:
    """All rows of a table, each value as Postgres prints it."""
    printed = ", ".join(f"{column}::text" for column in columns)
    async with connect(url) as owner:
        await owner.execute(
            "set extra_float_digits = 1; set timezone = 'UTC'; set datestyle = 'ISO'"
        )
        rows = await owner.fetch(f"select {printed} from {table}")
    return [dict(zip(columns, row, strict=True)) for row in rows]


async def require_all(url: URL, encoding: Encoding) -> None:
    for table, rows in rows_of(encoding).items():
        found = await held(url, table, [*rows[0]])
        assert sorted(found, key=str) == sorted(rows, key=str)


@pytest.mark.parametrize("encoding", ["jsonl", "parquet"])
async def test_an_archive_of_the_first_revision(target: Database, encoding: Encoding) -> None:
    page = await import_archive(target.owner, FIXTURE / encoding)
    assert page.revision == "0001"
    assert page.rows == sum(map(len, rows_of(encoding).values()))
    await require_all(target.owner, encoding)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A release with one more revision, which adds a column to two tables."""
    folder = copytree(paths.migrations(), tmp_path / "migrations")
    text = LATER.format(before=migrate.head())
    (folder / "versions" / "20991231_later.py").write_text(text)
    monkeypatch.setattr("qlmodels.paths.migrations", lambda: folder)
    weighted = tuple(
        replace(it, fields=(*it.fields, Field("weight", "integer")))
        if it.name in {"sessions", "agent_types"}
        else it
        for it in layouts()
    )
    for module in ("importing", "exporting"):
        monkeypatch.setattr(f"qlmodels.archive.{module}.layouts", lambda: weighted)
    for kept in (migrate.head, migrate.known):
        kept.cache_clear()
    yield
    monkeypatch.undo()
    for kept in (migrate.head, migrate.known):
        kept.cache_clear()


@pytest.mark.parametrize("encoding", ["jsonl", "parquet"])
async def test_what_later_revisions_added_takes_its_default(
    target: Database, later: None, tmp_path: Path, encoding: Encoding
) -> None:
    await asyncio.to_thread(migrate.upgrade, target.owner)
    assert migrate.head() == "later"
    async with connect(target.owner) as owner:
        await owner.execute("update agent_types set weight = 1")
    await import_archive(target.owner, FIXTURE / encoding, replace=True)
    await require_all(target.owner, encoding)
    for table in ("sessions", "agent_types"):
        assert {row["weight"] for row in await held(target.owner, table, ["weight"])} == {"7"}
    async with connect(target.owner) as owner:
        await owner.execute("update sessions set weight = 8")
    await export(target.owner, tmp_path / "now", encoding=encoding)
    await import_archive(target.owner, tmp_path / "now", replace=True)
    assert {row["weight"] for row in await held(target.owner, "sessions", ["weight"])} == {"8"}


async def test_a_column_that_this_release_lacks_is_not_lost(
    target: Database, tmp_path: Path
) -> None:
    folder = rewritten(tmp_path, lambda page: add_column(page, "sessions", "mood"))
    with pytest.raises(NotAnArchive, match=r"column mood of sessions.*qlmodels 0\.1\.0"):
        await import_archive(target.owner, folder)


async def test_an_unknown_revision_is_refused(target: Database, tmp_path: Path) -> None:
    folder = rewritten(tmp_path, lambda page: page.update(revision="0000"))
    with pytest.raises(WrongRevision, match=r"of revision 0000, which .* qlmodels 0\.1\.0"):
        await import_archive(target.owner, folder)
    assert await held(target.owner, "sessions", ["session_id"]) == []


async def test_an_archive_that_says_nothing_of_its_columns_is_refused(
    target: Database, tmp_path: Path, later: None
) -> None:
    await asyncio.to_thread(migrate.upgrade, target.owner)
    folder = rewritten(tmp_path / "copy", lambda page: page.update(revision="later"))
    with pytest.raises(ArchiveDamaged, match="does not list the columns of agent_types"):
        await import_archive(target.owner, folder)


def add_column(page: dict[str, Any], table: str, name: str) -> None:
    first = rows_of("jsonl")[table][0]
    page["tables"][table]["columns"] = [*first, name]


def rewritten(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A copy of the fixture with a changed manifest."""
    copied = copytree(FIXTURE / "jsonl", folder / "archive")
    path = copied / "manifest.json"
    page = json.loads(path.read_text("utf-8"))
    change(page)
    path.write_text(json.dumps(page), "utf-8")
    return copied

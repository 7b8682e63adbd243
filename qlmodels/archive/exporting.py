"""Writing an archive: one snapshot, file by file, whole or not at all."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path

import asyncpg
from sqlalchemy import URL

import qlmodels
from qlmodels import migrate
from qlmodels.archive import json_lines, manifest, parquet
from qlmodels.archive.errors import FolderInUse
from qlmodels.archive.layout import TABLE_ORDER, Layout, layouts, sql
from qlmodels.archive.manifest import Encoding, Manifest, TableFile
from qlmodels.connection import connect
from qlmodels.ddl.quoting import identifier
from qlmodels.errors import UnknownAgentType
from qlmodels.files import Lock, OnRows, Progress, SilentProgress, fsync_path

PART_SUFFIX = ".part"
LOCK = ".lock"

RowWriter = Callable[[asyncpg.Connection, Layout, list[str], Path, OnRows], Awaitable[int]]
ROW_WRITERS: dict[Encoding, RowWriter] = {"jsonl": json_lines.write, "parquet": parquet.write}


async def export(
    owner: URL,
    folder: Path,
    *,
    agents: Sequence[str] | None = None,
    encoding: Encoding = "jsonl",
    watch: Progress | None = None,
) -> Manifest:
    """Write all rows of `agents` (all by default) to `folder`, as they are at one moment.

    `owner` is the URL of the migrating login. Memory holds a batch of rows, whatever their
    number. Files get their names when every one of them is on the disk, the manifest last; an
    export that is cut leaves names that end in .part.

    Raises FolderInUse, UnknownAgentType, WrongRevision, ParquetMissing, NotExportable.
    """
    if encoding == "parquet":
        parquet.pyarrow()
    await migrate.require_head(owner)
    async with connect(owner) as connection, snapshot(connection):
        chosen = await chosen_agents(connection, agents)
        return await export_within(connection, folder, chosen, encoding=encoding, watch=watch)


async def export_within(
    connection: asyncpg.Connection,
    folder: Path,
    agents: list[str],
    *,
    encoding: Encoding = "jsonl",
    watch: Progress | None = None,
) -> Manifest:
    """`export`, in a transaction of the caller's that is REPEATABLE READ, at this revision.

    Raises FolderInUse.
    """
    await connection.execute(sql("exact_text"))
    with _alone_in(folder) as written:
        return await _write(
            connection, folder, written, agents, encoding, watch or SilentProgress()
        )


@asynccontextmanager
async def snapshot(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """A transaction that sees one moment and prints every digit."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(sql("exact_text"))
        yield


async def chosen_agents(connection: asyncpg.Connection, agents: Sequence[str] | None) -> list[str]:
    """`agents`, or all that there are. Raises UnknownAgentType."""
    known = [
        row["agent_type"]
        for row in await connection.fetch("select agent_type from agent_types order by agent_type")
    ]
    unknown = sorted(set(agents or ()) - set(known))
    if unknown:
        raise UnknownAgentType.of(*unknown)
    return known if agents is None else [name for name in known if name in set(agents)]


@contextmanager
def _alone_in(folder: Path) -> Iterator[list[Path]]:
    """The folder, with what a cut export left there taken away; what is written is listed.

    Raises FolderInUse.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Lock(folder / LOCK) as lock:
        if not lock.attempt():
            raise FolderInUse(f"Another export is writing to {folder}: wait for its end.")
        _take_over(folder)
        written: list[Path] = []
        try:
            yield written
        except BaseException:
            for path in written:
                path.unlink(missing_ok=True)
            raise
        finally:
            (folder / LOCK).unlink(missing_ok=True)


def _take_over(folder: Path) -> None:
    export_files = {f"{name}.{encoding}" for name in TABLE_ORDER for encoding in ROW_WRITERS}
    names = sorted(path.name for path in folder.iterdir() if path.name != LOCK)
    if manifest.MANIFEST_FILE in names:
        raise FolderInUse(
            f"{folder} holds an archive already, and exports never overwrite one: name an empty "
            "folder, or delete that one."
        )
    foreign = [
        name
        for name in names
        if name.removesuffix(PART_SUFFIX) not in {*export_files, manifest.MANIFEST_FILE}
    ]
    if foreign:
        raise FolderInUse(
            f"{folder} holds {foreign[0]}, which no export wrote: name an empty folder."
        )
    for name in names:
        (folder / name).unlink()


async def _write(
    connection: asyncpg.Connection,
    folder: Path,
    written: list[Path],
    agents: list[str],
    encoding: Encoding,
    watch: Progress,
) -> Manifest:
    tables: dict[str, TableFile] = {}
    for layout in layouts():
        counts = {
            row["agent_type"]: row["rows"]
            for row in await connection.fetch(sql("count_rows").format(table=layout.quoted), agents)
        }
        path = folder / f"{layout.name}.{encoding}{PART_SUFFIX}"
        written.append(path)
        path.touch(mode=0o600)
        on_rows = watch.part(layout.name, sum(counts.values()))
        rows = await ROW_WRITERS[encoding](connection, layout, agents, path, on_rows)
        assert rows == sum(counts.values()), f"{layout.name}: {rows} of {counts}"  # noqa: S101
        fsync_path(path)
        tables[layout.name] = TableFile(
            file=path.name.removesuffix(PART_SUFFIX),
            rows=counts,
            highest=await _highest(connection, layout, agents),
            bytes=path.stat().st_size,
            sha256=manifest.checksum(path, lambda _: None),
            columns=[field.name for field in layout.fields],
        )
    page = Manifest(
        format_version=manifest.FORMAT_VERSION,
        encoding=encoding,
        qlmodels_version=qlmodels.__version__,
        revision=migrate.head(),
        exported_at=await moment_of(connection),
        agent_types=agents,
        tables=tables,
    )
    last = folder / f"{manifest.MANIFEST_FILE}{PART_SUFFIX}"
    written.append(last)
    last.touch(mode=0o600)
    last.write_text(page.model_dump_json(indent=2) + "\n", "utf-8")
    fsync_path(last)
    _name(folder, written)
    return page


async def moment_of(connection: asyncpg.Connection) -> datetime:
    """The moment that the snapshot is of."""
    row = await connection.fetchrow("select now()")
    assert row is not None  # noqa: S101  (a select without from gives one row)
    moment: datetime = row[0]
    return moment


async def _highest(connection: asyncpg.Connection, layout: Layout, agents: list[str]) -> int | None:
    if layout.identity is None:
        return None
    query = sql("highest").format(column=identifier(layout.identity), table=layout.quoted)
    highest: int | None = await connection.fetchval(query, agents)
    return highest


def _name(folder: Path, written: list[Path]) -> None:
    """Give the files their names, the manifest after all others are there to stay."""
    *files, last = list(written)
    for paths in (files, [last]):
        _rename(paths, written)
        fsync_path(folder)
    written.clear()


def _rename(paths: Iterable[Path], written: list[Path]) -> None:
    for path in paths:
        written[written.index(path)] = path.rename(
            path.with_name(path.name.removesuffix(PART_SUFFIX))
        )

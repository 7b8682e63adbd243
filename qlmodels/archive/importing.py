"""Reading an archive back: everything checked first, then one transaction, all or nothing."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import asyncpg
from asyncpg.exceptions import PostgresConnectionError, PostgresError
from sqlalchemy import URL

from qlmodels import migrate, policies
from qlmodels.archive import json_lines, manifest, parquet
from qlmodels.archive.errors import (
    AgentTypeTaken,
    ArchiveDamaged,
    NotAnArchive,
    RowsRefused,
    told_when_lost,
)
from qlmodels.archive.layout import Layout, layouts, sql
from qlmodels.archive.manifest import Manifest
from qlmodels.archive.removing import lock_agent_types
from qlmodels.connection import connect
from qlmodels.errors import WrongRevision
from qlmodels.files import Progress, SilentProgress


async def import_archive(
    owner: URL,
    folder: Path,
    *,
    agents: Sequence[str] | None = None,
    replace: bool = False,
    watch: Progress | None = None,
) -> Manifest:
    """Write the rows of an archive, of `agents` or of all in it, in one transaction.

    `owner` is the URL of the migrating login. An agent type that holds rows already, or whose
    settings were changed, is refused; with `replace` its rows make way, and its Q-table is kept as
    a version. Whoever writes new rows of these agent types meanwhile waits. Every value and number
    of a row stays as it was.

    Raises NotAnArchive, ArchiveDamaged, WrongRevision, AgentTypeTaken, RowsRefused: then nothing
    has changed. DatabaseUnreachable when the connection breaks.
    """
    watch = watch or SilentProgress()
    page, chosen, tables = await checked_archive(owner, folder, agents, watch)
    with told_when_lost("All of the archive is there or nothing of it: import it again."):
        async with connect(owner) as connection, connection.transaction():
            await _write(connection, folder, page, tables, chosen, replace, watch)
    return page


async def checked_archive(
    owner: URL, folder: Path, agents: Sequence[str] | None, watch: Progress
) -> tuple[Manifest, list[str], list[Layout]]:
    """Read the manifest, the agent types that are chosen, and the tables, once all is verified."""
    page = manifest.read(folder)
    chosen = _chosen(page, agents)
    if page.encoding == "parquet":
        parquet.pyarrow()
    size = sum(table.bytes for table in page.tables.values())
    manifest.verify(folder, page, watch.part("checksums", size))
    await _require_revision(owner, page)
    return page, chosen, _layouts(page)


def _chosen(page: Manifest, agents: Sequence[str] | None) -> list[str]:
    missing = sorted(set(agents or ()) - set(page.agent_types))
    if missing:
        raise NotAnArchive(
            f"The archive holds no agent type {missing[0]}; it holds {', '.join(page.agent_types)}."
        )
    return page.agent_types if agents is None else sorted(set(agents))


async def _require_revision(owner: URL, page: Manifest) -> None:
    await migrate.require_head(owner)
    if page.revision not in migrate.known():
        raise WrongRevision(
            f"The archive is of revision {page.revision}, which this release does not know: "
            f"import it with qlmodels {page.qlmodels_version}, which wrote it, or a later release."
        )


def _layouts(page: Manifest) -> list[Layout]:
    """As the archive has them. Raises NotAnArchive where this release would lose a column."""
    archived = []
    for layout in layouts():
        listed = manifest.columns(page, layout.name)
        if unknown := sorted(set(listed) - {field.name for field in layout.fields}):
            raise NotAnArchive(
                f"The archive holds column {unknown[0]} of {layout.name}, which this release does "
                f"not have: import it with qlmodels {page.qlmodels_version}, which wrote it, and "
                "upgrade that database."
            )
        archived.append(layout.as_of(listed))
    return archived


async def _write(
    connection: asyncpg.Connection,
    folder: Path,
    page: Manifest,
    tables: Sequence[Layout],
    agents: list[str],
    replace: bool,
    watch: Progress,
) -> None:
    await connection.execute("set local row_security = on")
    for layout in tables:
        await _move_sequence(connection, layout, page)
    locked = await lock_agent_types(connection, agents)
    if replace:
        for agent in locked:
            await policies.keep(connection, agent, "import", f"before {folder} was imported")
        for layout in reversed(tables[1:]):
            await connection.execute(sql("delete_rows").format(table=layout.quoted), agents)
    elif conflicts := await connection.fetch(sql("name_conflicts"), agents):
        raise AgentTypeTaken(
            "The database holds rows or changed settings of "
            f"{', '.join(row[0] for row in conflicts)}. Import others with "
            "--agent, or replace the existing rows with --replace. Nothing was written."
        )
    await connection.execute(sql("keep_updated_at").format(what="disable"))
    for layout in tables:
        on_rows = watch.part(layout.name, sum(page.tables[layout.name].rows.values()))
        await insert_rows(connection, folder, page, layout, agents, on_rows)
    await connection.execute(sql("keep_updated_at").format(what="enable"))
    for agent, highest in await connection.fetch(sql("numbered_policies"), agents):
        note = f"as it came from {folder}"
        await policies.keep(connection, agent, "import", note, beyond=highest)


async def insert_rows(
    connection: asyncpg.Connection,
    folder: Path,
    page: Manifest,
    layout: Layout,
    agents: list[str],
    on_rows: Callable[[int], None],
    *,
    into: str | None = None,
) -> None:
    """Write the rows of a table, into another one of its columns if that is named.

    Raises RowsRefused, ArchiveDamaged.
    """
    try:
        written = await _insert(connection, folder, page, layout, agents, on_rows, into)
    except PostgresConnectionError:
        raise
    except PostgresError as error:
        raise RowsRefused(
            f"The database refused rows of {layout.name}: {error}. Nothing was written."
        ) from error
    _require_whole(layout, page, agents, written)


async def _insert(
    connection: asyncpg.Connection,
    folder: Path,
    page: Manifest,
    layout: Layout,
    agents: list[str],
    on_rows: Callable[[int], None],
    into: str | None,
) -> int:
    """How many rows were written."""
    path = folder / page.tables[layout.name].file
    is_upsert = layout.name == "agent_types" and into is None
    insert = layout.upsert() if is_upsert else layout.insert(into)
    written = 0
    for batch in _batches(page, path, layout):
        status = await connection.execute(insert, batch, agents)
        written += int(status.split()[-1])
        on_rows(len(batch))
    if into is None and (link := layout.link()):
        for batch in _batches(page, path, layout):
            await connection.execute(link, batch, agents)
    return written


def _batches(page: Manifest, path: Path, layout: Layout) -> Iterator[list[str]]:
    return json_lines.read(path) if page.encoding == "jsonl" else parquet.read(path, layout)


def _require_whole(layout: Layout, page: Manifest, agents: list[str], written: int) -> None:
    counts = page.tables[layout.name].rows
    wanted = sum(counts.get(agent, 0) for agent in agents)
    if written != wanted:
        raise ArchiveDamaged(
            f"{page.tables[layout.name].file} holds {written:,} rows of these agent types, and the "
            f"manifest says {wanted:,}: take another copy. Nothing was written."
        )


async def _move_sequence(connection: asyncpg.Connection, layout: Layout, page: Manifest) -> None:
    """First of all, since whoever writes meanwhile must get none of the numbers that come in."""
    highest = page.tables[layout.name].highest
    if layout.identity is None or highest is None:
        return
    sequence = await connection.fetchval(
        "select pg_get_serial_sequence($1, $2)", layout.quoted, layout.identity
    )
    await connection.execute(sql("move_sequence").format(sequence=sequence), sequence, highest)

"""Write one file that holds all rows of ours, of one moment, and the logins.

Rows are copied rather than dumped by pg_dump: the schema is in the revisions, so that a backup is
read by any later release on any server, by an owner that is no superuser, with nothing installed.
"""

import asyncio
import os
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
from sqlalchemy import URL

import qlmodels
from qlmodels import logins, migrate
from qlmodels.backup.errors import BackupInTheWay, NothingToBackUp
from qlmodels.backup.manifest import (
    MANIFEST_NAME,
    BackupManifest,
    SavedLogin,
    SavedNumber,
    SavedTable,
)
from qlmodels.connection import connect
from qlmodels.ddl.quoting import identifier, qualified
from qlmodels.files import Progress, SilentProgress, fsync_path, sql_of
from qlmodels.tables import metadata

PUBLIC_TABLES: Final = [table.name for table in metadata.sorted_tables if table.schema is None]

_sql = sql_of("qlmodels.backup")


def back_up(
    owner: URL, file: Path, *, superuser: URL | None = None, watch: Progress | None = None
) -> BackupManifest:
    """Write all rows of ours and the logins to `file`, whole or not at all, for its owner's eyes.

    One snapshot serves all tables, and nobody waits for it. What logins' passwords are compared
    with only a superuser may read: the owner if it is one, else `superuser`. Raises
    BackupInTheWay, NothingToBackUp, WrongRevision.
    """
    if file.exists():
        raise BackupInTheWay(f"{file} is there already. Name another file, or move it away.")
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)  # of one that was killed
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as target:
            manifest = asyncio.run(_write(owner, target, superuser, watch or SilentProgress()))
        fsync_path(part)
        os.link(part, file)  # unlike a rename it never replaces
    except FileExistsError as error:
        raise BackupInTheWay(f"{file} is there already. Name another file.") from error
    finally:
        part.unlink(missing_ok=True)
    fsync_path(file.resolve().parent)
    return manifest


async def _write(owner: URL, target: Any, superuser: URL | None, watch: Progress) -> BackupManifest:
    revision = await migrate.current(owner)
    if revision is None:
        raise NothingToBackUp(
            f"Database {owner.database} at {owner.host} has no schema of qlmodels. Check the URL."
        )
    migrate.check_known(owner, revision)
    async with connect(owner) as connection:
        verifiers = await _verifiers(connection, superuser)
        return await _copy_all(connection, target, revision, verifiers, watch)


async def _copy_all(
    connection: asyncpg.Connection,
    target: Any,
    revision: str,
    verifiers: dict[str, str],
    watch: Progress,
) -> BackupManifest:
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("set local row_security = on")
        await connection.execute("set local statement_timeout = 0")
        found = await connection.fetch(_sql("tables"), PUBLIC_TABLES)
        on_table = watch.part("tables", len(found))
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            tables = []
            for row in found:
                tables.append(await _copy(connection, archive, row))
                on_table(1)
            manifest = BackupManifest(
                qlmodels_version=qlmodels.__version__,
                server_version=str(await connection.fetchval("show server_version")),
                revision=revision,
                written_at=datetime.now(UTC),
                tables=tables,
                numbers=await _numbers(connection, tables),
                logins=await _logins(connection, verifiers),
            )
            archive.writestr(MANIFEST_NAME, manifest.model_dump_json(indent=2))
    return manifest


async def _copy(connection: asyncpg.Connection, archive: zipfile.ZipFile, row: Any) -> SavedTable:
    table = SavedTable(
        schema_name=row["schema"], name=row["name"], columns=list(row["columns"]), rows=0
    )
    columns = ", ".join(map(identifier, table.columns))
    query = f"select {columns} from {qualified(table.schema_name, table.name)}"  # noqa: S608
    with archive.open(table.entry, "w", force_zip64=True) as entry:

        async def write(data: bytes) -> None:
            entry.write(data)

        status = await connection.copy_from_query(query, output=write)
    return table.model_copy(update={"rows": int(status.split()[-1])})


async def _numbers(
    connection: asyncpg.Connection, tables: Sequence[SavedTable]
) -> list[SavedNumber]:
    rows = await connection.fetch(
        _sql("sequences"),
        [table.schema_name for table in tables],
        [table.name for table in tables],
    )
    return [
        SavedNumber(
            schema_name=row["schema"], table=row["name"], column=row["column"], last=row["last"]
        )
        for row in rows
        if row["last"] is not None
    ]


async def _logins(connection: asyncpg.Connection, verifiers: dict[str, str]) -> list[SavedLogin]:
    return [
        SavedLogin(
            name=login.name,
            kind=login.kind,
            connection_limit=login.connection_limit,
            valid_until=login.valid_until,
            verifier=verifiers.get(login.name),
        )
        for login in await logins.list_logins(connection)
        if login.other_database is None
    ]


async def _verifiers(connection: asyncpg.Connection, superuser: URL | None) -> dict[str, str]:
    """What passwords are compared with, by login; none where no superuser can be asked."""
    names = [login.name for login in await logins.list_logins(connection)]
    if superuser is None:
        if not await connection.fetchval("select current_setting('is_superuser')::boolean"):
            return {}
        rows = await connection.fetch(_sql("verifiers"), names)
    else:
        async with connect(superuser) as reader:
            rows = await reader.fetch(_sql("verifiers"), names)
    return {row["name"]: row["verifier"] for row in rows if row["verifier"] is not None}

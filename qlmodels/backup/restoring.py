"""Write a backup into a database that holds no rows of ours: all of it, or nothing."""

import asyncio
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Final

import asyncpg
from sqlalchemy import URL

from qlmodels import logins, migrate
from qlmodels.advisory_locks import AdvisoryLock
from qlmodels.backup.errors import BackupDamaged, DatabaseHoldsRows
from qlmodels.backup.manifest import BackupManifest, SavedLogin, SavedTable, opened_backup
from qlmodels.backup.writing import PUBLIC_TABLES
from qlmodels.connection import connect
from qlmodels.ddl.quoting import qualified
from qlmodels.errors import WrongRevision
from qlmodels.files import Progress, SilentProgress, sql_of

CHUNK_BYTES: Final = 1 << 20
SEEDED: Final = frozenset({"public.agent_types", "qlmodels_private.audit_log"})
"""Tables that hold rows after an upgrade that nobody has used yet."""

_sql = sql_of("qlmodels.backup")


@dataclass(frozen=True, slots=True)
class RestoredLogins:
    """Logins that a restore made with their passwords, without one, and left as they were."""

    whole: list[str]
    without_password: list[str]
    there_already: list[str]


def restore_backup(
    owner: URL, file: Path, *, watch: Progress | None = None
) -> tuple[BackupManifest, RestoredLogins]:
    """Make the schema, then the backup's rows and logins in one transaction.

    The schema is made at the backup's revision and upgraded to this release's afterwards. A login
    that the server has already stays as it is. Killed at any moment, the same restore may be begun
    again until its rows are there; then `qlmodels upgrade` completes it. Raises BackupDamaged,
    DatabaseHoldsRows, WrongRevision.
    """
    before = asyncio.run(migrate.current(owner))
    with opened_backup(file) as (archive, manifest):
        _require_known(manifest)
        if before is None:
            migrate.upgrade(owner, manifest.revision)
        elif before != manifest.revision:
            raise DatabaseHoldsRows(
                f"Database {owner.database} at {owner.host} has a schema at revision {before}, and "
                f"the backup is of revision {manifest.revision}. Restore it into an empty database."
            )
        made = asyncio.run(_load(owner, archive, manifest, watch or SilentProgress()))
    migrate.upgrade(owner)
    return manifest, made


def _require_known(manifest: BackupManifest) -> None:
    if manifest.revision not in migrate.known():
        raise WrongRevision(
            f"The backup is of revision {manifest.revision}, which this release does not know. "
            f"Restore it with qlmodels {manifest.qlmodels_version} or later."
        )


async def _load(
    owner: URL, archive: zipfile.ZipFile, manifest: BackupManifest, watch: Progress
) -> RestoredLogins:
    async with connect(owner) as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", AdvisoryLock.SCHEMA_UPGRADE)
        await connection.execute("set local statement_timeout = 0")
        tables = await connection.fetch(_sql("tables"), PUBLIC_TABLES)
        names = {f"{row['schema']}.{row['name']}": row for row in tables}
        _require_same(manifest, names)
        for name, row in names.items():
            await _open(connection, name, row)
        for name in names.keys() & SEEDED:
            await connection.execute(f"delete from {name}")  # noqa: S608  (two names of ours)
        on_table = watch.part("tables", len(tables))
        for table in _targets_first(manifest.tables, names):
            await _fill(connection, archive, table)
            on_table(1)
        for number in manifest.numbers:
            await connection.execute(
                _sql("move_sequence"), number.schema_name, number.table, number.column, number.last
            )
        for row in names.values():
            await _close(connection, row)
        return await _make_logins(connection, manifest.logins)


def _require_same(manifest: BackupManifest, names: dict[str, Any]) -> None:
    for table in manifest.tables:
        row = names.get(table.entry)
        if row is None or not set(table.columns) <= set(row["columns"]):
            raise BackupDamaged(
                f"The backup has columns of {table.entry} that revision {manifest.revision} does "
                "not have. The schema that it was taken of had been changed by hand."
            )


async def _open(connection: asyncpg.Connection, name: str, row: Any) -> None:
    """Close the table to others, and to triggers. Raises DatabaseHoldsRows."""
    quoted = qualified(row["schema"], row["name"])
    await connection.execute(_sql("begin_loading").format(table=quoted))
    holds_rows = await connection.fetchval(_sql("has_rows").format(table=quoted))
    if holds_rows and name not in SEEDED:
        raise DatabaseHoldsRows(
            f"The database holds rows of {name} already, and a backup is restored where there are "
            "none. Nothing was changed. Restore it into an empty database. If a restore of this "
            "backup was stopped here, all of it is there already: run `qlmodels upgrade`."
        )


async def _close(connection: asyncpg.Connection, row: Any) -> None:
    quoted = qualified(row["schema"], row["name"])
    await connection.execute(_sql("end_loading").format(table=quoted))
    if row["forces_row_security"]:
        await connection.execute(_sql("force_row_security").format(table=quoted))


def _targets_first(tables: Sequence[SavedTable], names: dict[str, Any]) -> list[SavedTable]:
    """Each table behind those that it refers to."""
    by_name = {table.entry: table for table in tables}
    order = TopologicalSorter({name: names[name]["refers_to"] for name in by_name})
    return [by_name[name] for name in order.static_order() if name in by_name]


async def _fill(
    connection: asyncpg.Connection, archive: zipfile.ZipFile, table: SavedTable
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        with archive.open(table.entry) as entry:
            while chunk := entry.read(CHUNK_BYTES):
                yield chunk

    status = await connection.copy_to_table(
        table.name, schema_name=table.schema_name, columns=table.columns, source=chunks()
    )
    if int(status.split()[-1]) != table.rows:
        raise BackupDamaged(
            f"The backup names {table.rows} rows of {table.entry} and holds another number. "
            "Nothing was changed. Use another backup."
        )


async def _make_logins(
    connection: asyncpg.Connection, saved: Sequence[SavedLogin]
) -> RestoredLogins:
    made = RestoredLogins([], [], [])
    for login in saved:
        try:
            await logins.recreate(
                connection,
                login.kind,
                login.name,
                stored=login.verifier,
                connection_limit=login.connection_limit,
                valid_until=login.valid_until,
            )
        except (logins.LoginExists, logins.LoginOfOtherDatabase):
            made.there_already.append(login.name)
        else:
            (made.whole if login.verifier else made.without_password).append(login.name)
    return made

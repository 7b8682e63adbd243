"""Whether a database is the original's, told by its catalogs; if not, how it differs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import asyncpg
from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.adopt.legacy_schema import LEGACY_REVISION, LEGACY_TABLES, LEGACY_VIEWS
from qlmodels.connection import connect
from qlmodels.errors import QLModelsError
from qlmodels.files import sql_of

sql = sql_of("qlmodels.adopt")


LegacyForm = Literal["SQL file", "Alembic revision"]


class NotTheOriginal(QLModelsError):
    """The database was not made by the original: there is nothing to adopt."""


class TheOriginal(QLModelsError):
    """The database was made by the original: `qlmodels adopt` takes it over, rows and all."""


@dataclass(frozen=True)
class LegacyDatabase:
    """What is there to be adopted; `notes` are what will not be as it was, in words.

    `further_columns` are those that the original has not, by table.
    """

    form: LegacyForm
    notes: tuple[str, ...]
    further_columns: tuple[tuple[str, str], ...]


async def refuse_original(url: URL) -> None:
    """Raises TheOriginal where all seven tables are there with the original's keys."""
    async with connect(url) as connection:
        columns = await connection.fetch(sql("found"), list(LEGACY_TABLES))
    keys = {row["table_name"]: row["column_name"] for row in columns if row["is_key"]}
    if keys == {table: next(iter(wanted)) for table, wanted in LEGACY_TABLES.items()}:
        raise TheOriginal(
            f"Database {url.database} at {url.host} was made by the original: `qlmodels adopt` "
            "takes it over, rows and all; `qlmodels adopt --dry-run` says what would come of it."
        )


async def refuse_namesakes(url: URL) -> None:
    """Raises NamesTaken where tables are called as the original's and none has its key."""
    async with connect(url) as connection:
        rows = await connection.fetch(sql("found"), list(LEGACY_TABLES))
    keys = {row["table_name"]: row["column_name"] for row in rows if row["is_key"]}
    alike = [table for table in keys if keys[table] == next(iter(LEGACY_TABLES[table]))]
    if rows and not alike:
        await migrate.require_free_names(url)


async def detect(connection: asyncpg.Connection) -> LegacyDatabase:
    """Raises NotTheOriginal, which lists every difference."""
    rows = await connection.fetch(sql("found"), list(LEGACY_TABLES))
    if not rows:
        raise NotTheOriginal(
            "There is no table of the original in schema public: nothing to adopt. On an empty "
            "database `qlmodels upgrade` makes the schema."
        )
    dependents = await connection.fetch(sql("dependents"), list(LEGACY_TABLES), list(LEGACY_VIEWS))
    versions = await _alembic_versions(connection)
    wrong = [
        *_different(rows),
        *(
            f"{row['what']} is not the original's and would be lost: drop it first"
            for row in dependents
        ),
        *_foreign_versions(versions),
    ]
    if wrong:
        listed = "\n".join(f"  - {what}" for what in wrong)
        raise NotTheOriginal(
            f"This database is not as the original made it, and nothing was changed:\n{listed}\n"
            "Put that right, and adopt again."
        )
    notes = await connection.fetch(sql("notes"), list(LEGACY_TABLES))
    form: LegacyForm = "Alembic revision" if versions else "SQL file"
    further = tuple(
        (row["table_name"], row["column_name"])
        for row in rows
        if row["column_name"] not in LEGACY_TABLES[row["table_name"]]
    )
    moved = (f"column {table}.{column} goes into metadata" for table, column in further)
    return LegacyDatabase(form, (*(row["note"] for row in notes), *moved), further)


def _different(rows: Sequence[asyncpg.Record]) -> Iterator[str]:
    there: Mapping[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        there[row["table_name"]][row["column_name"]] = row["type"]
    keys = {row["table_name"]: row["column_name"] for row in rows if row["is_key"]}
    owners = {row["table_name"]: row["owner"] for row in rows if not row["is_own"]}
    for table, wanted in LEGACY_TABLES.items():
        if table not in there:
            yield f"table {table} is missing"
            continue
        if table in owners:
            yield f"table {table} belongs to {owners[table]}: adopt as that login"
        for column, kind in wanted.items():
            present = there[table].get(column)
            if present is None:
                yield f"column {table}.{column} is missing"
            elif present != kind:
                yield f"column {table}.{column} is of type {present}, where the original has {kind}"
        key = next(iter(wanted))
        if keys.get(table) != key:
            yield f"table {table} has not the primary key ({key})"


async def _alembic_versions(connection: asyncpg.Connection) -> list[str]:
    if not await connection.fetchval("select to_regclass('public.alembic_version') is not null"):
        return []
    rows = await connection.fetch("select version_num from public.alembic_version")
    return [row["version_num"] for row in rows]


def _foreign_versions(versions: Sequence[str]) -> Iterator[str]:
    for version in versions:
        if not LEGACY_REVISION.startswith(version):
            yield (
                f"public.alembic_version names revision {version}, where the original has "
                f"{LEGACY_REVISION}: downgrade to that revision first"
            )

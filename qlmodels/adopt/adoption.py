"""The whole of it is one transaction: at its end the database is ours, or as it was."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import asyncpg
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from qlmodels import migrate
from qlmodels.adopt import hashes, views
from qlmodels.adopt.detect import LegacyForm, NotTheOriginal, detect, refuse_namesakes
from qlmodels.adopt.legacy_schema import LEGACY_TABLES
from qlmodels.advisory_locks import AdvisoryLock
from qlmodels.connection import engine_at
from qlmodels.errors import NotAllowed, QLModelsError
from qlmodels.files import sql_of

sql = sql_of("qlmodels.adopt")


OnStep = Callable[[str, float], None]
"""Told what is done now, and what share of the whole is behind."""


class RowsLost(QLModelsError):
    """A row would not have been kept: nothing was changed."""


class DatabaseInUse(QLModelsError):
    """The tables are in use: stop the agents or end the long transaction, then adopt again."""


class DependentsExist(QLModelsError):
    """Something else depends on what the original made: nothing was changed."""


@dataclass(frozen=True)
class AdoptedTable:
    """How the rows of one table fared. `corrected` are kept otherwise than they were, `left_out`
    not at all; both stand in qlmodels_private.adopt_rejects as they were, with the reason."""

    table: str
    rows: int
    corrected: int
    left_out: int

    @property
    def kept(self) -> int:
        return self.rows - self.left_out


@dataclass(frozen=True)
class ExpiringRows:
    """Rows of a table that expire on a day, counted in UTC."""

    table: str
    day: date
    rows: int


@dataclass(frozen=True)
class Adoption:
    """`expiring` is what would expire if no agent type were used any more, by day and table."""

    form: LegacyForm
    tables: tuple[AdoptedTable, ...]
    notes: tuple[str, ...]
    expiring: tuple[ExpiringRows, ...]


def adopt(
    url: URL, *, dry_run: bool = False, rehash: bool = False, on_step: OnStep | None = None
) -> Adoption:
    """Take over the original's database at `url`, or do all of it and take it back.

    Agents find what was learned under the original's hashes; `rehash` gives the pairs our own.

    Raises NotTheOriginal, InUse, Hindered, Lost, WrongRevision; then nothing has changed.
    """
    return asyncio.run(_adopt(url, dry_run, rehash, on_step or _silent))


CALLED_BY_CLIENTS: Final = {"pg_trgm": "similarity() and the operator %"}
"""What clients of the original call of an extension that moves to another schema."""

REPLACEMENTS: Final = {"uuid-ossp": "gen_random_uuid() takes the place of uuid_generate_v4()"}
"""What takes the place of functions whose extension is dropped."""


def _silent(_what: str, _done: float) -> None: ...


async def _adopt(url: URL, dry_run: bool, rehash: bool, on_step: OnStep) -> Adoption:
    await _require_unmanaged(url)
    await refuse_namesakes(url)
    with _explained():
        async with (
            engine_at(url, pooler="none") as engine,
            engine.connect() as connection,
            connection.begin() as transaction,
        ):
            adoption = await _adopt_within(connection, rehash, on_step)
            if dry_run:
                await transaction.rollback()
            else:
                on_step("committing", 1)
        return adoption


async def _require_unmanaged(url: URL) -> None:
    if (revision := await migrate.current(url)) is not None:
        raise NotTheOriginal(
            f"Database {url.database} at {url.host} is ours already, at revision {revision}: "
            "there is nothing to adopt. `qlmodels check` says whether it differs."
        )


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
        raise DatabaseInUse from error
    except asyncpg.DependentObjectsStillExistError as error:
        raise DependentsExist(
            f"Something depends on what the original made, and nothing was changed: {error}. "
            "Drop it, and adopt again."
        ) from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise NotAllowed(
            f"This login may not adopt the database, and nothing was changed: {error}. Adopt as "
            "who owns the tables, the publications they are in and the database, with CREATEROLE."
        ) from error


async def _adopt_within(connection: AsyncConnection, rehash: bool, on_step: OnStep) -> Adoption:
    await connection.exec_driver_sql("select 1")  # opens the transaction
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is None:
        raise TypeError("adoption needs a connection of asyncpg")
    on_step("looking", 0)
    await detect(driver)
    await driver.execute("select pg_advisory_xact_lock($1)", AdvisoryLock.SCHEMA_UPGRADE)
    await driver.execute(sql("lock"))
    detected = await detect(driver)
    extensions = await _extensions(driver)
    dropped = await views.drop_views(driver)
    await driver.execute(sql("rename_old"))
    await driver.execute(sql("fold_column"))
    for column in detected.further_columns:
        await driver.execute("select qlmodels_adopt.fold_column($1, $2)", *column)
    on_step("migrating", 0)
    await connection.run_sync(migrate.upgrade_within)
    await _move(driver, on_step)
    on_step("hashing", 1)
    hash_notes = await (hashes.rehash if rehash else hashes.keep_hashes)(driver)
    tables = tuple([await _told(driver, table) for table in LEGACY_TABLES])
    await driver.execute(sql("finish"))
    view_notes = await views.recreate_views(driver, dropped)
    moved = await _extensions(driver)
    notes = (*detected.notes, *hash_notes, *view_notes, *_moved_extensions(extensions, moved))
    expiring = tuple(ExpiringRows(**row) for row in await driver.fetch(sql("expiring")))
    return Adoption(detected.form, tables, notes, expiring)


async def _move(driver: Any, on_step: OnStep) -> None:
    """Table by table, each after those that it refers to."""
    await driver.execute(sql("machinery"))
    await driver.execute("delete from public.agent_types")  # the seeds: the original has its own
    before = [await _told(driver, table) for table in LEGACY_TABLES]
    whole, behind = max(1, sum(table.rows for table in before)), 0
    for table in before:
        on_step(f"moving {table.table}", behind / whole)
        await driver.execute(sql(f"faults/{table.table}"))
        await driver.execute("select qlmodels_adopt.move($1)", table.table)
        on_step(f"comparing {table.table}", (behind + table.rows / 2) / whole)
        if unaccounted := await driver.fetchval(
            "select qlmodels_adopt.unaccounted($1)", table.table
        ):
            raise RowsLost(
                f"{unaccounted} rows of {table.table} would not have been kept as they are, nor "
                "been written down: nothing was changed. This is a fault of qlmodels."
            )
        behind += table.rows


async def _told(driver: Any, table: str) -> AdoptedTable:
    row = await driver.fetchrow("select * from qlmodels_adopt.told($1)", table)
    return AdoptedTable(table, **row)


async def _extensions(driver: Any) -> dict[str, str]:
    return {row["name"]: row["schema"] for row in await driver.fetch(sql("extensions"))}


def _moved_extensions(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name, schema in before.items():
        match after.get(name):
            case None:
                yield f"extension {name} is dropped: nothing used it any more"
                if name in REPLACEMENTS:
                    yield REPLACEMENTS[name]
            case place if place == schema:
                yield f"extension {name} stays in schema {schema}"
            case place:
                yield f"extension {name} lay in schema {schema} and lies in {place}"
                if name in CALLED_BY_CLIENTS:
                    yield (
                        f"{CALLED_BY_CLIENTS[name]} of clients' own SQL need schema {place} in "
                        f"the search_path, or its name before them"
                    )

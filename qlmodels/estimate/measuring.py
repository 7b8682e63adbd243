"""Bytes of a row, measured: where there are rows in plenty on them, else on sample rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import asyncpg
from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.autogenerate import storage_options
from qlmodels.connection import connect
from qlmodels.files import sql_of

sql = sql_of("qlmodels.estimate")


Table: TypeAlias = Literal["q_values", "trajectories", "rewards"]
ESTIMATED_TABLES: tuple[Table, ...] = ("q_values", "trajectories", "rewards")

MIN_ROWS = 5000
"""So many rows tell their size well; with fewer, pages that are half empty count too much."""

SAMPLE_ROWS: dict[Table, int] = {"q_values": 20_000, "trajectories": 3_000, "rewards": 10_000}


@dataclass(frozen=True, slots=True)
class RowSize:
    """Bytes of a row of one table, and the number of rows that say so."""

    table: Table
    heap: float
    indexes: float
    toast: float
    rows: int
    sampled: bool

    @property
    def total(self) -> float:
        return self.heap + self.indexes + self.toast


@dataclass(frozen=True, slots=True)
class Measured:
    sizes: tuple[RowSize, ...]
    other_bytes: float
    """What the database takes beside these tables."""

    def size(self, table: Table) -> RowSize:
        return next(size for size in self.sizes if size.table == table)


async def measure(owner: URL, on_table: Callable[[int], None]) -> Measured:
    """Measure each table that grows. Samples live in copies that are rolled back.

    `owner` is the URL of the migrating login. Raises WrongRevision.
    """
    await migrate.require_head(owner)
    sizes = []
    async with connect(owner) as connection:
        other = float(await connection.fetchval(sql("other_bytes"), list(ESTIMATED_TABLES)) or 0)
        for table in ESTIMATED_TABLES:
            size = await _of_rows(connection, table)
            if size is None:
                size = await _of_sample(connection, table)
            sizes.append(size)
            on_table(1)
    return Measured(tuple(sizes), other)


async def _of_rows(connection: asyncpg.Connection, table: Table) -> RowSize | None:
    async with connection.transaction():
        await connection.execute("set local row_security = on")
        sizes = await _bytes(connection, f"public.{table}")
        rows = int(await connection.fetchval(sql(f"count_{table}")) or 0)
    if rows < MIN_ROWS:
        return None
    heap, indexes, toast = (part / rows for part in sizes)
    return RowSize(table, heap, indexes, toast, rows, sampled=False)


async def _of_sample(connection: asyncpg.Connection, table: Table) -> RowSize:
    """The second half of the sample tells what one more row takes, without the first pages."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        copy = f"qlmodels_private.sample_{table}"
        options = sorted(storage_options.KNOWN["table"])
        copying = await connection.fetchval(sql("copy_table"), f"public.{table}", copy, options)
        await connection.execute(str(copying))
        half, sizes = SAMPLE_ROWS[table] // 2, []
        for part in range(2):
            await connection.execute(sql(f"sample_{table}"), part * half, (part + 1) * half)
            sizes.append(await _bytes(connection, copy))
    finally:
        await transaction.rollback()
    heap, indexes, toast = ((second - first) / half for first, second in zip(*sizes, strict=True))
    return RowSize(table, heap, indexes, toast, SAMPLE_ROWS[table], sampled=True)


async def _bytes(connection: asyncpg.Connection, relation: str) -> tuple[int, int, int]:
    row = await connection.fetchrow(sql("relation_bytes"), relation)
    assert row is not None  # noqa: S101  (a select without from gives one row)
    return row["heap"], row["indexes"], row["toast"]

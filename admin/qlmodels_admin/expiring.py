"""How many rows expire when: counted in small tables, and estimated in large ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Date, cast, func, select, tablesample, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

DAYS: Final = 7
TABLES: Final = ("q_values", "trajectories", "patterns")
"""Sessions and rewards expire by their agent type's retention_days."""

READ: Final = 1000
"""Pages of a table that are read."""

PAGES = text("select pg_catalog.pg_relation_size(pg_catalog.to_regclass(:name)) / 8192")


@dataclass(frozen=True, slots=True)
class Expiring:
    """Rows of a table by the day on which they expire; those of the past are due."""

    table: str
    share: float
    """Of its pages that were read, of 1."""

    due: int
    days: Mapping[date, int]
    later: int
    never: int


def days(now: datetime | None = None) -> list[date]:
    today = (now or datetime.now(UTC)).date()
    return [today + timedelta(days=number) for number in range(DAYS)]


async def expiring(connection: AsyncConnection) -> list[Expiring]:
    return [await _of(connection, SQLModel.metadata.tables[name]) for name in TABLES]


async def _of(connection: AsyncConnection, table: Any) -> Expiring:
    pages = await connection.scalar(PAGES, {"name": f"public.{table.name}"}) or 0
    share = min(1.0, READ / pages) if pages else 1.0
    source = table if share == 1 else tablesample(table, func.system(100 * share))
    day = cast(func.timezone("UTC", source.c.expires_at), Date).label("day")
    is_due = (source.c.expires_at < func.now()).label("is_due")
    counted = select(day, is_due, func.count().label("rows")).group_by(day, is_due)
    rows = [
        (row.day, row.is_due, round(row.rows / share)) for row in await connection.execute(counted)
    ]
    by_day = dict.fromkeys(days(), 0)
    for at, due, number in rows:
        if at in by_day and not due:
            by_day[at] += number
    return Expiring(
        table.name, share, sum(number for _, due, number in rows if due), by_day,
        sum(number for at, _, number in rows if at is not None and at > max(by_day)),
        sum(number for at, _, number in rows if at is None),
    )  # fmt: skip

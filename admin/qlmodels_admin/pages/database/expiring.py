"""How many rows expire when: counted in small tables, and estimated in large ones.

Pairs of agent types that are in use, and rows of those without retention, never expire.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Date, DateTime, Interval, case, cast, column, func, select, tablesample, text
from sqlalchemy.ext.asyncio import AsyncConnection

from qlmodels.tables import metadata

DAYS_AHEAD: Final = 7
EXPIRING_TABLES: Final = ("q_values", "trajectories", "patterns")
"""Sessions and rewards expire by their agent type's retention_days."""

MAX_PAGES_READ: Final = 1000
"""Pages of a table that are read."""

PAGES_OF_TABLE = text("select pg_catalog.pg_relation_size(pg_catalog.to_regclass(:name)) / 8192")


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
    return [today + timedelta(days=number) for number in range(DAYS_AHEAD)]


async def expiring(connection: AsyncConnection) -> list[Expiring]:
    return [await _of(connection, metadata.tables[name]) for name in EXPIRING_TABLES]


async def _of(connection: AsyncConnection, table: Any) -> Expiring:
    pages = await connection.scalar(PAGES_OF_TABLE, {"name": f"public.{table.name}"}) or 0
    share = min(1.0, MAX_PAGES_READ / pages) if pages else 1.0
    source = table if share == 1 else tablesample(table, func.system(100 * share))
    kinds = (
        func.qlmodels.expiring_agent_types(table.name == "q_values")
        .table_valued(
            "agent_type",
            column("retention", Interval),
            column("counted_from", DateTime(timezone=True)),
        )
        .render_derived()
    )
    expires_at = case(
        (
            kinds.c.agent_type.is_not(None) & source.c.expires_at.is_not(None),
            func.greatest(source.c.expires_at, kinds.c.counted_from + kinds.c.retention),
        )
    )
    day = cast(func.timezone("UTC", expires_at), Date).label("day")
    is_due = (expires_at < func.now()).label("is_due")
    counted = (
        select(day, is_due, func.count().label("rows"))
        .select_from(source.outerjoin(kinds, kinds.c.agent_type == source.c.agent_type))
        .group_by(day, is_due)
    )
    rows = [
        (row.day, row.is_due, round(row.rows / share)) for row in await connection.execute(counted)
    ]
    by_day = dict.fromkeys(days(), 0)
    for at, due, number in rows:
        if at in by_day and not due:
            by_day[at] += number
    return Expiring(
        table.name,
        share,
        sum(number for _, due, number in rows if due),
        by_day,
        sum(number for at, _, number in rows if at is not None and at > max(by_day)),
        sum(number for at, _, number in rows if at is None),
    )

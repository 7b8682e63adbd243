"""How many rows: exactly where that is cheap, and else as the planner estimates it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import ClauseElement

MAX_COUNTED = 50_000
"""Up to this many rows by the estimate, they are counted."""

_TABLE_ESTIMATE = text(
    "select reltuples::bigint as rows, relpages as pages from pg_catalog.pg_class "
    "where oid = pg_catalog.to_regclass(:name)"
)
_SMALL_HEAP = 1280
"""Pages of a table that was never analysed and may still be counted: 10 MB."""


@dataclass(frozen=True, slots=True)
class Count:
    rows: int
    exact: bool
    or_more: bool = False

    def __str__(self) -> str:
        if self.exact:
            return f"{self.rows:,}"
        return f"{self.rows:,}+" if self.or_more else f"~{_rounded(self.rows)}"


def _rounded(rows: int) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if rows >= size:
            return f"{rows / size:.{1 if rows < 100 * size else 0}f} {unit}"
    return str(rows)


class _Explain(Executable, ClauseElement):
    inherit_cache = False

    def __init__(self, query: Select[Any]) -> None:
        self.query = query


@compiles(_Explain)
def _explain(element: _Explain, compiler: Any, **options: Any) -> str:
    return f"explain (format json) {compiler.process(element.query, **options)}"


async def estimated_size(connection: AsyncConnection, table: str) -> Count:
    """How many rows a table has, by its statistics; counted if it has none and is small."""
    row = (await connection.execute(_TABLE_ESTIMATE, {"name": table})).one_or_none()
    if row is None:
        return Count(0, exact=False)
    if row.rows < 0:
        return Count(0 if row.pages <= _SMALL_HEAP else row.pages * 20, exact=False)
    return Count(row.rows, exact=False)


async def count_rows(
    connection: AsyncConnection, query: Select[Any], size: Count, *, filtered: bool, exact: bool
) -> Count:
    """Rows of `query`, on a table of `size`; counted if they are few, or if `exact` says so."""
    estimate = size
    if filtered and size.rows > MAX_COUNTED:
        estimate = Count(await _estimate(connection, query), exact=False)
    if exact:
        return Count(await _count(connection, query), exact=True)
    if estimate.rows > MAX_COUNTED:
        return estimate
    rows = await _count(connection, query.limit(MAX_COUNTED + 1))
    return (
        Count(rows, exact=True) if rows <= MAX_COUNTED else Count(MAX_COUNTED, False, or_more=True)
    )


async def _count(connection: AsyncConnection, query: Select[Any]) -> int:
    return await connection.scalar(select(func.count()).select_from(query.subquery())) or 0


async def _estimate(connection: AsyncConnection, query: Select[Any]) -> int:
    plan = await connection.scalar(_Explain(query))
    return int(plan[0]["Plan"]["Plan Rows"])

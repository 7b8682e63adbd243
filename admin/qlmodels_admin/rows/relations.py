"""Rows of other tables that belong to a row: declared, or deleted with it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Related:
    """Rows of another table that belong to a row: those whose columns equal ours."""

    table: str
    columns: tuple[tuple[str, str], ...]
    """Pairs of a filter there and an attribute here."""

    @property
    def pairs(self) -> dict[str, str]:
        return dict(self.columns)

    def query(self, row: Any) -> str:
        """Return the filters of the list that shows them all."""
        return urlencode([(there, str(row[here])) for there, here in self.columns])


def cascades_of(table: Table) -> list[Related]:
    """Return the rows that are deleted with a row of `table`."""
    return [
        Related(
            other.fullname, tuple((key.parent.name, key.column.name) for key in reference.elements)
        )
        for other in table.metadata.tables.values()
        for reference in other.foreign_key_constraints
        if reference.referred_table is table and reference.ondelete == "CASCADE"
    ]


async def count_related(
    connection: AsyncConnection, table: Table, related: Related, row: Any, limit: int = 10_000
) -> int:
    """Count the rows that belong to a row of `table`, up to `limit` + 1."""
    other = table.metadata.tables[related.table]
    conditions = [other.c[there] == row[here] for there, here in related.columns]
    within = select(1).select_from(other).where(*conditions).limit(limit + 1)
    return await connection.scalar(select(func.count()).select_from(within.subquery())) or 0

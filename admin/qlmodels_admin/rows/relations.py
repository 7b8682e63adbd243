"""Rows of other tables that belong to a row: declared, or deleted with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from weakref import WeakSet

from sqlalchemy import ForeignKeyConstraint, MetaData, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from qlmodels.ddl.internal import PRIVATE_SCHEMA
from qlmodels.errors import ConfigurationError
from qlmodels_admin.mapping import full_name

_shown: Final[WeakSet[MetaData]] = WeakSet()


def show(table: Table) -> None:
    """Have the tables of its MetaData looked through for references, as a view's table is."""
    _shown.add(table.metadata)


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


def references_to(table: Table) -> Iterator[tuple[Table, ForeignKeyConstraint]]:
    """Yield the tables with a reference to `table`, but for those that the panel cannot read."""
    for other in _tables(table).values():
        if other.schema != PRIVATE_SCHEMA:
            for reference in other.foreign_key_constraints:
                if reference.referred_table is table:
                    yield other, reference


def related_table(table: Table, name: str) -> Table:
    """Return the table of this name beside `table`. Raises ConfigurationError."""
    tables = _tables(table)
    if name not in tables:
        raise ConfigurationError(f"There is no table {name!r} beside {full_name(table)}.")
    return tables[name]


def _tables(table: Table) -> dict[str, Table]:
    """Return tables by their full names: those beside `table`, and those of other views."""
    others = [other for shown in _shown for other in shown.tables.values()]
    return {full_name(other): other for other in [*others, *table.metadata.tables.values()]}


def cascades_of(table: Table) -> list[Related]:
    """Return the rows that are deleted with a row of `table`."""
    return [
        Related(
            full_name(other),
            tuple((key.parent.name, key.column.name) for key in reference.elements),
        )
        for other, reference in references_to(table)
        if reference.ondelete == "CASCADE"
    ]


async def count_related(
    connection: AsyncConnection, table: Table, related: Related, row: Any, limit: int = 10_000
) -> int:
    """Count the rows that belong to a row of `table`, up to `limit` + 1."""
    other = related_table(table, related.table)
    conditions = [other.c[there] == row[here] for there, here in related.columns]
    within = select(1).select_from(other).where(*conditions).limit(limit + 1)
    return await connection.scalar(select(func.count()).select_from(within.subquery())) or 0

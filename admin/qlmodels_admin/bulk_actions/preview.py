"""What an action will do to the rows of a list: value by value, and what goes along."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Table,
    and_,
    cast,
    func,
    literal,
    select,
    tuple_,
    union,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import Null

from qlmodels_admin.mapping import full_name
from qlmodels_admin.rows import references_to
from qlmodels_admin.tables import Action, TableView
from qlmodels_admin.values import as_read, comparable, stored

MAX_PREVIEW_ROWS: Final = 10

MAX_CONSEQUENCES: Final = 10_000
"""Of the rows that go along; more are told as `10,000+`."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """Rows of another table that are deleted too, or that `lose` a reference."""

    table: str
    count: int
    lose: str = ""

    @property
    def number(self) -> str:
        return f"{MAX_CONSEQUENCES:,}+" if self.count > MAX_CONSEQUENCES else f"{self.count:,}"


@dataclass(frozen=True, slots=True)
class Preview:
    rows: list[Any]
    """The first of them, in the order of the key; `old name` and `new name` is what changes."""

    total: int
    changes: list[str] = field(default_factory=list)
    """Attributes that will be written."""

    same: int = 0
    """Rows that hold already what will be written."""

    consequences: list[Consequence] = field(default_factory=list)


async def preview(
    connection: AsyncConnection,
    view: TableView,
    action: Action,
    query: Select[Any],
    given: Mapping[str, Any] | None,
) -> Preview:
    """Return what happens to the rows of `query`; only which they are without `given` values."""
    table = view.rows.table
    query = query.order_by(None)
    changes = {} if given is None else action.changes(table, dict(given))
    new = {
        name: _expression(column, changes[column.name])
        for name, column in view.rows.columns.items()
        if column.name in changes
    }
    own = view.rows.columns
    columns = [as_read(own[name], own[name]).label(f"old {name}") for name in new]
    columns += [as_read(value, own[name]).label(f"new {name}") for name, value in new.items()]
    first = query.add_columns(*columns).order_by(*view.rows.key_columns).limit(MAX_PREVIEW_ROWS)
    rows = list((await connection.execute(first)).mappings().all())
    total, same = await _counted(connection, view, query, new)
    consequences = (
        await _consequences(connection, table, query) if action.needs == "delete" and total else []
    )
    return Preview(rows, total, list(new), same, consequences)


def _expression(column: Column[Any], value: Any) -> ColumnElement[Any]:
    value = stored(column, value)
    return cast(value, column.type) if isinstance(value, Null) else value


async def _counted(
    connection: AsyncConnection,
    view: TableView,
    query: Select[Any],
    new: Mapping[str, ColumnElement[Any]],
) -> tuple[int, int]:
    """How many rows there are, and how many of them stay as they are."""
    columns = view.rows.columns
    alike = [
        comparable(columns[name], columns[name]).is_not_distinct_from(
            comparable(value, columns[name])
        )
        for name, value in new.items()
    ]
    stays = and_(*alike) if alike else literal(False)
    rows = query.with_only_columns(stays.label("stays"), maintain_column_froms=True).subquery()
    counts = select(func.count(), func.count().filter(rows.c.stays))
    total, same = (await connection.execute(counts)).one()
    return total, same


async def _consequences(
    connection: AsyncConnection, table: Table, query: Select[Any]
) -> list[Consequence]:
    followed: dict[tuple[Table, str], list[Select[Any]]] = {}
    _follow(table, query, followed)
    consequences = []
    for (child, lose), paths in followed.items():
        limited = [path.limit(MAX_CONSEQUENCES + 1).subquery() for path in paths]
        rows = union(*(select(path) for path in limited)).subquery()
        count = await connection.scalar(select(func.count()).select_from(rows)) or 0
        if count:
            consequences.append(Consequence(full_name(child), count, lose))
    return consequences


def _follow(
    table: Table,
    rows: Select[Any],
    paths: dict[tuple[Table, str], list[Select[Any]]],
    above: tuple[Table, ...] = (),
) -> None:
    """Along the references to `rows`, and to what is deleted with them: keys, a path each."""
    for child, reference in references_to(table):
        inner = rows.with_only_columns(*(part.column for part in reference.elements))
        pairs = tuple_(*(part.parent for part in reference.elements))
        known = [*child.primary_key.columns] or [part.parent for part in reference.elements]
        going = select(*known).where(pairs.in_(inner))
        if reference.ondelete == "CASCADE" and child not in (*above, table):
            paths.setdefault((child, ""), []).append(going)
            _follow(child, going, paths, (*above, table))
        elif reference.ondelete is not None and reference.ondelete.startswith("SET NULL"):
            some = reference.ondelete.removeprefix("SET NULL").strip(" ()")
            paths.setdefault((child, some or ", ".join(reference.column_keys)), []).append(going)

"""The rows of other tables that belong to a row: how many, and the first of them."""

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from qlmodels_admin.rows import Order, Related, count_related
from qlmodels_admin.tables.sqladmin_compat import panel_of
from qlmodels_admin.tables.table_view import TableView

MAX_RELATED_ROWS: Final = 5
MAX_RELATED_COLUMNS: Final = 7
MAX_RELATED_COUNT: Final = 1_000


@dataclass(frozen=True, slots=True)
class RelatedRows:
    view: TableView
    count: int
    query: str
    """The filters of the list that shows all of them."""

    columns: list[str] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)

    @property
    def number(self) -> str:
        return f"{MAX_RELATED_COUNT:,}+" if self.count > MAX_RELATED_COUNT else f"{self.count:,}"


async def related_rows_of(
    view: TableView, request: Request, connection: AsyncConnection, row: Any
) -> list[RelatedRows]:
    views = {part.identity: part for part in panel_of(view).views if isinstance(part, TableView)}
    return [
        await _inline(view, views[part.table], part, request, connection, row)
        for part in view.related
        if part.table in views
    ]


async def _inline(
    view: TableView,
    target: TableView,
    part: Related,
    request: Request,
    connection: AsyncConnection,
    row: Any,
) -> RelatedRows:
    count = await count_related(connection, view.rows.table, part, row, MAX_RELATED_COUNT)
    if not count:
        return RelatedRows(target, count, part.query(row))
    name, falling = target.default_sort
    keys = [getattr(target.model, other) for other in target.key_names if other != name]
    order = Order((), getattr(target.model, name), tuple(keys), falling)
    columns = target.rows.columns
    query = (
        target.visible_rows(request.state.panel_user)
        .where(*(columns[there] == row[here] for there, here in part.columns))
        .order_by(*order.clauses(backward=False))
        .limit(MAX_RELATED_ROWS)
    )
    rows = (await connection.execute(query)).mappings().all()
    said = [other for other in target.list_names if other not in part.pairs]
    key = target.key_names[-1]
    shown = [key, *(other for other in said if other != key)][:MAX_RELATED_COLUMNS]
    return RelatedRows(target, count, part.query(row), shown, list(rows))

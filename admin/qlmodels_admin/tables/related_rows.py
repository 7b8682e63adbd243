"""The rows of other tables that belong to a row: how many, and the first of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased
from starlette.exceptions import HTTPException
from starlette.requests import Request

from qlmodels_admin.rows import InvalidFilter, Order, Related, references_to
from qlmodels_admin.tables.sqladmin_compat import panel_of
from qlmodels_admin.tables.table_view import TableView, Viewer
from qlmodels_admin.tables.urls import BELONGING, view_of_model, view_of_table
from qlmodels_admin.values import cut

MAX_RELATED_ROWS: Final = 5
MAX_RELATED_COLUMNS: Final = 7
MAX_RELATED_COUNT: Final = 1_000


@dataclass(frozen=True, slots=True)
class RelatedRows:
    view: TableView
    count: int
    query: str
    """The filters of the list that shows all of them."""

    title: str
    columns: list[str] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)

    @property
    def number(self) -> str:
        return f"{MAX_RELATED_COUNT:,}+" if self.count > MAX_RELATED_COUNT else f"{self.count:,}"


async def related_rows_of(
    view: TableView, request: Request, connection: AsyncConnection, row: Any
) -> list[RelatedRows]:
    """Return the rows that refer to a row, and those that its relationships to many lead to."""
    user = request.state.panel_user
    found = []
    for target, part in _referring(view):
        state = await target.load_state(request)
        if any(row[here] is None for _, here in part.columns) or not (
            state is None or state.is_readable
        ):
            continue
        conditions = [getattr(target.model, there) == row[here] for there, here in part.columns]
        query = target.visible_rows(user).where(*conditions)
        title = target.title
        if sum(other is target for other, _ in _referring(view)) > 1:
            title = f"{title} by {target.label_of(part.columns[-1][0])}"
        found.append(await _first(connection, target, query, part.query(row), title, part.pairs))
    for name, target in _linked(view):
        belonging = f"{view.identity}/{view.key_of(row)}/{name}"
        query = target.visible_rows(user).where(belonging_condition(target, user, belonging))
        parameters = urlencode({BELONGING: belonging})
        found.append(await _first(connection, target, query, parameters, view.label_of(name), {}))
    return found


def _referring(view: TableView) -> Iterator[tuple[TableView, Related]]:
    """Yield the views of rows that refer to those of a view: as declared, else by foreign keys."""
    panel = panel_of(view)
    if view.related is not None:
        views = {part.identity: part for part in panel.views if isinstance(part, TableView)}
        yield from ((views[part.table], part) for part in view.related if part.table in views)
        return
    here = {column: prop.key for prop in view.rows.mapper.column_attrs for column in prop.columns}
    for table in view.rows.tables:
        for other, reference in references_to(table):
            target = view_of_table(panel, other)
            if not isinstance(target, TableView) or (
                other in view.rows.tables and other is not table
            ):
                continue
            there = {column: name for name, column in target.rows.columns_in(other).items()}
            pairs = [(there.get(part.parent), here.get(part.column)) for part in reference.elements]
            if all(name and own for name, own in pairs):
                yield (
                    target,
                    Related(target.identity, tuple((str(name), str(own)) for name, own in pairs)),
                )


def _linked(view: TableView) -> Iterator[tuple[str, TableView]]:
    """Yield the relationships that lead to many rows by a table between, and their views."""
    for relationship in view.rows.mapper.relationships:
        target = view_of_model(panel_of(view), relationship.mapper.class_)
        if relationship.secondary is not None and isinstance(target, TableView):
            yield relationship.key, target


def belonging_condition(view: TableView, user: Viewer, text: str) -> ColumnElement[bool]:
    """Return which rows of `view` a relationship of another row leads to. Raises InvalidFilter.

    `text` is the other view, the key of its row and the name of the relationship:
    `books/7/tags`.
    """
    identity, _, rest = text.partition("/")
    key, _, name = rest.rpartition("/")
    sources = [part for part in panel_of(view).views if part.identity == identity]
    source = next((part for part in sources if isinstance(part, TableView)), None)
    if source is None or name not in source.rows.mapper.relationships:
        raise InvalidFilter(f"{BELONGING}: {cut(text, 60)!r} names no relationship of a row.")
    target = source.rows.mapper.relationships[name].mapper.class_
    if not issubclass(view.model, target):
        raise InvalidFilter(f"{BELONGING}: {name} of {identity} does not lead to {view.title}.")
    try:
        row = source.rows.is_row(source.read_key(key))
    except HTTPException as error:
        raise InvalidFilter(str(error.detail)) from error
    there: Any = aliased(target)
    keys = (
        source.visible_rows(user)
        .with_only_columns(*(getattr(there, part) for part in view.key_names))
        .join(getattr(source.model, name).of_type(there))
        .where(row)
    )
    return tuple_(*(getattr(view.model, part) for part in view.key_names)).in_(keys)


async def _first(
    connection: AsyncConnection,
    target: TableView,
    query: Select[Any],
    parameters: str,
    title: str,
    said: dict[str, str],
) -> RelatedRows:
    """Count rows up to a limit, and read the first of them."""
    within = query.limit(MAX_RELATED_COUNT + 1).subquery()
    count = await connection.scalar(select(func.count()).select_from(within)) or 0
    if not count:
        return RelatedRows(target, count, parameters, title)
    name, falling = target.default_sort
    keys = [getattr(target.model, other) for other in target.key_names if other != name]
    order = Order((), getattr(target.model, name), tuple(keys), falling)
    query = query.order_by(*order.clauses(backward=False)).limit(MAX_RELATED_ROWS)
    rows = (await connection.execute(query)).mappings().all()
    key = target.key_names[-1]
    others = [other for other in target.list_names if other not in said and other != key]
    return RelatedRows(
        target, count, parameters, title, [key, *others][:MAX_RELATED_COLUMNS], list(rows)
    )

"""What a list shows for a URL: its filters, search, order and place in it, and the rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from sqlalchemy import Select, text
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request

from qlmodels.connection import read_transaction
from qlmodels.verdicts import agent_type_names
from qlmodels_admin.db import (
    MAX_COUNTED,
    QUERY_CANCELED,
    Count,
    count_rows,
    estimated_size,
    is_invalid_value,
    sqlstate,
)
from qlmodels_admin.rows import (
    Filter,
    InvalidCursor,
    InvalidFilter,
    ListPage,
    Order,
    Place,
    read_cursor,
    read_page,
    sentence_of,
)
from qlmodels_admin.tables.lists.columns import shown_columns, with_columns
from qlmodels_admin.tables.related_rows import belonging_condition
from qlmodels_admin.tables.table_view import TableView, Viewer
from qlmodels_admin.tables.urls import BELONGING, CURSOR_PARAMETERS, list_link
from qlmodels_admin.web import TEMPLATES

EMPTY_TEXT = '""'
"""How the empty text is written into a filter, and shown."""


_PREFER_BITMAPS = text("select set_config('enable_indexscan', :indexscan, true)")


class InvalidList(ValueError):
    """The list that the URL asks for cannot be shown; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the URL of the list without it."""

    title: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class ListColumn:
    name: str
    label: str
    help: str
    kind: str
    sort: str | None
    """The URL that sorts by it, if that is possible here."""
    sorted: str | None
    """asc or desc, if the list is sorted by it."""
    is_key: bool
    attributes: Markup
    """The attributes of each of its cells, the same in each row."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All that the page shows; `problem` says why there are no rows to show."""

    columns: list[ListColumn]
    agent_types: list[str]
    chips: list[Chip] = field(default_factory=list)
    page: ListPage = field(default_factory=lambda: ListPage([], None, None))
    count: Count | None = None
    within_agent_types: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The rows that the URL's filters and search leave."""

    query: Select[Any]
    filtered: bool
    by_document: bool
    """Whether a GIN index finds them; the planner, which guesses, might not ask it."""


def narrowed_query(
    view: TableView, user: Viewer, values: Mapping[str, str], agent_types: list[str]
) -> Narrowed:
    """Return the rows that `user` may see and a list's parameters leave. Raises InvalidList."""
    query = view.visible_rows(user)
    wanted = list(filters_on(view, values))
    term = values.get("search", "").strip()
    chosen = values.get("agent_type")
    # every index begins with the agent type: naming them all lets Postgres use it for the rest
    everyone = [chosen] if chosen else agent_types if view.is_by_agent_type else None
    try:
        for filter_, value in wanted:
            query = query.where(filter_.condition(view.model, value))
            if everyone is not None and not chosen and filter_.column in view.indexed():
                query = query.where(view.model.agent_type.in_(everyone))  # type: ignore[attr-defined]
        if belonging := values.get(BELONGING):
            query = query.where(belonging_condition(view, user, belonging))
        if term:
            query = query.where(view.search.condition(view.model, term, everyone))
    except InvalidFilter as error:
        raise InvalidList(str(error)) from error
    return Narrowed(
        query,
        filtered=bool(wanted or term or belonging),
        by_document=any(filter_.kind == "json" for filter_, _ in wanted)
        or term.startswith(("{", "[")),
    )


def filters_on(view: TableView, values: Mapping[str, str]) -> Iterator[tuple[Filter, str]]:
    """Yield filters with their values; an empty one counts where the column takes it."""
    for filter_ in view.url_filters:
        value = values.get(filter_.parameter)
        if value or (value is not None and filter_.takes_empty(view.model)):
            yield filter_, value


async def read_list(view: TableView, request: Request) -> Listing:
    """Never raises for what a URL may hold: see `Listing.problem`."""
    async with read_transaction(view.engine) as connection:
        agent_types = await agent_type_names(connection)
        size = await estimated_size(connection, view.table_name)
        large = size.rows > MAX_COUNTED
        columns = _columns(view, request, large=large)
        chips = _chips(view, request)
        try:
            narrowed = narrowed_query(
                view, request.state.panel_user, request.query_params, agent_types
            )
            order = order_of(view, request, large=large)
            place = _place(request, order)
            if narrowed.by_document and large:
                await connection.execute(_PREFER_BITMAPS, {"indexscan": "off"})
            count = await count_rows(
                connection,
                narrowed.query,
                size,
                filtered=narrowed.filtered,
                exact=request.query_params.get("count") == "exact",
            )
            if (
                narrowed.by_document and not count.exact
            ):  # most rows match: the first ones in order are soon found
                await connection.execute(_PREFER_BITMAPS, {"indexscan": "on"})
            query = with_columns(view, narrowed.query, shown_columns(view, request))
            page = await read_page(connection, query, order, place, page_size(view, request))
        except (InvalidList, InvalidCursor) as error:
            return Listing(columns, agent_types, chips, problem=str(error))
        except DBAPIError as error:
            return Listing(columns, agent_types, chips, problem=_problem_of(view, error))
    return Listing(columns, agent_types, chips, page, count, bool(order.lead))


def _problem_of(view: TableView, error: DBAPIError) -> str:
    """Return why the URL's list cannot be read; raise any other error again."""
    code = sqlstate(error)
    if code == QUERY_CANCELED:
        way = "Select an agent type or add a filter." if view.is_by_agent_type else "Add a filter."
        return f"The query timed out after 10 s. {way}"
    if is_invalid_value(error):
        return f"A filter holds a value that Postgres cannot compare: {sentence_of(error)}"
    raise error


def order_of(view: TableView, request: Request, *, large: bool) -> Order:
    """By the URL's column, else the view's own. Raises InvalidList.

    A large table is not sorted as a whole: its indexes keep rows in order within an agent type,
    so that is how the list is sorted unless one agent type is chosen.
    """
    name, falling = _wanted(view, request)
    chosen = "agent_type" in request.query_params
    lead: tuple[Any, ...] = ()
    if large and not chosen and view.is_by_agent_type and name != view.key_names[0]:
        if name not in view.indexed():
            raise InvalidList(f"To sort by {name}, choose an agent type first: no index holds it.")
        lead = (getattr(view.model, view.key_names[0]),)
    if name == view.key_names[0] and len(view.key_names) > 1:
        lead, name = (getattr(view.model, name),), view.key_names[1]
    taken = {name, *(attribute.key for attribute in lead)}
    key = tuple(getattr(view.model, part) for part in view.key_names if part not in taken)
    return Order(lead, getattr(view.model, name), key, falling)


def _wanted(view: TableView, request: Request) -> tuple[str, bool]:
    name = request.query_params.get("sortBy")
    if name is None:
        return view.default_sort
    if name not in view.sortable_names:
        raise InvalidList(f"There is no column {name[:50]!r} here to sort by.")
    return name, request.query_params.get("sort") == "desc"


def _place(request: Request, order: Order) -> Place:
    """Return the place in the list. Raises InvalidCursor."""
    values = request.query_params
    if after := values.get("after"):
        return Place(read_cursor(order, after))
    if before := values.get("before"):
        return Place(read_cursor(order, before), backward=True)
    return Place(backward="last" in values)


def page_size(view: TableView, request: Request) -> int:
    text = request.query_params.get("pageSize", "")
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else view.page_size
    return min(max(wanted, 1), max(view.page_size_options))


def _columns(view: TableView, request: Request, *, large: bool) -> list[ListColumn]:
    try:
        current, falling = _wanted(view, request)
    except InvalidList:
        current, falling = "", False
    sortable = set(view.sortable_names)
    if large and view.is_by_agent_type and "agent_type" not in request.query_params:
        sortable &= view.indexed()
    columns = []
    chosen = "agent_type" if "agent_type" in request.query_params else None
    for name in shown_columns(view, request):
        if name == chosen and name != view.key_names[-1]:
            continue  # it would say the same in every row
        direction = ("desc" if falling else "asc") if name == current else None
        label, kind = view.label_of(name), view.kind(name)
        is_key = name == view.key_names[-1]
        classes = [kind, *["on-card"] * (name in view.card), *["is-key"] * is_key]
        turned = "desc" if direction == "asc" else "asc"
        columns.append(
            ListColumn(
                name=name,
                label=label,
                help=view.help_of(name),
                kind=kind,
                sort=list_link(request, sortBy=name, sort=turned) if name in sortable else None,
                sorted=direction,
                is_key=is_key,
                attributes=Markup('class="%s" data-label="%s"') % (" ".join(classes), label),
            )
        )
    return columns


def _chips(view: TableView, request: Request) -> list[Chip]:
    values = request.query_params
    chips = [
        Chip(
            filter_.title,
            value or EMPTY_TEXT,
            list_link(request, (*CURSOR_PARAMETERS, filter_.parameter)),
        )
        for filter_, value in filters_on(view, values)
    ]
    if belonging := values.get(BELONGING):
        chips.append(Chip("of", belonging, list_link(request, (*CURSOR_PARAMETERS, BELONGING))))
    if term := values.get("search"):
        chips.append(Chip("search", term, list_link(request, (*CURSOR_PARAMETERS, "search"))))
    return chips


def table_rows(
    view: TableView, listing: Listing, request: Request, deletes: bool, edits: bool
) -> Markup:
    """The rows in one piece: sqladmin's templates are asynchronous, at a price for each cell."""
    template = _rows_environment().get_template("_rows.html")
    rows = template.render(
        view=view,
        rows=listing.page.rows,
        columns=listing.columns,
        request=request,
        deletes=deletes,
        edits=edits,
    )
    return Markup(rows)  # noqa: S704  # escaped by the template


@cache
def _rows_environment() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES / "tables"), autoescape=True)

"""The routes of every table, as data; views of sqladmin's own kind have sqladmin's pages there."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlencode

from sqlalchemy.exc import DBAPIError
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from qlmodels_admin.db import UNREACHABLE, Need, sqlstate
from qlmodels_admin.tables.export import export_rows
from qlmodels_admin.tables.import_file import import_rows
from qlmodels_admin.tables.listing import EMPTY_TEXT, read_list
from qlmodels_admin.tables.lists.columns import column_choices, keep_columns, shown_columns
from qlmodels_admin.tables.row_pages import (
    create_row,
    delete_rows,
    edit_row,
    find_row,
    row_details,
)
from qlmodels_admin.tables.sqladmin_compat import ViewRegistry, parse_early
from qlmodels_admin.tables.table_view import TableView
from qlmodels_admin.tables.urls import CURSOR_PARAMETERS, list_link
from qlmodels_admin.web import FormUnsent, Guard, see_other, unsent

FORM_PARAMETER: Final = "_form"
"""Sent by the form of filters, which browsers send with the fields that were left blank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePage:
    """A page that each table has, for users who may do its `action`.

    `sqladmin` is the method of sqladmin's Admin that answers for views of its own kind, to
    `sqladmin_methods` alone; without one such views have no page of this name.
    """

    name: str
    path: str
    answer: Callable[[TableView, Request], Awaitable[Response]]
    action: str | None
    """None for an answer that itself asks what the user may do."""

    methods: tuple[str, ...] = ("GET",)
    shows_unsent: bool = False
    """Whether its form shows fields that came back after signing in."""

    sqladmin: str | None = None
    sqladmin_methods: tuple[str, ...] = ("GET", "HEAD", "POST")


async def list_rows(view: TableView, request: Request) -> Response:
    """Show the list that the URL asks for, or what is wrong with the URL."""
    if (url := _without_blanks(request)) is not None:
        return see_other(f"{url.path}?{url.query}")
    if dated := _url_with_dates(view, request):
        return see_other(dated)
    listing = await read_list(view, request)
    response = await view.templates.TemplateResponse(
        request,
        view.list_template,
        {
            "model_view": view,
            "listing": listing,
            "title": view.title,
            "needs": view.needs(request),
            "column_choices": column_choices(view, request),
        },
        status_code=200 if listing.problem is None else 422,
    )
    keep_columns(request, shown_columns(view, request), response)
    return response


def _url_with_dates(view: TableView, request: Request) -> str | None:
    """Return the list's URL with `x.from` and `x.to`, dates that were picked, in the filter x."""
    values, picked, spare = request.query_params, dict[str, str](), list[str]()
    for filter_ in view.url_filters:
        names = [f"{filter_.parameter}.from", f"{filter_.parameter}.to"]
        low, high = (values.get(name, "").strip() for name in names)
        spare += [name for name in names if name in values]
        if low or high:
            picked[filter_.parameter] = f"{low}..{high}"
    return list_link(request, (*CURSOR_PARAMETERS, *spare), **picked) if spare else None


def _without_blanks(request: Request) -> URL | None:
    """Return the URL of a form's list without the fields that were left blank.

    None for a list that was not asked for by the form. `""` in it stands for the empty text.
    """
    if FORM_PARAMETER not in request.query_params:
        return None
    filled = [
        (name, "" if value == EMPTY_TEXT else value)
        for name, value in request.query_params.multi_items()
        if value and name != FORM_PARAMETER
    ]
    return request.url.replace(query=urlencode(filled))


TABLE_PAGES: Final = (
    TablePage(
        name="import",
        path="/{identity}/import",
        answer=import_rows,
        action="import",
        methods=("GET", "POST"),
        sqladmin="import_endpoint",
        sqladmin_methods=("POST",),
    ),
    TablePage(
        name="delete",
        path="/{identity}/delete",
        answer=delete_rows,
        action="delete",
        methods=("POST", "DELETE"),
        sqladmin="delete",
        sqladmin_methods=("DELETE",),
    ),
    TablePage(
        name="list", path="/{identity}/list", answer=list_rows, action="list", sqladmin="list"
    ),
    TablePage(
        name="details",
        path="/{identity}/details/{pk:path}",
        answer=row_details,
        action="details",
        sqladmin="details",
    ),
    TablePage(name="find", path="/{identity}/find", answer=find_row, action="details"),
    TablePage(
        name="create",
        path="/{identity}/create",
        answer=create_row,
        action="create",
        methods=("GET", "POST"),
        shows_unsent=True,
        sqladmin="create",
    ),
    TablePage(
        name="edit",
        path="/{identity}/edit/{pk:path}",
        answer=edit_row,
        action="edit",
        methods=("GET", "POST"),
        shows_unsent=True,
        sqladmin="edit",
    ),
    TablePage(
        name="export",
        path="/{identity}/export/{export_type}",
        answer=export_rows,
        action="export",
        sqladmin="export",
    ),
)


def table_routes(admin: ViewRegistry, guard: Guard, pages: Iterable[TablePage]) -> list[Route]:
    """Return the routes of these pages, for the views of `admin`."""
    return [
        Route(
            page.path,
            guard(partial(_serve, admin, page), shows_unsent=page.shows_unsent),
            name=page.name,
            methods=list(page.methods),
        )
        for page in pages
    ]


async def _serve(admin: ViewRegistry, page: TablePage, request: Request) -> Response:
    view = admin.find_view(request.path_params["identity"])
    if not isinstance(view, TableView):
        return await _serve_foreign(admin, page, request)
    if request.method == "DELETE":
        raise HTTPException(405)
    if page.action is not None:
        await require_permission(view, request, page.action)
    state = await view.load_state(request)
    if state is not None and not state.allows(page.action):
        return await _say_needs(view, request, view.needs(request))
    try:
        return await page.answer(view, request)
    except DBAPIError as error:
        if state is None or sqlstate(error) not in UNREACHABLE:
            raise
        if not (needs := await view.needs_of_others()):
            raise
        return await _say_needs(view, request, needs)


async def _say_needs(view: TableView, request: Request, needs: Sequence[Need]) -> Response:
    """Show what the table needs, with the commands, in the place of its rows."""
    return await view.templates.TemplateResponse(
        request,
        "tables/needs.html",
        {"model_view": view, "title": view.title, "needs": needs},
        status_code=200 if request.method in {"GET", "HEAD"} else 409,
    )


async def _serve_foreign(admin: ViewRegistry, page: TablePage, request: Request) -> Response:
    """Answer for a view of sqladmin's own kind."""
    if page.sqladmin is None:
        raise HTTPException(404, "This view has no such page. It is none of the panel's tables.")
    if request.method not in page.sqladmin_methods:
        raise HTTPException(405)
    if reason := unsent(request):
        raise FormUnsent(reason)
    await parse_early(request)
    response: Response = await getattr(admin, page.sqladmin)(request)
    return response


async def require_permission(view: TableView, request: Request, action: str) -> None:
    """Raise HTTPException 403 where the request's user may not do `action` in this table."""
    if not (view.is_accessible(request) and await view.may(request, action)):
        role = request.state.panel_user.role
        raise HTTPException(403, f"As {role} you may not do this here.")

"""The columns of a list: as its URL says, else as the browser keeps them, else as declared."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select
from starlette.requests import Request
from starlette.responses import Response

from qlmodels_admin.tables.table_view import TableView

COLUMNS: Final = "columns"
"""The parameter, and the cookie of each list, that name its columns."""

COOKIE_LIFETIME_S: Final = 365 * 24 * 3600
COOKIE_SEPARATOR: Final = "|"


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column that a list may show. `earlier` and `later` are what COLUMNS is with it moved."""

    name: str
    label: str
    is_shown: bool
    is_fixed: bool
    """Whether it leads to the row's own page, so that it is always shown."""

    earlier: str | None = None
    later: str | None = None


def shown_columns(view: TableView, request: Request) -> list[str]:
    """Return the columns of a list; one that leads to the row is always among them."""
    if COLUMNS in request.query_params:
        wanted = ",".join(request.query_params.getlist(COLUMNS)).split(",")
    else:
        wanted = request.cookies.get(COLUMNS, "").split(COOKIE_SEPARATOR)
    offered, key = set(_offered(view)), view.key_names[-1]
    names = list(dict.fromkeys(name for name in wanted if name in offered)) or view.list_names
    return names if key in names else [key, *names]


def column_choices(view: TableView, request: Request) -> list[ColumnChoice]:
    """Return the columns to choose from, those that are shown first and in their order."""
    shown = shown_columns(view, request)
    others = [name for name in _offered(view) if name not in shown]
    return [
        *(
            ColumnChoice(
                name,
                view.label_of(name),
                is_shown=True,
                is_fixed=name == view.key_names[-1],
                earlier=_moved(shown, place, place - 1) if place else None,
                later=_moved(shown, place, place + 1) if place < len(shown) - 1 else None,
            )
            for place, name in enumerate(shown)
        ),
        *(ColumnChoice(name, view.label_of(name), False, False) for name in others),
    ]


def with_columns(view: TableView, query: Select[Any], names: list[str]) -> Select[Any]:
    """Have a list's query read columns that its view does not show by itself."""
    extra = [name for name in names if name not in view.list_names]
    links = [view.links[name] for name in extra if name in view.links]
    wanted = dict.fromkeys([*extra, *(name for link in links for name in link.local)])
    known = set(query.selected_columns.keys())
    columns = [
        sql.label(name)
        for name in wanted
        if name not in known and (sql := view.attributes[name].sql) is not None
    ]
    return query.add_columns(*columns) if columns else query


def keep_columns(request: Request, names: list[str], response: Response) -> None:
    """Have the browser keep the columns that the URL names, and forget them where it names none."""
    if COLUMNS not in request.query_params:
        return
    path = request.url.path
    if not any(request.query_params.getlist(COLUMNS)):
        response.delete_cookie(COLUMNS, path=path)
        return
    response.set_cookie(
        COLUMNS,
        COOKIE_SEPARATOR.join(names),
        max_age=COOKIE_LIFETIME_S,
        path=path,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def _offered(view: TableView) -> Iterator[str]:
    yield from dict.fromkeys([*view.list_names, *view.rows.columns])


def _moved(names: list[str], place: int, to: int) -> str:
    moved = [name for name in names if name != names[place]]
    moved.insert(to, names[place])
    return ",".join(moved)

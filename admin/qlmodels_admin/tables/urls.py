"""Paths of a table's pages, and the keys and titles of its rows."""

from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, quote, urlencode

from sqlalchemy import ColumnElement, Table
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request

from qlmodels_admin.mapping import ModelAttribute, Reference
from qlmodels_admin.rows import RowStore
from qlmodels_admin.tables.sqladmin_compat import KeyedModelView, panel_of
from qlmodels_admin.values import InvalidRowKey, cut, decode_key, encode_key, one_line
from qlmodels_admin.web import NOTICE_PARAMETERS

BELONGING: Final = "of"
"""The parameter of a list that leaves the rows which a relationship of another row leads to:
the other view, the row's key, and the relationship, as `books/7/tags`."""

LIST_QUERY: Final = "_list"
"""The parameter of a row's pages that holds the query of the list that led there."""

MAX_LIST_QUERY_CHARS: Final = 4_000
MAX_ROW_NAME_CHARS: Final = 80

CURSOR_PARAMETERS: Final = ("after", "before", "last")


def list_link(request: Request, without: tuple[str, ...] = CURSOR_PARAMETERS, **values: Any) -> str:
    """The list's URL with other parameters, on its first page unless `values` say another."""
    url: URL = request.url.remove_query_params([*without, *NOTICE_PARAMETERS])
    return f"?{url.include_query_params(**values).query}"


def view_of_model(panel: Any, model: type) -> Any | None:
    """Return the view of a model, or of the class that it inherits from."""
    views = {view.model: view for view in reversed(panel.views) if view.is_model}
    return next((views[part] for part in model.__mro__ if part in views), None)


def view_of_table(panel: Any, table: Table) -> Any | None:
    """Return the view of all rows of a table."""
    views = {
        view.model: view
        for view in reversed(panel.views)
        if view.is_model and view.model.__mapper__.local_table is table
    }
    return min(views.values(), key=lambda view: len(view.model.__mro__), default=None)


def row_url(request: Request, table: str, page: str, key: str) -> str:
    """Return the path of a row's page; `page` is details or edit."""
    return f"{_base(request, table)}{page}/{quote(key, safe='')}"


def _base(request: Request, table: str) -> str:
    """Return the path of a table's pages, found once a request: each row needs it."""
    known: dict[str, str] = request.scope.setdefault("qlmodels.paths", {})
    if table not in known:
        path = request.url_for("admin:list", identity=table).path
        known[table] = path.removesuffix("list")
    return known[table]


def with_query(url: str, query: str) -> str:
    """Return a URL with more parameters."""
    return f"{url}{'&' if '?' in url else '?'}{query}"


def _list_query(request: Request, table: str) -> str:
    """Return the query of the table's list that the request shows, or that led to it."""
    known: dict[str, str] = request.scope.setdefault("qlmodels.list_queries", {})
    if table not in known:
        base, path = _base(request, table), request.url.path
        pairs: list[tuple[str, str]] = []
        if path == f"{base}list":
            pairs = request.query_params.multi_items()
        elif path.startswith(base):
            pairs = parse_qsl(request.query_params.get(LIST_QUERY, "")[:MAX_LIST_QUERY_CHARS])
        query = urlencode([pair for pair in pairs if pair[0] not in (*NOTICE_PARAMETERS, "count")])
        known[table] = query if len(query) <= MAX_LIST_QUERY_CHARS else ""
    return known[table]


class RowUrls(KeyedModelView):
    """A view whose rows are found by their whole keys, and lead to rows of other views."""

    rows: RowStore
    title: str
    key_names: list[str]
    links: dict[str, Reference]
    """The rows that attributes refer to."""

    attributes: dict[str, ModelAttribute]

    named_by: ClassVar[tuple[str, ...]] = ()
    """Columns by which people know a row; its page has their values as its title."""

    def name_of(self, row: Any) -> str:
        """Return what people call a row; the table and the row's key where it has no name."""
        if not self.is_named(row):
            return f"{self.title} {self.short_key_of(row)}"
        words = " → ".join(one_line(row[name]) for name in self.named_by)
        return cut(words, MAX_ROW_NAME_CHARS)

    def is_named(self, row: Any) -> bool:
        """Return whether a row has a name."""
        return bool(self.named_by) and all(row[name] is not None for name in self.named_by)

    def short_key_of(self, row: Any) -> str:
        """Return the key of a row, without the agent type that it belongs to."""
        names = [name for name in self.key_names if name != "agent_type"] or self.key_names
        return cut(", ".join(str(row[name]) for name in names), MAX_ROW_NAME_CHARS)

    def page_title(self, row: Any) -> str:
        """Return the title of a row's pages, which tells it from others of its name."""
        name, key = self.name_of(row), self.short_key_of(row)
        if name == key:
            return f"{key} · {self.title}"
        return f"{name} · {self.title} {key}" if self.is_named(row) else name

    def link_of(self, request: Request, row: Any, name: str) -> str | None:
        """Return the path of what an attribute refers to, where the panel has a page of it."""
        if reference := self.links.get(name):
            return self._url_of_referred(request, row, reference)
        attribute = self.attributes[name]
        if attribute.target is None:
            return None
        if attribute.local:
            table = attribute.remote[0].table
            return self._url_of_referred(
                request, row, Reference(table, attribute.local, attribute.remote)
            )
        target = view_of_model(panel_of(self), attribute.target.class_)
        if not isinstance(target, RowUrls):
            return None
        belonging = f"{self.identity}/{self.key_of(row)}/{name}"
        path = request.url_for("admin:list", identity=target.identity).path
        return f"{path}?{urlencode({BELONGING: belonging})}"

    def _url_of_referred(self, request: Request, row: Any, reference: Reference) -> str | None:
        key = reference.key_of(row)
        view = view_of_table(panel_of(self), reference.target)
        if key is None or view is None:
            return None
        names = [column.name for column in view.pk_columns]
        if {*names} == {*key}:
            return row_url(request, view.identity, "details", encode_key([key[n] for n in names]))
        path = request.url_for("admin:find", identity=view.identity).path
        return f"{path}?{urlencode({name: encode_key([value]) for name, value in key.items()})}"

    def key_of(self, row: Any) -> str:
        return encode_key([row[name] for name in self.key_names])

    def read_key(self, text: str) -> tuple[Any, ...]:
        """Return the values of a key. Raises HTTPException 404 where `text` can be none."""
        try:
            return decode_key(text, self.pk_columns)
        except InvalidRowKey as error:
            raise HTTPException(404, f"There is no such row: {error}.") from error

    def whole_key(self, key: tuple[Any, ...], row: Any) -> tuple[Any, ...]:
        """Return a row's key with what was hashed for its URL; the key itself if it has no row."""
        return key if row is None else tuple(row[name] for name in self.key_names)

    def url_of(self, request: Request, page: str, key: str) -> str:
        """Return the path of a row's page; `page` is details or edit."""
        return self._from_list(request, row_url(request, self.identity, page, key))

    def table_url(self, request: Request, page: str) -> str:
        """Return the path of a page of the table that leads back to the list as it is."""
        return self._from_list(request, f"{_base(request, self.identity)}{page}")

    def list_url(self, request: Request) -> str:
        """Return the list that led to a page, with its filters, order and place."""
        path, query = f"{_base(request, self.identity)}list", _list_query(request, self.identity)
        return with_query(path, query) if query else path

    def list_values(self, request: Request) -> dict[str, str]:
        """Return the parameters of the list that led to a page."""
        return dict(parse_qsl(_list_query(request, self.identity)))

    def _from_list(self, request: Request, url: str) -> str:
        query = _list_query(request, self.identity)
        return with_query(url, urlencode({LIST_QUERY: query})) if query else url

    def object_url(self, request: Request, page: str, row: Any) -> str:
        key = encode_key([getattr(row, name) for name in self.key_names])
        return self.url_of(request, page, key)

    def object_condition(self, key: str) -> ColumnElement[bool]:
        return self.rows.is_row(self.read_key(key))

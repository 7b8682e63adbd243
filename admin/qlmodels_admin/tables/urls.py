"""Paths of a table's pages, and the keys that they hold."""

from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement
from starlette.exceptions import HTTPException
from starlette.requests import Request

from qlmodels_admin.rows import RowStore
from qlmodels_admin.tables.sqladmin_compat import KeyedModelView
from qlmodels_admin.values import InvalidRowKey, decode_key, encode_key


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


class RowUrls(KeyedModelView):
    """A view whose rows are found by their whole keys."""

    rows: RowStore
    key_names: list[str]

    def key_of(self, row: Any) -> str:
        return encode_key([row[name] for name in self.key_names])

    def read_key(self, text: str) -> tuple[Any, ...]:
        """Return the values of a key. Raises HTTPException 404 where `text` can be none."""
        try:
            return decode_key(text, self.pk_columns)
        except InvalidRowKey as error:
            raise HTTPException(404, f"There is no such row: {error}.") from error

    def url_of(self, request: Request, page: str, key: str) -> str:
        """Return the path of a row's page; `page` is details or edit."""
        return row_url(request, self.identity, page, key)

    def object_url(self, request: Request, page: str, row: Any) -> str:
        key = encode_key([getattr(row, name) for name in self.key_names])
        return self.url_of(request, page, key)

    def object_condition(self, key: str) -> ColumnElement[bool]:
        return self.rows.is_row(self.read_key(key))

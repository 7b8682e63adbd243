"""A list as a file: streamed by COPY as Postgres writes it, however long the table is."""

import time
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, Select, String, case, func, literal, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from qlmodels_admin import counting
from qlmodels_admin.listing import narrow, order_of
from qlmodels_admin.queries import driver_of
from qlmodels_admin.row_files import FORMULA
from qlmodels_admin.table_view import TableView

MEDIA = {"csv": "text/csv; charset=utf-8", "json": "application/x-ndjson"}
ENDING = {"csv": "csv", "json": "jsonl"}


async def export(view: TableView, request: Request, kind: str) -> Response:
    """The filtered rows with all columns, as CSV or JSON Lines.

    In the order that was asked for; a large table has none of its own, and is read as it lies.
    An export that fails on the way ends without the last chunk, which browsers and curl report.
    Raises ListUnreadable.
    """
    if kind not in MEDIA:
        raise HTTPException(404, f"There is no export as {kind[:20]!r}: csv or json.")
    async with view.reading() as connection:
        narrowed = narrow(view, request, await view.agent_types(connection)).query
        size = await counting.size_of(connection, view.table_name)
    if "sortBy" in request.query_params or size.rows <= counting.COUNTED:
        narrowed = narrowed.order_by(*order_of(view, request, large=False).clauses(False))
    name = f"{view.identity}_{time.strftime('%Y-%m-%d_%H-%M-%S', time.gmtime())}.{ENDING[kind]}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Encoding": "identity",  # compressing would cost more than sending
    }
    return CopyResponse(view, _columns(view, narrowed, kind), kind, headers)


class CopyResponse(Response):
    """Sends what COPY gives, piece by piece, as fast as it is taken."""

    def __init__(
        self, view: TableView, query: Select[Any], kind: str, headers: dict[str, str]
    ) -> None:
        super().__init__(headers=headers, media_type=MEDIA[kind])
        del self.headers["content-length"]
        self.view = view
        self.query = query
        self.kind = kind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        started = False

        async def take(piece: bytes) -> None:
            nonlocal started
            if not started:
                started = True
                await send(
                    {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
                )
            await send({"type": "http.response.body", "body": bytes(piece), "more_body": True})

        async with self.view.exporting() as connection:
            statement, values = _compiled(connection, self.query)
            driver = await driver_of(connection)
            try:
                await driver.copy_from_query(statement, *values, output=take, **_format(self.kind))
            except asyncpg.DataError as error:
                raise HTTPException(
                    422, "A filter holds a value that cannot be compared."
                ) from error
        await take(b"")
        await send({"type": "http.response.body", "body": b""})


def _columns(view: TableView, narrowed: Select[Any], kind: str) -> Select[Any]:
    columns = view.rows.table.columns
    if kind == "json":
        whole = narrowed.with_only_columns(*columns).subquery("row")
        return select(func.row_to_json(literal_column('"row"'))).select_from(whole)
    return narrowed.with_only_columns(
        *(_guarded(column) if isinstance(column.type, String) else column for column in columns)
    )


def _guarded(column: ColumnElement[str]) -> ColumnElement[str]:
    begins = func.ascii(column).in_([literal_column(str(ord(sign))) for sign in FORMULA])
    return case((begins, literal("'") + column), else_=column).label(column.key)


def _compiled(connection: AsyncConnection, query: Select[Any]) -> tuple[str, list[Any]]:
    compiled = query.compile(
        dialect=connection.dialect, compile_kwargs={"render_postcompile": True}
    )
    encode: Any = compiled._bind_processors  # there is no public way to the driver
    names: Any = compiled.positiontup
    return str(compiled), [
        encode[name](compiled.params[name]) if name in encode else compiled.params[name]
        for name in names
    ]


def _format(kind: str) -> dict[str, Any]:
    """JSON has no control characters, so with these as quote and delimiter it passes unquoted."""
    if kind == "json":
        return {"format": "csv", "quote": "\x01", "delimiter": "\x02"}
    return {"format": "csv", "header": True}

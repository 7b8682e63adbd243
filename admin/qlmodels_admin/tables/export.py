"""A list as a file: written by COPY, however long the table is, and read by its client in time."""

import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy import (
    ARRAY,
    JSON,
    Column,
    ColumnElement,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from qlmodels.connection import read_transaction
from qlmodels.verdicts import agent_type_names
from qlmodels_admin.db import MAX_COUNTED, asyncpg_connection, estimated_size
from qlmodels_admin.rows import FORMULA_PREFIX
from qlmodels_admin.tables.listing import InvalidList, narrowed_query, order_of
from qlmodels_admin.tables.spool import Spool, SpoolFull, Spools
from qlmodels_admin.tables.table_view import TableView
from qlmodels_admin.values import database_type, family_of, type_family
from qlmodels_admin.web import Stalled, in_time, until_gone

EXPORT_CONNECTIONS: Final = 2
"""Of each process, for exports alone."""

EXPORT_WAIT_S: Final = 10.0
"""Seconds that an export waits for one of them."""

EXPORT_TIMEOUT: Final = "15min"
"""That the database may write to an export."""

INTERRUPTIONS: Final = (
    SpoolFull,
    Stalled,
    DBAPIError,
    PostgresError,
    InterfaceError,
    OSError,
)
"""What ends an export on its way."""

logger = logging.getLogger(__name__)

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/x-ndjson"}
FILE_SUFFIXES = {"csv": "csv", "json": "jsonl"}


async def export(view: TableView, request: Request, kind: str) -> Response:
    """The filtered rows with all columns, as CSV or JSON Lines.

    In the order that was asked for; a large table has none of its own, and is read as it lies.
    An export that fails on the way ends without the last chunk, which browsers and curl report.
    Raises InvalidList.
    """
    if kind not in MEDIA_TYPES:
        raise HTTPException(404, f"There is no export as {kind[:20]!r}: csv or json.")
    async with read_transaction(view.engine) as connection:
        narrowed = narrowed_query(
            view,
            request.state.panel_user,
            request.query_params,
            await agent_type_names(connection),
        ).query
        size = await estimated_size(connection, view.table_name)
    if "sortBy" in request.query_params or size.rows <= MAX_COUNTED:
        narrowed = narrowed.order_by(*order_of(view, request, large=False).clauses(False))
    name = (
        f"{view.identity}_{time.strftime('%Y-%m-%d_%H-%M-%S', time.gmtime())}.{FILE_SUFFIXES[kind]}"
    )
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Encoding": "identity",  # compressing would cost more than sending
    }
    return CopyResponse(view.exports, _columns(view, narrowed, kind), kind, headers)


async def export_rows(view: TableView, request: Request) -> Response:
    """Send the list that the URL asks for as a file. Raises HTTPException 422."""
    try:
        return await export(view, request, request.path_params["export_type"])
    except InvalidList as error:
        raise HTTPException(422, str(error)) from error


@dataclass(frozen=True, slots=True)
class Exports:
    """Connections that exports alone use, and the files that they write to."""

    engine: AsyncEngine
    spools: Spools = field(default_factory=Spools)


class CopyResponse(Response):
    """Sends what COPY gives, piece by piece, as fast as it is taken."""

    def __init__(
        self, exports: Exports, query: Select[Any], kind: str, headers: dict[str, str]
    ) -> None:
        super().__init__(headers=headers, media_type=MEDIA_TYPES[kind])
        del self.headers["content-length"]
        self.exports = exports
        self.query = query
        self.kind = kind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        async with self.exports.spools.open() as spool, spool.filled(self._copy(spool)) as pieces:
            await until_gone(receive, self._send(pieces, send))

    async def _send(self, pieces: AsyncIterator[bytes], send: Send) -> None:
        """An export that fails on the way ends without its last chunk."""
        started, stalled = False, self.exports.spools.stalled
        try:
            async for piece in pieces:
                if not started:
                    await send(self._start())
                    started = True
                await in_time(send, {"body": piece, "more_body": True}, stalled)
        except asyncpg.DataError as error:
            if not started:
                message = "A filter holds a value that cannot be compared."
                raise HTTPException(422, message) from error
            logger.warning("An export was cut off: %s", error)
            return
        except INTERRUPTIONS as error:
            if not started:
                raise
            logger.warning("An export was cut off: %s", error)
            return
        if not started:
            await send(self._start())
        await send({"type": "http.response.body", "body": b""})

    def _start(self) -> Message:
        return {"type": "http.response.start", "status": 200, "headers": self.raw_headers}

    async def _copy(self, spool: Spool) -> None:
        async with read_transaction(
            self.exports.engine, statement_timeout=EXPORT_TIMEOUT
        ) as connection:
            statement, values = _compiled(connection, self.query)
            driver = await asyncpg_connection(connection)
            await driver.copy_from_query(
                statement, *values, output=spool.write, **_format(self.kind)
            )


def _columns(view: TableView, narrowed: Select[Any], kind: str) -> Select[Any]:
    columns = view.rows.columns.values()
    if kind == "json":
        whole = narrowed.with_only_columns(*map(_in_json, columns)).subquery("row")
        return select(func.row_to_json(literal_column('"row"'))).select_from(whole)
    return narrowed.with_only_columns(
        *(_guarded(column) if family_of(column).is_words else column for column in columns)
    )


def _guarded(column: Column[Any]) -> ColumnElement[str]:
    """A text that no spreadsheet runs; `ascii` takes no enum."""
    text = cast(column, Text)
    begins = func.ascii(text).in_([literal_column(str(ord(sign))) for sign in FORMULA_PREFIX])
    return case((begins, literal("'") + text), else_=text).label(column.key)


def _in_json(column: Column[Any]) -> ColumnElement[Any]:
    """The column, or its text where JSON's own form of it could not be read back as it was."""
    kind, text = database_type(column.type), cast(column, Text)
    if isinstance(kind, ARRAY):
        if not type_family(kind.item_type).has_json:
            return text.label(column.key)
        numbered_from_1 = text.not_like("[%")
        value = case((numbered_from_1, func.to_json(column)), else_=func.to_json(text))
        return value.label(column.key)
    if isinstance(kind, JSON) and not isinstance(kind, JSONB):  # a line is one row
        return cast(func.translate(text, "\n\r", "  "), JSON).label(column.key)
    return column if family_of(column).has_json else text.label(column.key)


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

"""A file as rows: tried first, and then taken as a whole or not at all."""

import base64
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

from markupsafe import Markup
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from qlmodels_admin.db import write_transaction
from qlmodels_admin.rows import (
    HINT,
    FileLine,
    InvalidLine,
    Numbering,
    Refused,
    RowStore,
    current_transaction,
    database_refusal,
    insertion,
    next_number,
    read_file_rows,
)
from qlmodels_admin.tables.table_view import TableView
from qlmodels_admin.values import cut, family_of, off_loop

MAX_FILE_BYTES = 16 * 1024 * 1024
ROWS_A_BATCH = 500
MAX_ROWS_SHOWN = 10
LONGEST_SHOWN = 2000
MAX_PROBLEMS = 20


@dataclass(slots=True)
class ImportOutcome:
    """What an import did, or would do: how many rows, the first of them, and what hinders it."""

    rows: int = 0
    first: list[str] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    transaction: str | None = None


NOTHING = (
    "this row names no column that can be inserted: the database itself fills those that it has. "
    "Name at least one other column."
)


class _Undo(Exception):
    """Ends a transaction that was not to last."""


async def import_rows(view: TableView, request: Request) -> Response:
    """Ask for a file; say what it would do; do it, once that was confirmed."""
    if request.method == "GET":
        return await _page(view, request)
    async with request.form(max_files=1, max_fields=10, max_part_size=2 * MAX_FILE_BYTES) as form:
        try:
            confirmed = "kept" in form
            content = (
                await off_loop(_unpack, str(form["kept"]))
                if confirmed
                else await _uploaded(form.get("file"))
            )
            text = await off_loop(content.decode)
        except UnicodeDecodeError as error:
            refusal = f"The file is not UTF-8 (byte {error.start:,}): save it as UTF-8."
            return await _page(view, request, refusal=refusal)
        except ValueError as error:
            return await _page(view, request, refusal=str(error))
    outcome = ImportOutcome()
    try:
        async with write_transaction(view.engine, request.state.panel_user.name) as connection:
            await _take(connection, view.rows, text, outcome)
            if view.is_audited(request):
                outcome.transaction = await current_transaction(connection)
            if outcome.problems or not confirmed:
                raise _Undo
    except _Undo:
        pass
    if confirmed and not outcome.problems:
        return await _page(view, request, done=outcome)
    kept = None if outcome.problems else await off_loop(_pack, content)
    return await _page(view, request, outcome=outcome, kept=kept)


async def _take(
    connection: AsyncConnection, rows: RowStore, text: str, outcome: ImportOutcome
) -> None:
    """Insert what the file has, in batches; what is refused is looked for line by line."""
    lines = read_file_rows(text, rows.table)
    given: int | None = None
    while batch := await off_loop(_next_batch, lines):
        good = [line for line in batch if isinstance(line, FileLine)]
        outcome.problems += [
            (line.number, str(line)) for line in batch if isinstance(line, InvalidLine)
        ]
        outcome.first += [
            cut(line.document, LONGEST_SHOWN)
            for line in good[: MAX_ROWS_SHOWN - len(outcome.first)]
        ]
        if given is None and good:
            given = await next_number(connection, rows.table, good[0])
        numbered = Numbering(rows.table, given)
        for shape, alike in groupby(good, key=numbered.shape_of):
            if not shape.names:
                outcome.problems += [(line.number, NOTHING) for line in alike]
                continue
            await _insert(connection, rows, insertion(rows.table, shape), [*alike], outcome)
        if len(outcome.problems) >= MAX_PROBLEMS:
            return
    if not outcome.rows and not outcome.problems:
        outcome.problems.append((1, f"the file has no rows. {HINT}"))


def _next_batch(lines: Iterator[FileLine | InvalidLine]) -> list[FileLine | InvalidLine]:
    return list(islice(lines, ROWS_A_BATCH))


async def _insert(
    connection: AsyncConnection,
    rows: RowStore,
    statement: Insert,
    lines: Sequence[FileLine],
    outcome: ImportOutcome,
) -> None:
    """Halve what is refused until the lines are found that are to blame."""
    try:
        async with connection.begin_nested():
            await connection.execute(statement, {"lines": [line.document for line in lines]})
        outcome.rows += len(lines)
    except DBAPIError as error:
        if len(lines) == 1:
            explained = await _explained(connection, rows, lines[0], error)
            outcome.problems.append((lines[0].number, explained))
            return
        middle = len(lines) // 2
        for half in (lines[:middle], lines[middle:]):
            if len(outcome.problems) < MAX_PROBLEMS:
                await _insert(connection, rows, statement, half, outcome)


async def _explained(
    connection: AsyncConnection, rows: RowStore, line: FileLine, error: DBAPIError
) -> str:
    """What the model or a column's type has against a line, else what the database has."""
    attributes = {item.name: name for name, item in rows.columns.items()}
    values = {attributes[name]: value for name, value in line.values.items() if value is not None}
    try:
        await off_loop(rows.check, values, set(rows.columns))
        await rows.refuse(connection, _written(rows, values), error)
        refusal = database_refusal(error, rows.table)
    except Refused as refused:
        refusal = refused
    if not refusal.errors:
        return str(refusal).removeprefix("Nothing was saved: ")
    return " ".join(f"{name}: {' '.join(messages)}" for name, messages in refusal.errors.items())


def _written(rows: RowStore, values: dict[str, Any]) -> dict[str, Any]:
    """Values of a line as Postgres is asked about them, without those that it computes itself."""
    return {
        name: value
        for name, value in values.items()
        if rows.columns[name].computed is None
        and not (isinstance(value, list | dict) and family_of(rows.columns[name]).field != "json")
    }


# -- the page ----------------------------------------------------------------------------------

_TOO_LARGE = (
    f"A file may have {MAX_FILE_BYTES // 1024**2} MB here: cut it into parts, or load it by COPY."
)


async def _uploaded(file: Any) -> bytes:
    if not isinstance(file, UploadFile) or not file.filename:
        raise ValueError("Choose a file first.")
    content = await file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise ValueError(_TOO_LARGE)
    return content


def _pack(content: bytes) -> Markup:
    """Base64 needs no escaping, which would take its time."""
    packed = base64.b64encode(zlib.compress(content)).decode()
    return Markup(packed)  # noqa: S704


def _unpack(text: str) -> bytes:
    """What `_pack` made, and no more. Raises ValueError."""
    try:
        reader = zlib.decompressobj()
        content = reader.decompress(base64.b64decode(text, validate=True), MAX_FILE_BYTES + 1)
    except zlib.error as error:
        raise ValueError("The file did not come through: choose it again.") from error
    if len(content) > MAX_FILE_BYTES or not reader.eof:
        raise ValueError("The file did not come through: choose it again.")
    return content


async def _page(view: TableView, request: Request, **context: Any) -> Response:
    outcome: ImportOutcome | None = context.get("outcome")
    wrong = "refusal" in context or (outcome is not None and outcome.problems)
    response: Response = await view.templates.TemplateResponse(
        request,
        "tables/import.html",
        {"model_view": view, "title": f"Import {view.title}", "most": MAX_PROBLEMS, **context},
        status_code=422 if wrong else 200,
    )
    if context.get("kept"):
        response.headers["Content-Encoding"] = "identity"  # what is compressed already
    return response

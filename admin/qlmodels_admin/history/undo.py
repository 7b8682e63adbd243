"""Undoing changes: one, a transaction's or an action's; all of them, or none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from qlmodels.connection import read_transaction
from qlmodels.ddl.internal import audit_log
from qlmodels.ddl.panel_tables import action_runs
from qlmodels_admin.auth import WRITERS, current_user
from qlmodels_admin.db import write_transaction
from qlmodels_admin.history import reversal
from qlmodels_admin.history.change_state import ChangeState, RowsMoved, UndoStep
from qlmodels_admin.history.history_view import AuditEntry, HistoryView, who
from qlmodels_admin.rows import Refused, current_transaction
from qlmodels_admin.tables import TableView, ViewRegistry, table_response
from qlmodels_admin.values import Difference, differences_of, encode_key
from qlmodels_admin.web import Guard, notice_query, read_form, see_other

MAX_UNDONE_ROWS: Final = 10_000
"""Changes that are taken back at once."""

MAX_LINES_SHOWN: Final = 10
MAX_TRANSACTION_ID: Final = 2**63 - 1
NOTHING_TO_UNDO: Final = "The log has no such change, or it is not yours to see."


@dataclass(frozen=True, slots=True)
class UndoRequest:
    """Which changes: those that meet `condition`, as `said` for people and for the log."""

    said: str
    condition: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class UndoLine:
    """One change, and what undoing it does to its row."""

    entry: RowMapping
    state: ChangeState

    @property
    def outcome(self) -> str:
        """For a row that comes or goes whole."""
        return {"insert": "will be deleted", "delete": "comes back"}.get(self.state.operation, "")

    @property
    def parts(self) -> list[Difference]:
        """From what the row holds now to what it would hold."""
        if self.state.operation != "update" or self.state.now is None:
            return []
        return differences_of(self.state.now, self.state.old)


def undo_routes(admin: ViewRegistry, guard: Guard) -> list[Route]:
    """Return the route that takes back changes which the log of `admin` holds."""

    async def undo(request: Request) -> Response:
        history = admin.find_view(AuditEntry.__tablename__)
        assert isinstance(history, HistoryView)  # noqa: S101  # of its own table
        return await undo_changes(history, request)

    return [Route("/undo", guard(undo), name="undo", methods=["GET", "POST"])]


def undoable_transaction(request: Request) -> str | None:
    """Return the number of the transaction that the notice is about, for users who may undo it."""
    number = request.query_params.get("undo", "")
    may_undo = current_user(request).role in WRITERS and number.isascii() and number.isdigit()
    return number if may_undo else None


async def undo_changes(history: HistoryView, request: Request) -> Response:
    """Show what undoing would change (GET); undo (POST).

    A POST of the notice after a change of one's own does so at once, any other after its page.
    """
    user = current_user(request)
    if user.role not in WRITERS:
        raise HTTPException(403, f"As {user.role} you may not do this.")
    async with read_transaction(history.engine) as connection:
        undo = await _undo_request(connection, request)
        entries = await _entries(connection, history, request, undo)
        views = await _views(history, request, entries)
    posted = await read_form(request) if request.method == "POST" else {}
    own = all(entry["panel_user"] == user.name for entry in entries)
    if request.method == "GET" or not (own or "_confirmed" in posted):
        return await _preview(history, request, undo, entries, views)
    try:
        if len(entries) > MAX_UNDONE_ROWS:
            raise TooMany
        async with write_transaction(
            history.engine, request.state.panel_user.name, f"undid {undo.said}"
        ) as connection:
            steps = _steps(entries, views)
            await reversal.reverse(connection, views, steps, anyway="_anyway" in posted)
            transaction = await current_transaction(connection)
    except Refused as refusal:
        return await _preview(history, request, undo, entries, views, refusal)
    return see_other(f"{_after(request, entries, views)}?{notice_query('undone', transaction)}")


class TooMany(Refused):
    """These are more changes than are undone at once, so nothing was done: undo their transactions
    one by one, from History."""


async def _undo_request(connection: AsyncConnection, request: Request) -> UndoRequest:
    """Return which changes the URL names. Raises HTTPException 404."""
    values, log = request.query_params, audit_log.c
    for name, column in (("change", log.entry_id), ("transaction", log.transaction_id)):
        text = values.get(name, "")
        if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_TRANSACTION_ID:
            return UndoRequest(f"{name} {text}", column == int(text))
    try:
        run = UUID(values.get("run", ""))
    except ValueError as error:
        raise HTTPException(404, NOTHING_TO_UNDO) from error
    result = await connection.execute(select(action_runs).where(action_runs.c.run_id == run))
    row = result.mappings().one_or_none()
    if row is None:
        raise HTTPException(404, "This action does not exist. Actions are deleted after 30 days.")
    note = f"action {row['action']}, run {run}"
    condition = (who == row["user_name"]) & (log.note == note)
    return UndoRequest(note, condition & (log.changed_at >= row["created_at"]))


async def _entries(
    connection: AsyncConnection, history: HistoryView, request: Request, undo: UndoRequest
) -> Sequence[RowMapping]:
    """Return the changes, newest first; one more than MAX_UNDONE_ROWS if there are more."""
    result = await connection.execute(
        select(audit_log)
        .where(undo.condition)
        .order_by(audit_log.c.entry_id.desc())
        .limit(MAX_UNDONE_ROWS + 1)
    )
    entries = result.mappings().all()
    if not entries or not all(history.may_see(request, entry) for entry in entries):
        raise HTTPException(404, NOTHING_TO_UNDO)
    return entries


async def _views(
    history: HistoryView, request: Request, entries: Sequence[RowMapping]
) -> dict[str, TableView]:
    """Return the views of the tables that were changed. Raises HTTPException 403, 422."""
    views = {}
    for table, operation in {(entry["table_name"], entry["operation"]) for entry in entries}:
        view = history.view_of(table)
        if view is None or operation not in reversal.UNDONE:
            raise HTTPException(422, f"A {operation} of {table} is not undone here.")
        may = view.check_can_delete if operation == "insert" else view.check_can_edit
        if not await may(request, None):
            way = "delete" if operation == "insert" else "change"
            role = current_user(request).role
            raise HTTPException(403, f"As {role} you may not {way} rows of {table}.")
        views[table] = view
    return views


def _steps(entries: Sequence[RowMapping], views: dict[str, TableView]) -> Iterator[UndoStep]:
    """Changes of one shape that follow each other, of different rows, are one step."""

    def shape(entry: RowMapping) -> tuple[str, str, tuple[str, ...]]:
        return reversal.shape_of(views[entry["table_name"]], entry)

    for of_shape, alike in groupby(entries, key=shape):
        batch: dict[str, int] = {}
        for entry in alike:
            key = str(entry["row_key"])
            if key in batch or len(batch) == reversal.ROWS_A_BATCH:
                yield UndoStep(*of_shape, tuple(batch.values()))
                batch = {}
            batch[key] = entry["entry_id"]
        yield UndoStep(*of_shape, tuple(batch.values()))


async def _preview(
    history: HistoryView,
    request: Request,
    undo: UndoRequest,
    entries: Sequence[RowMapping],
    views: dict[str, TableView],
    refusal: Refused | None = None,
) -> Response:
    lines = []
    async with read_transaction(history.engine) as connection:
        for entry in entries[:MAX_LINES_SHOWN]:
            view = views[entry["table_name"]]
            step = UndoStep(*reversal.shape_of(view, entry), (entry["entry_id"],))
            lines.append(UndoLine(entry, (await reversal.change_states(connection, view, step))[0]))
    blocked = isinstance(refusal, RowsMoved) and not refusal.can_be_forced
    blocked |= any(line.state.why and not line.state.can_be_forced for line in lines)
    return await table_response(
        history,
        request,
        "history/undo.html",
        refusal=refusal,
        asked=undo,
        lines=lines,
        total=len(entries),
        most=MAX_UNDONE_ROWS,
        views=views,
        is_possible=not blocked,
        has_moved=isinstance(refusal, RowsMoved) or any(line.state.why for line in lines),
    )


def _after(request: Request, entries: Sequence[RowMapping], views: dict[str, TableView]) -> str:
    """The row's own page if there is one row, and it is there."""
    first = entries[0]
    view = views[first["table_name"]]
    if len(entries) == 1 and first["operation"] != "insert":
        names = [column.name for column in view.rows.key_columns]
        return view.url_of(
            request, "details", encode_key([first["row_key"][name] for name in names])
        )
    return request.url_for("admin:list", identity=view.identity).path

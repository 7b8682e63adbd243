"""Bringing a former version of a row back: shown first, then done, and logged as any change."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from qlmodels.connection import read_transaction
from qlmodels_admin.db import write_transaction
from qlmodels_admin.rows import LoggedVersion, Refused, current_transaction, read_version
from qlmodels_admin.tables import RowValues, TablePage, TableView, table_response
from qlmodels_admin.values import differences_of, encode_key, same_value, text_of
from qlmodels_admin.web import notice_query, read_form, see_other

NO_VERSION = "The log has no such version of a row of this table."
MAX_ENTRY_ID = 2**63


class NotWhole(Refused):
    """The row is gone, and the log does not hold the whole of it: it was deleted by retention or
    by an agent, whose deletions are not logged."""

    status = 409


class ValueChange(Refused):
    """The row changed while you looked at this page, so nothing was restored: below is what would
    change now."""

    status = 409


@dataclass(frozen=True, slots=True)
class Restoring:
    """A version, the row as it is, and the attributes in which they differ."""

    version: LoggedVersion
    row: RowValues | None

    @property
    def changing(self) -> list[str]:
        if self.row is None:
            return list(self.version.values)
        return [
            name
            for name, value in self.version.values.items()
            if not same_value(self.row[name], value)
        ]

    @property
    def fingerprint(self) -> str:
        """Return a hash of the row as it is, to see whether it changed since the page was made."""
        text = "absent"
        if self.row is not None:
            text = "\n".join(f"{name} {text_of(value)}" for name, value in self.row.items())
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


async def restore_version(view: TableView, request: Request) -> Response:
    """Show what restoring would change (GET), and restore the ticked columns (POST)."""
    entry = request.path_params["entry"]
    async with read_transaction(view.engine) as connection:
        restoring = await _read(connection, view, entry)
    if request.method == "GET":
        return await _preview(view, request, restoring)
    posted = await read_form(request)
    chosen = {str(name) for name in posted.getlist("column")}
    try:
        async with write_transaction(
            view.engine, request.state.panel_user.name, f"restored as of change {entry}"
        ) as connection:
            now = await _read(connection, view, entry, lock=True)
            if str(posted.get("_opened")) != now.fingerprint:
                restoring = now
                raise ValueChange
            changed = await _write(connection, view, now, chosen)
            transaction = await current_transaction(connection)
    except Refused as refusal:
        return await _preview(view, request, restoring, refusal)
    key = encode_key(restoring.version.key)
    note = notice_query("restored", transaction) if changed else notice_query("unchanged")
    return see_other(f"{view.url_of(request, 'details', key)}?{note}")


async def _read(
    connection: AsyncConnection, view: TableView, entry: int, *, lock: bool = False
) -> Restoring:
    version = None
    if entry < MAX_ENTRY_ID:
        version = await read_version(connection, view.rows, entry)
    if version is None:
        raise HTTPException(404, NO_VERSION)
    return Restoring(version, await view.rows.read(connection, version.key, lock=lock))


async def _write(
    connection: AsyncConnection, view: TableView, restoring: Restoring, chosen: set[str]
) -> bool:
    if restoring.row is None:
        if not restoring.version.is_whole:
            raise NotWhole
        await view.rows.put_back(connection, restoring.version.values)
        return True
    values = {
        name: value
        for name, value in restoring.version.values.items()
        if name in chosen and name in restoring.changing and name not in view.key_names
    }
    if values:
        await view.rows.write(
            connection, restoring.version.key, {**restoring.row, **values}, set(values)
        )
    return bool(values)


async def _preview(
    view: TableView, request: Request, restoring: Restoring, refusal: Refused | None = None
) -> Response:
    names = restoring.changing
    now: dict[str, Any] = {name: restoring.row[name] for name in names} if restoring.row else {}
    then = {name: restoring.version.values[name] for name in names}
    if refusal is None and restoring.row is None and not restoring.version.is_whole:
        refusal = NotWhole()
    parts = differences_of(now, then)
    return await table_response(
        view,
        request,
        "history/restore.html",
        refusal=refusal,
        found=restoring,
        entry=request.path_params["entry"],
        key=encode_key(restoring.version.key),
        columns=[(name, [part for part in parts if part.column == name]) for name in names],
    )


RESTORE: Final = TablePage(
    name="restore",
    path="/{identity}/restore/{entry:int}",
    answer=restore_version,
    action="edit",
    methods=("GET", "POST"),
)

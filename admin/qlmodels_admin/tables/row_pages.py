"""The pages of one row or some: look, create, change, delete."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from wtforms import Form

from qlmodels.connection import read_transaction
from qlmodels_admin.db import table_state, write_transaction
from qlmodels_admin.rows import (
    FIELDS_INVALID,
    Conflict,
    Gone,
    Refused,
    bases,
    cascades_of,
    count_related,
    current_transaction,
    fingerprints,
    history_entries,
    hold,
    read_snapshot,
    related_table,
)
from qlmodels_admin.tables.related_rows import related_rows_of
from qlmodels_admin.tables.row_forms import initial_values
from qlmodels_admin.tables.table_view import TableView
from qlmodels_admin.tables.urls import with_query
from qlmodels_admin.values import InvalidRowKey, encode_key, key_value, off_loop
from qlmodels_admin.web import notice_query, read_form, see_other, unsent

MAX_ROWS_DELETED = 1000
MAX_ROWS_LISTED = 10

NO_ROW = "There is no such row: it may have been deleted."

RowValues = dict[str, Any]


async def row_details(view: TableView, request: Request) -> Response:
    """A row at its full length, and where it leads to."""
    key = _key(view, request)
    async with read_transaction(view.engine) as connection:
        row = await view.read_whole(connection, key)
        if row is None and await view.rows.is_invalid_key(connection, key):
            raise HTTPException(404, NO_ROW)
        key = view.whole_key(key, row)
        entries = await history_entries(connection, view.rows, key)
        if row is None and not entries:
            raise HTTPException(404, NO_ROW)
        inlines = await related_rows_of(view, request, connection, row) if row is not None else []
    if row is None:
        return await table_response(
            view, request, "tables/gone.html", refusal=Gone(NO_ROW), entries=entries, key=key
        )
    if not view.may_see(request, row):
        raise HTTPException(404, NO_ROW)
    return await table_response(
        view, request, view.details_template, row=row, inlines=inlines, entries=entries, key=key
    )


async def find_row(view: TableView, request: Request) -> Response:
    """Go to the row that the columns of the URL name, which need not be its key."""
    named = request.query_params.multi_items()
    columns = {column.name: column for column in view.rows.columns.values()}
    try:
        same = [columns[name] == key_value(columns[name], text) for name, text in named]
    except (KeyError, InvalidRowKey) as error:
        raise HTTPException(404, NO_ROW) from error
    query = view.visible_rows(request.state.panel_user).where(*same).limit(2)
    async with read_transaction(view.engine) as connection:
        rows = (await connection.execute(query)).mappings().all() if same else []
    if len(rows) != 1:
        raise HTTPException(404, NO_ROW)
    return see_other(view.url_of(request, "details", view.key_of(rows[0])))


async def create_row(view: TableView, request: Request) -> Response:
    kind = await view.form_of(view.create_names)
    if request.method == "GET":
        given = {**view.list_values(request), **request.query_params}
        form = kind(data=initial_values(view, given))
        return await _form(view, request, view.create_template, form)
    posted = await read_form(request, view.create_names)
    form, is_valid = await off_loop(filled, kind, posted)
    try:
        refuse_unsent(request)
        if not is_valid:
            raise Refused(FIELDS_INVALID)
        async with write_transaction(view.engine, request.state.panel_user.name) as connection:
            key = await view.rows.insert(connection, form)
            transaction = await current_transaction(connection)
    except Refused as refusal:
        return await _form(view, request, view.create_template, form, refusal=refusal)
    return _after_save(view, request, posted, key, _notice(view, request, "created", transaction))


async def edit_row(view: TableView, request: Request) -> Response:
    key = _key(view, request)
    async with read_transaction(view.engine) as connection:
        row = await view.rows.read(connection, key)
    if row is None:
        raise HTTPException(404, NO_ROW)
    kind = await view.form_of(view.edit_names)
    if request.method == "GET":
        return await _form(view, request, view.edit_template, kind(data=row), row=row)
    key = view.whole_key(key, row)
    posted = await read_form(request, view.edit_names)
    form, is_valid = await off_loop(filled, kind, posted)
    hold(form, row)
    try:
        refuse_unsent(request)
        opened = await off_loop(read_snapshot, posted)
        if not (is_valid or await off_loop(opened.excuses, form)):
            raise Refused(FIELDS_INVALID)
        async with write_transaction(view.engine, request.state.panel_user.name) as connection:
            changed = await view.rows.update(connection, key, form, opened)
            transaction = await current_transaction(connection)
    except Refused as refusal:
        return await _form(
            view, request, view.edit_template, form, row=row, refusal=refusal, posted=posted
        )
    note = _notice(view, request, "saved", transaction) if changed else notice_query("unchanged")
    return _after_save(view, request, posted, key, note)


async def delete_rows(view: TableView, request: Request) -> Response:
    """Ask first, then delete all of the chosen rows or none."""
    posted = await read_form(request)
    texts = list(dict.fromkeys(str(text) for text in posted.getlist("pk")))
    if not texts or len(texts) > MAX_ROWS_DELETED:
        raise HTTPException(422, f"Choose 1 to {MAX_ROWS_DELETED} rows to delete.")
    chosen = [view.read_key(text) for text in texts]
    if "_confirmed" not in posted:
        return await _ask(view, request, texts, chosen)
    try:
        async with write_transaction(view.engine, request.state.panel_user.name) as connection:
            await view.rows.delete(connection, chosen)
            transaction = await current_transaction(connection)
    except Refused as refusal:
        return await _ask(view, request, texts, chosen, refusal)
    notice = _notice(view, request, "deleted", transaction)
    return see_other(with_query(view.list_url(request), notice))


async def _ask(
    view: TableView,
    request: Request,
    texts: Sequence[str],
    chosen: Sequence[tuple[Any, ...]],
    refusal: Refused | None = None,
) -> Response:
    losses: dict[str, int] = {}
    unrecorded: list[str] = []
    async with read_transaction(view.engine) as connection:
        rows = [await view.rows.read(connection, key) for key in chosen[:MAX_ROWS_LISTED]]
        for part in cascades_of(view.rows.table):
            state = await table_state(connection, related_table(view.rows.table, part.table))
            if not state.row["is_there"]:
                continue
            losses[part.table] = sum(
                [await count_related(connection, view.rows.table, part, row) for row in rows if row]
            )
            if losses[part.table] and not state.is_audited:
                unrecorded.append(part.table)
    return await table_response(
        view,
        request,
        "tables/delete.html",
        refusal=refusal,
        texts=texts,
        rows=rows,
        losses=losses,
        unrecorded=unrecorded,
    )


async def _form(
    view: TableView,
    request: Request,
    template: str,
    form: Any,
    *,
    row: RowValues | None = None,
    refusal: Refused | None = None,
    posted: FormData | None = None,
) -> Response:
    for name, messages in (refusal.errors if refusal else {}).items():
        if name in form._fields:
            form._fields[name].errors = [*form._fields[name].errors, *messages]
    conflict = refusal if isinstance(refusal, Conflict) else None
    if posted is None or conflict is not None:
        now = conflict.current if conflict else form
        opened, base = await off_loop(_as_opened, now)
    else:
        opened, base = str(posted.get("_opened", "")), str(posted.get("_base", ""))
    return await table_response(
        view,
        request,
        template,
        refusal=refusal,
        form=form,
        row=row,
        conflict=conflict,
        opened=opened,
        base=base,
        asked=posted.getlist("_ask") if posted and not conflict else [],
        posted=posted or {},
    )


def refuse_unsent(request: Request) -> None:
    """Raise Refused for a form that its user has to see once more before it is saved."""
    if reason := unsent(request):
        raise Refused(reason)


def _as_opened(form: Form) -> tuple[str, str]:
    return json.dumps(fingerprints(form)), json.dumps(bases(form))


async def table_response(
    view: TableView,
    request: Request,
    template: str,
    *,
    refusal: Refused | None = None,
    **context: Any,
) -> Response:
    return await view.templates.TemplateResponse(
        request,
        template,
        {"model_view": view, "title": _title(view, context), "refusal": refusal, **context},
        status_code=200 if refusal is None else refusal.status,
    )


def _notice(view: TableView, request: Request, notice: str, transaction: str | None) -> str:
    """Return the query of a notice; what is not recorded is not offered to be undone."""
    if view.is_audited(request):
        return notice_query(notice, transaction)
    return notice_query("deleted_for_good" if notice == "deleted" else notice)


def _title(view: TableView, context: Mapping[str, Any]) -> str:
    """Return the title of a page of one row, or of the table."""
    row, has_form = context.get("row"), "form" in context
    if row is not None:
        return f"Edit {view.page_title(row)}" if has_form else view.page_title(row)
    return f"New row · {view.title}" if has_form else view.title


def _key(view: TableView, request: Request) -> tuple[Any, ...]:
    return view.read_key(request.path_params["pk"])


def _after_save(
    view: TableView, request: Request, posted: FormData, key: Sequence[Any], note: str
) -> Response:
    match posted.get("save"):
        case "Save and add another":
            path = view.table_url(request, "create")
        case "Save and continue editing":
            path = view.url_of(request, "edit", encode_key(key))
        case _:
            path = view.url_of(request, "details", encode_key(key))
    return see_other(with_query(path, note))


def filled(kind: type[Form], posted: Any) -> tuple[Form, bool]:
    """The form with what was posted, and whether all of it is valid."""
    form = kind(posted)
    return form, form.validate()

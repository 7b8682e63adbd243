"""The pages of an action over a list: what it asks for, which rows, and how far it is."""

from typing import Any

from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from qlmodels_admin.auth import current_user
from qlmodels_admin.bulk_actions import runs
from qlmodels_admin.bulk_actions.preview import Preview, preview
from qlmodels_admin.bulk_actions.runs import Run
from qlmodels_admin.db import INVALID_VALUES, QUERY_CANCELED, sqlstate
from qlmodels_admin.rows import Refused
from qlmodels_admin.tables import FIELDS_INVALID, Action, InvalidList, TableView, table_response
from qlmodels_admin.values import off_loop
from qlmodels_admin.web import read_form, see_other

MAY_STOP = ("asked", "running")


def action_of(view: TableView, name: str) -> Action:
    """Raises HTTPException 404."""
    for action in view.actions:
        if action.name == name:
            return action
    raise HTTPException(404, f"{view.title} has no action {name[:40]!r}.")


async def ask_action(view: TableView, request: Request) -> Response:
    """Which rows, and with which values (GET); keep that, to be started (POST)."""
    action = action_of(view, request.path_params["action"])
    filter_ = request.url.query
    seen = await _preview(view, request, action, filter_)
    if request.method == "GET":
        form = await runs.form_of(view, action)
        return await _ask(view, request, action, form, seen)
    posted = await read_form(request, action.asks)
    form = await runs.form_of(view, action, posted.multi_items())
    try:
        if not await off_loop(form.validate):
            raise Refused(FIELDS_INVALID)
        values = {name: form._fields[name].data for name in action.asks}
        await off_loop(view.rows.check, values, set(values))
        if not seen.total:
            raise Refused("No row matches, so there is nothing to do.")
    except Refused as refusal:
        for name, messages in refusal.errors.items():
            if name in form._fields:
                form._fields[name].errors = [*form._fields[name].errors, *messages]
        return await _ask(view, request, action, form, seen, refusal)
    run = await runs.create_run(
        view.engine, view, action, current_user(request).name, filter_, posted, seen.total
    )
    return see_other(request.url_for("admin:run", run=run).path)


async def _ask(
    view: TableView,
    request: Request,
    action: Action,
    form: Any,
    seen: Preview,
    refusal: Refused | None = None,
) -> Response:
    return await table_response(
        view,
        request,
        "bulk_actions/action.html",
        refusal=refusal,
        action=action,
        form=form,
        preview=seen,
    )


async def show_run(view: TableView, request: Request, run: Run) -> Response:
    """What will be done, is being done, or was done."""
    action = action_of(view, run["action"])
    form = await runs.form_of(view, action, run["input"])
    seen = None
    if run["status"] == "asked":
        given = runs.values_of(view, action, form)
        seen = await _preview(view, request, action, run["filter"], given)
    values = [(name, form._fields[name].data) for name in action.asks]
    return await table_response(
        view, request, "bulk_actions/run.html", run=run, action=action, preview=seen, values=values
    )


async def start(view: TableView, request: Request, run: Run, runner: runs.Runner) -> Response:
    action = action_of(view, run["action"])
    if run["user_name"] != current_user(request).name:
        raise HTTPException(403, "Only who asked for an action may start it.")
    total = (await _preview(view, request, action, run["filter"])).total
    if run["status"] == "asked" and total != run["total"]:
        raise HTTPException(
            409,
            f"{total:,} rows match now, and {run['total']:,} did when you asked, so nothing was "
            "done: go back to the list and ask again.",
        )
    await runner.start(run, view, action)
    return see_other(request.url_for("admin:run", run=run["run_id"]).path)


async def cancel(view: TableView, request: Request, run: Run) -> Response:
    await runs.set_status(view.engine, run["run_id"], "cancelled", of=MAY_STOP)
    return see_other(request.url_for("admin:run", run=run["run_id"]).path)


async def progress(run: Run) -> Response:
    return JSONResponse({"status": run["status"], "done": run["done"], "total": run["total"]})


async def _preview(
    view: TableView,
    request: Request,
    action: Action,
    filter_: str,
    given: dict[str, Any] | None = None,
) -> Preview:
    """Raises HTTPException 422."""
    try:
        query = await runs.narrowed(view, current_user(request), filter_)
        async with view.reading() as connection:
            return await preview(connection, view, action, query, given)
    except InvalidList as error:
        raise HTTPException(422, str(error)) from error
    except DBAPIError as error:
        code = sqlstate(error)
        if code == QUERY_CANCELED or code.startswith(INVALID_VALUES):
            message = "These rows cannot be counted. Select an agent type or add a filter."
            raise HTTPException(422, message) from error
        raise

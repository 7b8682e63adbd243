"""The pages of an action over a list: what it asks for, which rows, and how far it is."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from qlmodels.connection import read_transaction
from qlmodels_admin.auth import current_user
from qlmodels_admin.bulk_actions import runs
from qlmodels_admin.bulk_actions.preview import Preview, preview
from qlmodels_admin.bulk_actions.runs import Run, Runner, find_run
from qlmodels_admin.db import INVALID_VALUES, QUERY_CANCELED, sqlstate
from qlmodels_admin.rows import FIELDS_INVALID, Refused, refused_values
from qlmodels_admin.tables import (
    Action,
    InvalidList,
    TablePage,
    TableView,
    ViewRegistry,
    refuse_unsent,
    require_permission,
    table_response,
)
from qlmodels_admin.values import off_loop
from qlmodels_admin.web import Guard, read_form, see_other

MAY_STOP = ("asked", "running")


def action_of(view: TableView, name: str) -> Action:
    """Return the action of this name. Raises HTTPException 404."""
    for action in view.actions:
        if action.name == name:
            return action
    raise HTTPException(404, f"{view.title} has no action {name[:40]!r}.")


async def ask_action(view: TableView, request: Request) -> Response:
    """Which rows, and with which values (GET); keep that, to be started (POST)."""
    action = action_of(view, request.path_params["action"])
    await require_permission(view, request, action.needs)
    filter_ = request.url.query
    seen = await _preview(view, request, action, filter_)
    if request.method == "GET":
        form = await runs.form_of(view, action)
        return await _ask(view, request, action, form, seen)
    posted = await read_form(request, action.asks)
    form = await runs.form_of(view, action, posted.multi_items())
    try:
        refuse_unsent(request)
        if not await off_loop(form.validate):
            raise Refused(FIELDS_INVALID)
        values = {name: form._fields[name].data for name in action.asks}
        await off_loop(view.rows.check, values, set(values))
        async with read_transaction(view.engine) as connection:
            if errors := await refused_values(connection, values, view.rows.columns):
                raise Refused(FIELDS_INVALID, errors)
        if not seen.total:
            raise Refused("No row matches, so there is nothing to do.")
    except Refused as refusal:
        for name, messages in refusal.errors.items():
            if name in form._fields:
                form._fields[name].errors = [*form._fields[name].errors, *messages]
        return await _ask(view, request, action, form, seen, refusal)
    run = await runs.create_run(
        view.engine, view, action, current_user(request), filter_, posted, seen.total
    )
    return _to_run(request, run)


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


async def show_run(view: TableView, request: Request, run: Run, _: Runner) -> Response:
    """Show what will be done, is being done, or was done."""
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


async def start(view: TableView, request: Request, run: Run, runner: Runner) -> Response:
    """Start the action, unless other rows match than its user saw."""
    action = action_of(view, run["action"])
    if run["user_name"] != current_user(request).name:
        raise HTTPException(403, "Only the user who requested an action can start it.")
    total = (await _preview(view, request, action, run["filter"])).total
    if run["status"] == "asked" and total != run["total"]:
        raise HTTPException(
            409,
            f"{total:,} rows match now, and {run['total']:,} did when you asked, so nothing was "
            "done: go back to the list and ask again.",
        )
    await runner.start(run, view, action)
    return _to_run(request, run["run_id"])


async def cancel(view: TableView, request: Request, run: Run, _: Runner) -> Response:
    """Stop the action between two batches."""
    await runs.set_status(view.engine, run["run_id"], "cancelled", of=MAY_STOP)
    return _to_run(request, run["run_id"])


async def progress(_: TableView, __: Request, run: Run, ___: Runner) -> Response:
    """Return how far the action is, for the script of its page."""
    return JSONResponse({"status": run["status"], "done": run["done"], "total": run["total"]})


def _to_run(request: Request, run: UUID) -> Response:
    return see_other(request.url_for("admin:run", run=run).path)


RunAnswer = Callable[[TableView, Request, Run, Runner], Awaitable[Response]]

RUN_PAGES: Final[Mapping[str, tuple[str, str, RunAnswer]]] = {
    "run": ("", "GET", show_run),
    "run_progress": ("/progress", "GET", progress),
    "run_start": ("/start", "POST", start),
    "run_cancel": ("/cancel", "POST", cancel),
}
"""Routes of a run by their names: the end of the path, the method, the answer."""


def run_routes(admin: ViewRegistry, guard: Guard, runner: Runner) -> list[Route]:
    """Return the routes of actions that were requested."""
    return [
        Route(
            f"/runs/{{run:uuid}}{suffix}",
            guard(partial(_serve, admin, runner, answer)),
            name=name,
            methods=[method],
        )
        for name, (suffix, method, answer) in RUN_PAGES.items()
    ]


async def _serve(
    admin: ViewRegistry, runner: Runner, answer: RunAnswer, request: Request
) -> Response:
    """Answer for a run of the request's user, or to an admin for any."""
    run, user = await find_run(runner.engine, request.path_params["run"]), current_user(request)
    if run is None or (run["user_name"] != user.name and user.role != "admin"):
        raise HTTPException(404, "There is no such action of yours.")
    view = admin.find_view(run["table_name"])
    assert isinstance(view, TableView)  # noqa: S101  # no other kind has runs
    await view.load_state(request)
    await require_permission(view, request, action_of(view, run["action"]).needs)
    return await answer(view, request, run, runner)


async def _preview(
    view: TableView,
    request: Request,
    action: Action,
    filter_: str,
    given: dict[str, Any] | None = None,
) -> Preview:
    """Return what the action would do to the filtered rows. Raises HTTPException 422."""
    try:
        query = await runs.narrowed(view, current_user(request), filter_)
        async with read_transaction(view.engine) as connection:
            return await preview(connection, view, action, query, given)
    except InvalidList as error:
        raise HTTPException(422, str(error)) from error
    except DBAPIError as error:
        code = sqlstate(error)
        if code == QUERY_CANCELED or code.startswith(INVALID_VALUES):
            message = "These rows cannot be counted. Select an agent type or add a filter."
            raise HTTPException(422, message) from error
        raise


ACTION_PAGE: Final = TablePage(
    name="act",
    path="/{identity}/act/{action}",
    answer=ask_action,
    action=None,
    methods=("GET", "POST"),
    shows_unsent=True,
)
"""Its action is known once the request names one."""

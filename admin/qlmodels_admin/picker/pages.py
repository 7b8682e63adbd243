"""The answer to what is typed into a field that names a row: keys and labels, as JSON."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from qlmodels_admin.picker.search import Term, find_options
from qlmodels_admin.tables import TablePage, TableView
from qlmodels_admin.values import cut

MAX_PREFIX_CHARS: Final = 200


async def pick(view: TableView, request: Request) -> Response:
    """Return rows whose key or label begins as was typed, for users who may write such a field."""
    name = request.path_params["field"]
    if name not in view.links or not (view.can_create or view.can_edit):
        raise HTTPException(404, f"{view.title} has no field for {cut(name, 40)!r}.")
    if not (await view.may(request, "create") or await view.may(request, "edit")):
        raise HTTPException(403, f"As {request.state.panel_user.role} you may not do this here.")
    given = {
        local: text
        for local in view.links[name].local[:-1]
        if (text := request.query_params.get(local, "").strip())
    }
    term = Term(request.query_params.get("q", "").strip()[:MAX_PREFIX_CHARS], given)
    options, hint = await find_options(view, view.links[name], request.state.panel_user, term)
    return JSONResponse(
        {"options": [{"key": part.key, "label": part.label} for part in options], "hint": hint}
    )


PICK: Final = TablePage(name="pick", path="/{identity}/pick/{field}", answer=pick, action=None)
"""It itself asks what its user may do: the form may be one for new rows or for changes."""

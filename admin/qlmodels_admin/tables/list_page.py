"""The pages of a list, and of the list as a file."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from qlmodels_admin.tables.export import export
from qlmodels_admin.tables.listing import InvalidList, read_list
from qlmodels_admin.tables.table_view import TableView


async def list_rows(view: TableView, request: Request) -> Response:
    """Show the list that the URL asks for, or what is wrong with the URL."""
    listing = await read_list(view, request)
    return await view.templates.TemplateResponse(
        request,
        view.list_template,
        {"model_view": view, "listing": listing, "title": view.title},
        status_code=200 if listing.problem is None else 422,
    )


async def export_rows(view: TableView, request: Request) -> Response:
    """Send the list that the URL asks for as a file. Raises HTTPException 422."""
    try:
        return await export(view, request, request.path_params["export_type"])
    except InvalidList as error:
        raise HTTPException(422, str(error)) from error

"""Responses that several rooms give."""

from starlette.responses import RedirectResponse, Response


def see_other(path: str) -> Response:
    """Redirect to `path` after a form was handled; the browser follows by GET."""
    return RedirectResponse(path, 303)

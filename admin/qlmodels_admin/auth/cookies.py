"""Cookies of signing in: below the panel's path, unreadable for scripts, for HTTPS alone."""

from starlette.requests import Request
from starlette.responses import Response

from qlmodels_admin.auth.sessions import SESSION_COOKIE

LOOPBACK_NAMES = {"127.0.0.1", "localhost", "::1", "[::1]"}


def set_session_cookie(request: Request, response: Response, token: str) -> None:
    """Sign the browser in that gets the response."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        path=cookie_path(request),
        secure=is_secure(request),
        httponly=True,
        samesite="strict",
    )


def is_secure(request: Request) -> bool:
    """Return whether cookies are for HTTPS alone: always, except over HTTP on this machine."""
    return request.url.scheme == "https" or request.url.hostname not in LOOPBACK_NAMES


def cookie_path(request: Request) -> str:
    return request.url_for("admin:index").path.rstrip("/") or "/"

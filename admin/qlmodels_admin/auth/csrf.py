"""A token in every form, which another site cannot know.

It is made from the cookie of the signed-in browser, or, where nobody is signed in yet, from one
that the sign-in page sets; so it needs no storage, and ends with the cookie.
"""

import hashlib
import hmac
import re
import secrets
from urllib.parse import parse_qs

from markupsafe import Markup
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from qlmodels_admin.auth.sessions import SESSION_COOKIE
from qlmodels_admin.web import BODY_KEY, SAFE_METHODS, URLENCODED

DOOR_COOKIE = "qlmodels_door"
"""Of whoever is about to sign in."""

FIELD = "_csrf"
HEADER = "X-CSRF-Token"
_FIRST_PART = 64 * 1024
_PART = re.compile(
    rb'^--[^\r\n]+\r\nContent-Disposition: form-data; name="_csrf"\r\n\r\n([\w-]+)\r\n', re.I
)


def token_for(secret: str) -> str:
    """The token that goes with a cookie."""
    return hmac.new(secret.encode(), b"qlmodels form", hashlib.sha256).hexdigest()


def token(request: Request) -> str:
    """For a page's forms; a page that is asked for without any cookie sets one by `keep`."""
    secret = _secret(request)
    if secret is None:
        secret = request.scope.setdefault("qlmodels.door", secrets.token_urlsafe(24))
    return token_for(secret)


def field(request: Request) -> Markup:
    """The hidden input that every form of a page begins with."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token(request))


def keep(request: Request, response: Response, path: str, *, secure: bool) -> None:
    """Set the cookie that the page's token was made from, if the browser has none yet."""
    if secret := request.scope.get("qlmodels.door"):
        response.set_cookie(
            DOOR_COOKIE, secret, path=path, secure=secure, httponly=True, samesite="strict"
        )


def _secret(request: Request) -> str | None:
    return request.cookies.get(SESSION_COOKIE) or request.cookies.get(DOOR_COOKIE)


class FormsOfOurOwn:
    """Refuses what may change something and does not bring the token of its browser.

    Without a cookie there is no browser to protect: such a request passes, and finds nobody
    signed in; only to sign in, which is open to all, a cookie is needed.
    """

    def __init__(self, app: ASGIApp, doors: tuple[str, ...]) -> None:
        self.app = app
        self.doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send)
            return
        cookies = Request(scope).cookies
        is_door = scope["path"].endswith(self.doors)
        known = [cookies.get(SESSION_COOKIE), cookies.get(DOOR_COOKIE) if is_door else None]
        if not any(known) and not is_door:
            await self.app(scope, receive, send)
            return
        given = _given(scope)
        if not any(
            hmac.compare_digest((given or "").encode(), token_for(secret).encode())
            for secret in known
            if secret
        ):
            await _refusal(403, "The form is not one that this browser was given")(
                scope, receive, send
            )
        else:
            await self.app(scope, receive, send)


def _refusal(status: int, reason: str) -> Response:
    return PlainTextResponse(
        f"{reason}, so nothing was done: open the page again and try there.\n", status
    )


def _given(scope: Scope) -> str | None:
    """The token of the header, of a form's fields, or of the first part of a form with files."""
    headers = Headers(scope=scope)
    if HEADER in headers:
        return headers[HEADER]
    body: bytearray = scope.get(BODY_KEY, bytearray())
    match headers.get("content-type", "").partition(";")[0].strip().lower():
        case "multipart/form-data":
            match = _PART.match(body[:_FIRST_PART])
            return match.group(1).decode() if match else None
        case kind if kind == URLENCODED:
            start = body.rfind(f"{FIELD}=".encode())
            values = parse_qs(body[start : start + 200].decode("latin-1")) if start >= 0 else {}
            return values.get(FIELD, [None])[0]
        case _:
            return None

"""Middleware around every request: headers of the answer, the query of the URL, the root path."""

import logging
from collections.abc import Awaitable, Callable
from urllib.parse import quote, unquote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qlmodels_admin.values import unstorable
from qlmodels_admin.web.request_log import REQUEST_ID

logger = logging.getLogger(__name__)

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class SecurityHeaders:
    """Adds the headers above; pages are never kept by caches, unless the answer says so."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SECURITY_HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send if scope["type"] != "http" else send_with_headers)


class ServerErrors:
    """Answers a request that fails by `page`, with its ID, which the log has beside the error.

    What has begun to be answered is cut off.
    """

    def __init__(self, app: ASGIApp, page: Callable[[Request, str], Awaitable[Response]]) -> None:
        self.app = app
        self.page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def noticed(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, noticed if scope["type"] == "http" else send)
        except Exception as error:
            if scope["type"] != "http":
                raise
            request_id = scope[REQUEST_ID]
            line = f"{scope['method']} {quote(scope['path'])}"
            logger.error("Request %s failed: %s", request_id, line, exc_info=error)
            if has_begun:
                raise
            await (await self._answer(Request(scope, receive), request_id))(scope, receive, send)

    async def _answer(self, request: Request, request_id: str) -> Response:
        try:
            return await self.page(request, request_id)
        except Exception as error:
            logger.error("The page of failed request %s failed.", request_id, exc_info=error)
            return PlainTextResponse(f"This request failed. Its ID is {request_id}.\n", 500)


def is_for_script(request: Request) -> bool:
    """Return whether a script asked, and no person who looks at a page."""
    headers = request.headers
    accepted = headers.get("accept", "")
    return headers.get("sec-fetch-dest") == "empty" or (
        "json" in accepted and "html" not in accepted
    )


class ReadableUrls:
    """Refuses a query that nothing behind could read: bytes that no browser sends, and NUL."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope.get("query_string", b"").isascii():
            refusal = PlainTextResponse("The URL is malformed: percent-encode its query.\n", 400)
            await refusal(scope, receive, send)
            return
        if scope["type"] == "http" and (reason := _unstorable_query(scope)) is not None:
            message = f"The query of the URL cannot be read. {reason}\n"
            refusal = PlainTextResponse(message, 422)
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _unstorable_query(scope: Scope) -> str | None:
    """Return why Postgres could not hold the decoded query; None if it can."""
    return unstorable(unquote(scope.get("query_string", b"").decode("ascii")))


class RootPath:
    """Makes the application the root of its URLs, wherever another one mounts it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "app_root_path": scope.get("root_path", "")}
            scope.pop("router", None)
        await self.app(scope, receive, send)

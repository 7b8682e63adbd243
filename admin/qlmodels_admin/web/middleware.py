"""Middleware around every request: headers of the answer, the query of the URL, the root path."""

from urllib.parse import unquote

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qlmodels_admin.values import unstorable

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

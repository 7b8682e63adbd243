"""Bodies of requests: who may send how much, how fast, and how many at once.

A body is read here, into memory, once its sender may send it. Nothing behind reads the network.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qlmodels_admin.web.concurrency_limit import ConcurrencyLimit, TooBusy
from qlmodels_admin.web.same_origin import SAFE_METHODS

KB: Final = 1024
MB: Final = 1024 * KB

URLENCODED: Final = "application/x-www-form-urlencoded"

GRACE_S: Final = 10.0
MIN_BYTES_A_SECOND: Final = 64 * KB
"""Bytes a second that a body has to bring after its first seconds."""

LINGER_S: Final = 1.0
LINGER_BYTES: Final = 4 * MB
"""What is received and thrown away after a refusal: a connection that is closed while its client
sends is reset, and most clients then report that instead of the answer."""

CHUNK_BYTES: Final = 16 * KB
"""Bytes that a parser is given before other requests have their turn."""

BODY_KEY: Final = "qlmodels.body"
"""Where the scope keeps the body that was read."""

PUBLIC_PATHS: Final = frozenset({"/sign-in", "/logout"})
"""Paths that need no session, besides that of the sign-in."""

_IMPORT: Final = re.compile(r"/[^/]+/import")


@dataclass(frozen=True, slots=True)
class Limit:
    """`kind` of request may have `most` bytes, and `at_once` of them are read at one time."""

    kind: str
    most: int
    at_once: int
    only_urlencoded: bool = False
    at_first: "Limit | None" = None
    """The limit among whose requests it counts until it is larger than these may be."""


SIGNED_OUT: Final = Limit("a form without a session", 8 * KB, 500, only_urlencoded=True)
RESUMABLE: Final = Limit(
    "a form without a session", MB, 8, only_urlencoded=True, at_first=SIGNED_OUT
)
SIGN_IN: Final = Limit("a form to sign in", 4 * MB, 8, only_urlencoded=True, at_first=SIGNED_OUT)
"""It may carry the fields of a form of RESUMABLE, encoded once more."""

SMALL: Final = Limit("a form of a viewer", 64 * KB, 200)
FORM: Final = Limit("a form", 8 * MB, 4, at_first=SMALL)
FILE: Final = Limit("an import", 24 * MB, 2, at_first=SMALL)
LIMITS: Final = (SIGNED_OUT, RESUMABLE, SIGN_IN, SMALL, FORM, FILE)


class BodyRefused(Exception):
    """Answered instead of the request; the connection is closed, for the rest is not read."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.response = PlainTextResponse(
            f"{message}\n", status, headers={"Connection": "close", **headers}
        )

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer whole, then close the connection once its client had time to read it."""

        async def send_whole(message: Message) -> None:
            await send({**message, "more_body": True} if "body" in message else message)

        await self.response(scope, receive, send_whole)
        if _has_body(Headers(scope=scope)):
            await _discard(receive)
        await send({"type": "http.response.body", "body": b""})


class Sender(Protocol):
    """A user who is signed in."""

    @property
    def role(self) -> str: ...


class LimitedBodies:
    """Reads what may change something, from senders who may send it.

    `user_of` finds the user of the request's session.
    """

    def __init__(
        self, app: ASGIApp, user_of: Callable[[Request], Awaitable[Sender | None]]
    ) -> None:
        self.app = app
        self._user_of = user_of
        self._places = {limit: ConcurrencyLimit(limit.at_once, waiting=0) for limit in LIMITS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            async with AsyncExitStack() as places:
                if scope["method"] in SAFE_METHODS:
                    _refuse_any(scope)
                else:
                    limit = await self._limit_of(scope)
                    _refuse_early(scope, limit)
                    body = await self._read(receive, limit, places)
                    scope[BODY_KEY], receive = body, _given_on(body, receive)
                await self.app(scope, receive, send)
        except BodyRefused as refused:
            await refused.answer(scope, receive, send)

    async def _limit_of(self, scope: Scope) -> Limit:
        """Return the limit of the route and role. Raises BodyRefused."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path == "/login":
            return SIGN_IN
        if path in PUBLIC_PATHS:
            return SIGNED_OUT
        may_resume = _kind(Headers(scope=scope)) == URLENCODED
        try:
            user = await self._user_of(Request(scope))
        except (DBAPIError, PoolTimeout, OSError) as error:
            if may_resume:  # answered by a page that carries the form
                return RESUMABLE
            message = "The database does not answer now, so nothing was done. Try again."
            raise BodyRefused(503, message, **{"Retry-After": "5"}) from error
        if user is None and may_resume:
            return RESUMABLE
        if user is None:
            message = "You are not signed in, so nothing was done. Sign in, then try again."
            raise BodyRefused(401, message)
        if user.role == "viewer":
            return SMALL
        return FILE if _IMPORT.fullmatch(path) else FORM

    async def _read(self, receive: Receive, limit: Limit, places: AsyncExitStack) -> bytearray:
        """The whole body; `places` keep others out. Raises BodyRefused."""
        body = bytearray()
        began = asyncio.get_running_loop().time()
        entered = limit.at_first or limit
        await self._enter(entered, places)
        more = True
        while more:
            try:
                async with asyncio.timeout_at(began + GRACE_S + len(body) / MIN_BYTES_A_SECOND):
                    message = await receive()
            except TimeoutError as error:
                said = "The request came too slowly, so nothing was done. Send it again."
                raise BodyRefused(408, said) from error
            body += message.get("body", b"")
            more = message["type"] == "http.request" and message.get("more_body", False)
            if len(body) > limit.most:
                raise _too_large(limit)
            if entered is not limit and len(body) > entered.most:
                entered = limit
                await self._enter(entered, places)
        return body

    async def _enter(self, limit: Limit, places: AsyncExitStack) -> None:
        try:
            await places.enter_async_context(self._places[limit].place())
        except TooBusy as full:
            raise BodyRefused(503, str(full), **{"Retry-After": str(int(full.wait))}) from full


async def _discard(receive: Receive) -> None:
    size, more = 0, True
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while more and size < LINGER_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                more = message["type"] == "http.request" and message.get("more_body", False)


def _kind(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _refuse_any(scope: Scope) -> None:
    if _has_body(Headers(scope=scope)):
        raise BodyRefused(413, f"A {scope['method']} request has no body here. Send it without.")


def _refuse_early(scope: Scope, limit: Limit) -> None:
    """What the headers say already. Raises BodyRefused."""
    headers = Headers(scope=scope)
    kind = _kind(headers)
    if limit.only_urlencoded and _has_body(headers) and kind != URLENCODED:
        said = f"This form is not read as {kind[:60] or 'nothing'!r}. Send it as {URLENCODED}."
        raise BodyRefused(415, said)
    length = headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > limit.most):
        raise _too_large(limit)


def _too_large(limit: Limit) -> BodyRefused:
    most = f"{limit.most // MB} MB" if limit.most >= MB else f"{limit.most // KB} KB"
    return BodyRefused(
        413, f"The request is too large, so nothing was done: {limit.kind} has at most {most}."
    )


def _given_on(body: bytearray, receive: Receive) -> Callable[[], Awaitable[Message]]:
    """The body in pieces; other requests have their turn between two of them."""
    place = 0
    ended = False

    async def give() -> dict[str, Any]:
        nonlocal place, ended
        if ended:
            return dict(await receive())
        await asyncio.sleep(0)
        piece = bytes(body[place : place + CHUNK_BYTES])
        place += CHUNK_BYTES
        ended = place >= len(body)
        return {"type": "http.request", "body": piece, "more_body": not ended}

    return give

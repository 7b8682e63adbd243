"""Who makes a request: asked for every page, form and stream."""

import asyncio
import logging
from abc import abstractmethod
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from sqladmin.authentication import AuthenticationBackend
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from qlmodels.errors import QLModelsError
from qlmodels_admin.auth.sessions import PanelUser
from qlmodels_admin.db import DATABASE_FAILURES
from qlmodels_admin.web import FormUnsent, Handler, hold_back, is_event_stream, unsent

logger = logging.getLogger(__name__)

USER: Final = "qlmodels.user"
"""Where the scope keeps the user."""

RECHECK_INTERVAL_S: Final = 10.0
"""Seconds after which an open stream of events is ended where its user may not see it any more."""


class SignInNeeded(QLModelsError):
    """You are not signed in: sign in, then try again."""


class Authentication(AuthenticationBackend):
    """Finds the user of a request, and lets nothing else through."""

    def __init__(self) -> None:
        self.middlewares = []

    @abstractmethod
    async def find_user(self, request: Request) -> PanelUser | None:
        """Return the user who makes the request; None where it is nobody's."""

    @abstractmethod
    def to_sign_in(self, request: Request) -> Response:
        """Send a browser to the page where its user signs in."""

    async def user_of(self, request: Request) -> PanelUser | None:
        """Return the user who makes the request, asked for once a request."""
        if USER not in request.scope:
            request.scope[USER] = await self.find_user(request)
        user: PanelUser | None = request.scope[USER]
        return user

    async def get_user_id(self, request: Request) -> str:
        return current_user(request).name

    async def authenticate(self, request: Request) -> Response | bool:
        """Raises SignInNeeded for a form that was sent without a session."""
        user = await self.user_of(request)
        if user is None and request.method == "POST":
            raise SignInNeeded("You are not signed in, so nothing was changed. Sign in to go on.")
        if user is None:
            return self.to_sign_in(request)
        request.state.panel_user = user
        return True

    def signed_in(self, handler: Handler, *, shows_unsent: bool = False) -> Handler:
        """Return `handler` for users who are signed in; others are asked to sign in.

        A form that came back after signing in, or from a page of another user, is shown before it
        is handled: by the handler itself where it `shows_unsent`.
        """

        async def guarded(request: Request) -> Response:
            refusal = await self.authenticate(request)
            if isinstance(refusal, Response):
                return refusal
            if hold_back(request, current_user(request).name) and not shows_unsent:
                raise FormUnsent(unsent(request) or "")
            answer = await handler(request)
            if isinstance(answer, StreamingResponse) and is_event_stream(answer):
                answer.body_iterator = self._while_allowed(request, answer.body_iterator)
            return answer

        return guarded

    async def _while_allowed(self, request: Request, events: Any) -> AsyncIterator[bytes]:
        """Yield the events until the user has another role, or none, or cannot be looked up."""
        user = current_user(request)
        loop = asyncio.get_running_loop()
        checked = loop.time()
        async with aclosing(events):
            async for event in events:
                if loop.time() - checked > RECHECK_INTERVAL_S:
                    try:
                        found = await self.find_user(request)
                    except DATABASE_FAILURES as error:
                        logger.info(
                            "Ended a stream: looking up user %s failed: %s", user.name, error
                        )
                        return
                    if found != user:
                        return
                    checked = loop.time()
                yield event


def current_user(request: Request) -> PanelUser:
    user: PanelUser = request.state.panel_user
    return user


def path_of(request: Request) -> str:
    """Return the path and query of the request."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def local_path(request: Request, wanted: str) -> str:
    """Return `wanted` if it is a page of this panel, else the first page."""
    home = request.url_for("admin:index").path
    parts = urlsplit(wanted)
    is_plain = not parts.scheme and not parts.netloc and "\\" not in wanted and wanted.isprintable()
    climbs = ".." in unquote(parts.path).split("/")
    return wanted if is_plain and wanted.startswith(home) and not climbs else home

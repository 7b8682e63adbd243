"""A line for each request, and a number that all lines of a request have."""

import logging
import re
import time
from typing import Final
from urllib.parse import parse_qs, quote
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qlmodels import logs
from qlmodels.ddl.access import TABLES
from qlmodels_admin.values import key_parts

logger = logging.getLogger(__name__)

REQUEST_ID_HEADER: Final = "X-Request-ID"
REQUEST_ID: Final = "qlmodels.request_id"
"""Where the scope keeps what a request is called in the log."""

VALID_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What a proxy may call a request; else it is given a number here."""

OF_A_ROW: Final = re.compile(rf"/(?:{'|'.join(TABLES)})/(?:details|edit)/(.+)$")
AGENT_TYPE: Final = re.compile(r"[a-z][a-z0-9-]{0,49}")


class RequestLog:
    """Tells of each answered request: never its query, which may hold the token of a link."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = _number(scope)
        scope[REQUEST_ID] = request
        status = 500
        began = time.perf_counter()

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request
            await send(message)

        with logs.about(request_id=request, **_agent_type(scope)):
            try:
                await self.app(scope, receive, numbered)
            finally:
                took = round(1000 * (time.perf_counter() - began), 1)
                logger.info("request", extra={**_of(scope), "status": status, "milliseconds": took})


def _number(scope: Scope) -> str:
    given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
    return given if VALID_REQUEST_ID.fullmatch(given) else uuid4().hex


def _agent_type(scope: Scope) -> dict[str, str]:
    """Return the agent type of the row that the path names, else that of the query."""
    if row := OF_A_ROW.search(scope["path"]):
        name = next(iter(key_parts(row[1])), "")
    else:
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        name = query.get("agent_type", query.get("agent", [""]))[0]
    return {"agent_type": name} if AGENT_TYPE.fullmatch(name) else {}


def _of(scope: Scope) -> dict[str, str | None]:
    user = scope.get("state", {}).get("panel_user")
    return {
        "method": scope["method"],
        "path": quote(scope["path"]),
        "client": scope["client"][0] if scope.get("client") else None,
        "user": user.name if user is not None else None,
    }

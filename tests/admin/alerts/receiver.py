"""A receiver of webhooks: keeps what it gets, and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.admin.conftest import serve


@dataclass
class Receiver:
    """`statuses` are answered in turn, then 204; a 302 leads to /moved."""

    statuses: list[int] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    has_got: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_answer.set()

    async def take(self, request: Request) -> Response:
        body = await request.body()
        self.got.append((request.url.path, dict(request.headers), body))
        self.has_got.set()
        await self.may_answer.wait()
        status = self.statuses.pop(0) if self.statuses else 204
        return Response(status_code=status, headers={"Location": "/moved"})


@asynccontextmanager
async def receiving(*statuses: int) -> AsyncIterator[Receiver]:
    receiver = Receiver([*statuses])
    app = Starlette(routes=[Route("/{path:path}", receiver.take, methods=["GET", "POST"])])
    async with serve(app) as base:
        receiver.url = f"{base}/hook?token=hush"
        yield receiver

"""Sending to clients that may read slowly, not at all, or be gone."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Send

from qlmodels.errors import QLModelsError

STALL_TIMEOUT_S = 30.0
"""Seconds in which a client has to take a piece of a stream."""


class Stalled(QLModelsError):
    """The client took nothing for too long."""


async def in_time(send: Send, body: dict[str, Any], seconds: float) -> None:
    """Send a piece of a body. Raises Stalled."""
    try:
        async with asyncio.timeout(seconds):
            await send({"type": "http.response.body", **body})
    except TimeoutError as error:
        raise Stalled from error


async def until_gone(receive: Receive, sending: Coroutine[Any, Any, None]) -> None:
    """Run `sending` until it ends, or its client does."""
    task = asyncio.create_task(sending)
    gone = asyncio.create_task(_is_gone(receive))
    try:
        await asyncio.wait([task, gone], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiting in (task, gone):
            if not waiting.done():
                waiting.cancel()
        await asyncio.wait([task, gone])
    if not task.cancelled():
        task.result()


async def _is_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class PatientStream(StreamingResponse):
    """A stream that ends where its client takes nothing for STALL_TIMEOUT_S."""

    async def stream_response(self, send: Send) -> None:
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        try:
            async for piece in self.body_iterator:
                await in_time(send, {"body": piece, "more_body": True}, STALL_TIMEOUT_S)
        except Stalled:
            if isinstance(self.body_iterator, AsyncGenerator):
                await self.body_iterator.aclose()
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def is_event_stream(response: StreamingResponse) -> bool:
    """Return whether the response sends events for as long as its page is open."""
    return response.media_type == "text/event-stream"

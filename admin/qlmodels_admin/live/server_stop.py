"""Streams end when the server is told to stop: it waits until all answers are given.

uvicorn, which may serve the application that mounts the panel, tells no application before then.
Its handler of SIGTERM is a method of the server, which says whether it stops.
"""

import asyncio
import signal
from typing import Final

STOP_LOOK_INTERVAL_S: Final = 0.5


async def wait_for_stop() -> None:
    """Return when uvicorn was told to stop; never under another server."""
    while not _is_stopping():  # noqa: ASYNC110  # uvicorn has no event to wait for
        await asyncio.sleep(STOP_LOOK_INTERVAL_S)


def _is_stopping() -> bool:
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return bool(getattr(server, "should_exit", False))

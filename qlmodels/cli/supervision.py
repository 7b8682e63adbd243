"""Keep the embedded server running beside the panel, or end with a sentence."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Coroutine
from typing import Final

from qlmodels.embedded import EmbeddedServer, ServerFailed

logger = logging.getLogger(__name__)

SUPERVISION_INTERVAL_S: Final = 1.0
MAX_RESTARTS: Final = 3
RESTARTS_WITHIN_S: Final = 600.0


async def serve_supervised(serving: Coroutine[None, None, None], server: EmbeddedServer) -> None:
    """Serve until it ends, and start the server again where it dies.

    Raises ServerFailed where it died MAX_RESTARTS times within RESTARTS_WITHIN_S, and what keeps
    it from starting.
    """
    panel = asyncio.ensure_future(serving)
    watch = asyncio.ensure_future(_keep_running(server))
    try:
        await asyncio.wait((panel, watch), return_when=asyncio.FIRST_COMPLETED)
        for task in (watch, panel):
            if task.done():
                task.result()
    finally:
        for task in (watch, panel):
            task.cancel()
        await asyncio.gather(watch, panel, return_exceptions=True)


async def _keep_running(server: EmbeddedServer) -> None:
    restarts: deque[float] = deque(maxlen=MAX_RESTARTS)
    while True:
        await asyncio.sleep(SUPERVISION_INTERVAL_S)
        if await asyncio.to_thread(server.answers):
            continue
        now = time.monotonic()
        if len(restarts) == MAX_RESTARTS and now - restarts[0] < RESTARTS_WITHIN_S:
            raise ServerFailed(
                f"The embedded PostgreSQL died {MAX_RESTARTS + 1} times within "
                f"{RESTARTS_WITHIN_S / 60:.0f} minutes, so it was not started again. Read the "
                "file `log` in its home."
            )
        restarts.append(now)
        logger.warning("the embedded PostgreSQL does not answer and is started again")
        await asyncio.to_thread(server.start_again)
        logger.warning("the embedded PostgreSQL runs again")

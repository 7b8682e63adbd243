"""How long an event loop is held up, whatever else the machine is busy with."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def watched() -> AsyncIterator[list[float]]:
    """The pauses between the turns of a task that does nothing else, in processor time.

    It is the time of the whole process, so that a thread that keeps the interpreter's lock counts,
    and no other process does.
    """
    pauses: list[float] = []

    async def tick() -> None:
        last = time.process_time()
        while True:
            await asyncio.sleep(0.001)
            now = time.process_time()
            pauses.append(now - last)
            last = now

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    try:
        yield pauses
    finally:
        ticking.cancel()

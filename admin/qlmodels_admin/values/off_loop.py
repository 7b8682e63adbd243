"""Work whose time grows with what a client sent, in threads, so that other requests go on."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any, TypeVar

Result = TypeVar("Result")


async def off_loop(function: Callable[..., Result], *args: Any, **options: Any) -> Result:
    """Call a function in one of two threads; the rest waits for its turn."""
    call = partial(function, *args, **options)
    return await asyncio.get_running_loop().run_in_executor(_threads(), call)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, "off-loop")

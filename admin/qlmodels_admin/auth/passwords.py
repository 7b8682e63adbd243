"""Passwords: hashed and compared off the event loop, one at a time."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from qlmodels.logins import hash_password, password_matches


async def hash_in_thread(password: str) -> str:
    """As `hash_password`, without holding up other requests."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), hash_password, password)


async def matches(password_hash: str | None, password: str) -> bool:
    """As `password_matches`, without holding up other requests."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads(), password_matches, password_hash, password)


@cache
def _threads() -> ThreadPoolExecutor:
    """Each hash takes 64 MB and four threads of argon2's own for some 50 ms: one at a time leaves
    the processors to other pages. Callers wait in a `ConcurrencyLimit`, not in this queue."""
    return ThreadPoolExecutor(1, "argon2")

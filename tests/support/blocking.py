"""Waiting until processes of the server wait for each other."""

import asyncio
from typing import Any

import asyncpg

LIMIT_S = 60.0

_WAITING = """
select waiting.pid
  from pg_catalog.pg_locks as waiting
 where not waiting.granted
   and pg_catalog.pg_backend_pid() = any (pg_catalog.pg_blocking_pids(waiting.pid))
   and waiting.pid <> all ($1::integer[])
"""

IS_BLOCKED = "select cardinality(pg_blocking_pids($1)) > 0 from pg_sleep(0.01)"
BLOCKS = (
    "select count(distinct pid) >= $1 from pg_locks, pg_sleep(0.01)"
    " where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"
)


async def until_blocked(connection: asyncpg.Connection, pid: int) -> None:
    """Return once process `pid` waits for another one. Raises TimeoutError."""
    await _until(connection, IS_BLOCKED, pid)


async def until_blocks(connection: asyncpg.Connection, number: int) -> None:
    """Return once so many processes wait for that of `connection`. Raises TimeoutError."""
    await _until(connection, BLOCKS, number)


async def _until(connection: asyncpg.Connection, query: str, value: Any) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not await connection.fetchval(query, value):
            pass


async def waiter_of(holder: asyncpg.Connection, *known: int) -> int:
    """Return the process of a session, not one of `known`, once it waits for a lock of `holder`.

    Raises TimeoutError.
    """
    async with asyncio.timeout(LIMIT_S):
        while True:
            process = await holder.fetchval(_WAITING, list(known))
            if process is not None:
                return int(process)
            await asyncio.sleep(0.01)

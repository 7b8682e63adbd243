"""Transactions of SQLAlchemy connections that can only read, and how their queries are planned."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

STATEMENT_TIMEOUT = "10s"

PSQL_TEXT = (
    "set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO', true), "
    "set_config('intervalstyle', 'postgres', true), set_config('bytea_output', 'hex', true), "
    "set_config('extra_float_digits', '1', true), set_config('xmloption', 'content', true)"
)
"""Columns of a SELECT that have a transaction write values as psql shows them by default, in UTC,
and read them so under any settings of the server."""

# a plan for any place in a list would be a bad one for most of them
_READ_ONLY = text(
    "select set_config('transaction_read_only', 'on', true), "
    "set_config('statement_timeout', :timeout, true), "
    f"set_config('plan_cache_mode', 'force_custom_plan', true), {PSQL_TEXT}"
)

_KEEP_JOIN_ORDER = text(
    "select set_config('join_collapse_limit', '1', true), set_config('jit', 'off', true), "
    "set_config('work_mem', '32MB', true)"
)


@asynccontextmanager
async def read_transaction(
    engine: AsyncEngine, statement_timeout: str = STATEMENT_TIMEOUT
) -> AsyncIterator[AsyncConnection]:
    """Begin a read-only transaction; each of its statements ends after `statement_timeout`."""
    async with engine.begin() as connection:
        await connection.execute(_READ_ONLY, {"timeout": statement_timeout})
        yield connection


async def keep_join_order(connection: AsyncConnection) -> None:
    """Join as the query is written: looking for a better order takes longer than the query."""
    await connection.execute(_KEEP_JOIN_ORDER)

"""The panel's declared queries: one a file of `sql/`, and the transaction that they are read in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import resources
from typing import cast

import asyncpg
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

STATEMENT_TIMEOUT = "10s"

# a plan for any place in a list would be a bad one for most of them
_READING = text(
    "select set_config('transaction_read_only', 'on', true), "
    "set_config('statement_timeout', :timeout, true), "
    "set_config('plan_cache_mode', 'force_custom_plan', true)"
)

_WRITING = text(
    "select set_config('app.panel_user', :user, true), set_config('app.panel_note', :note, true), "
    "set_config('statement_timeout', :timeout, true), set_config('lock_timeout', '5s', true)"
)

_AS_WRITTEN = text(
    "select set_config('join_collapse_limit', '1', true), set_config('jit', 'off', true), "
    "set_config('work_mem', '32MB', true)"
)


@asynccontextmanager
async def reading(
    engine: AsyncEngine, at_most: str = STATEMENT_TIMEOUT
) -> AsyncIterator[AsyncConnection]:
    """A transaction that can only read; a statement in it ends after `at_most`."""
    async with engine.begin() as connection:
        await connection.execute(_READING, {"timeout": at_most})
        yield connection


@asynccontextmanager
async def writing(
    engine: AsyncEngine, user: str, note: str, at_most: str = STATEMENT_TIMEOUT
) -> AsyncIterator[AsyncConnection]:
    """A transaction that tells the audit log which user of the panel it is for, and why."""
    async with engine.begin() as connection:
        values = {"user": user, "note": note, "timeout": at_most}
        await connection.execute(_WRITING, values)
        yield connection


async def driver_of(connection: AsyncConnection) -> asyncpg.Connection:
    """asyncpg's own, inside the transaction of `connection`."""
    raw = await connection.get_raw_connection()
    return cast(asyncpg.Connection, raw.driver_connection)


async def as_written(connection: AsyncConnection) -> None:
    """Join in the order that is written: to look for a better one takes longer than the query."""
    await connection.execute(_AS_WRITTEN)


@cache
def query(name: str) -> TextClause:
    """What `sql/NAME.sql` says; measured by that name."""
    folder = resources.files("qlmodels_admin") / "sql"
    statement = text((folder / f"{name}.sql").read_text(encoding="utf-8"))
    return statement.execution_options(query=name)

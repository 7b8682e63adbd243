"""The panel's declared queries: one a file of `sql/`, and the transaction that they are read in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import resources
from typing import cast

import asyncpg
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qlmodels.transactions import STATEMENT_TIMEOUT

_WRITING = text(
    "select set_config('app.panel_user', :user, true), set_config('app.panel_note', :note, true), "
    "set_config('statement_timeout', :timeout, true), set_config('lock_timeout', '5s', true)"
)


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


@cache
def query(name: str) -> TextClause:
    """What `sql/NAME.sql` says; measured by that name."""
    folder = resources.files("qlmodels_admin") / "sql"
    statement = text((folder / f"{name}.sql").read_text(encoding="utf-8"))
    return statement.execution_options(query=name)

"""The panel's declared queries: each in a file beside its module; write transactions."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import cast

import asyncpg
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qlmodels.connection import PSQL_TEXT, STATEMENT_TIMEOUT
from qlmodels.files import sql_of

_WRITING = text(
    "select set_config('app.panel_user', :user, true), set_config('app.panel_note', :note, true), "
    "set_config('statement_timeout', :timeout, true), set_config('lock_timeout', '5s', true), "
    f"{PSQL_TEXT}"
)


@asynccontextmanager
async def write_transaction(
    engine: AsyncEngine, user: str, note: str = "", at_most: str = STATEMENT_TIMEOUT
) -> AsyncIterator[AsyncConnection]:
    """A transaction that tells the audit log which user of the panel it is for, and why."""
    async with engine.begin() as connection:
        values = {"user": user, "note": note, "timeout": at_most}
        await connection.execute(_WRITING, values)
        yield connection


async def asyncpg_connection(connection: AsyncConnection) -> asyncpg.Connection:
    """asyncpg's own, inside the transaction of `connection`."""
    raw = await connection.get_raw_connection()
    return cast(asyncpg.Connection, raw.driver_connection)


def statements_of(package: str | None) -> Callable[[str], TextClause]:
    """Return a reader of `NAME.sql` in `package`; metrics label the query by room and name."""
    assert package is not None  # noqa: S101  # every caller passes its __package__
    read = sql_of(package)
    room = package.rpartition("qlmodels_admin.")[2]

    @cache
    def query(name: str) -> TextClause:
        return text(read(name)).execution_options(query=f"{room}.{name}")

    return query

"""Work that runs once at a time in a database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import URL

from qlmodels.advisory_locks import AdvisoryLock
from qlmodels.connection.engine import connect
from qlmodels.errors import QLModelsError


@asynccontextmanager
async def exclusive(
    url: URL, lock: AdvisoryLock, refusal: type[QLModelsError]
) -> AsyncIterator[None]:
    """Hold `lock` on a connection of its own during the block; raise `refusal` if it is held.

    The lock is a transaction's, which a transaction pooler leaves on one connection; it ends with
    the connection, however that ends. The transaction holds no snapshot, so vacuum goes on.
    """
    async with connect(url) as guard:
        await guard.transaction().start()
        await guard.execute("set local idle_in_transaction_session_timeout = 0")
        if not await guard.fetchval("select pg_try_advisory_xact_lock($1)", lock):
            raise refusal
        yield

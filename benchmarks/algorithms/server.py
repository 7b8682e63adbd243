"""A throwaway server for the runs with the store."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.algorithms.stored import AGENT_COLUMNS, StoredRuns
from benchmarks.databases import home
from qlmodels import logins, migrate
from qlmodels.connection import connect, create_pool
from qlmodels.embedded import EmbeddedServer, find_binaries, provision

AGENT = "test-generator"
CONNECTIONS = 6


@asynccontextmanager
async def serve_runs(seed: int) -> AsyncIterator[StoredRuns]:
    password = secrets.token_urlsafe()
    with (
        home() as folder,
        EmbeddedServer(folder, binaries=find_binaries(), durable=False) as server,
    ):
        owner = await provision(server)
        await asyncio.to_thread(migrate.upgrade, owner)
        async with connect(owner) as connection:
            login = await logins.create(connection, "agent", AGENT, password)
            await connection.execute(set_columns())
        url = owner.set(username=login, password=password)
        async with create_pool(url, max_size=CONNECTIONS) as pool:
            yield StoredRuns(pool, AGENT, seed)


def set_columns() -> str:
    """The statement by which the agent type learns as the book's tasks ask."""
    columns = ", ".join(f"{name} = {value}" for name, value in AGENT_COLUMNS.items())
    return f"update agent_types set {columns} where agent_type = '{AGENT}'"  # noqa: S608

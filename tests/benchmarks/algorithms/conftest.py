"""An agent type whose numbers are those of the book's tasks."""

from collections.abc import AsyncIterator

import pytest

from benchmarks.algorithms.server import AGENT, set_columns
from benchmarks.algorithms.stored import StoredRuns
from qlmodels.connection import connect, create_pool
from tests.conftest import Database


@pytest.fixture
async def stored(database: Database) -> AsyncIterator[StoredRuns]:
    async with connect(database.owner) as owner:
        await owner.execute(set_columns())
    async with create_pool(database.url(f"ql_{AGENT}"), max_size=4) as pool:
        yield StoredRuns(pool, AGENT, seed=1)

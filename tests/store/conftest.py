import random
from collections.abc import AsyncIterator

import asyncpg
import pytest

from qlmodels.connection import connect, create_pool
from qlmodels.store import LearningStore
from tests.conftest import Database

AGENT = "test-generator"


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[asyncpg.Pool]:
    async with create_pool(database.url(f"ql_{AGENT}")) as pool:
        yield pool


@pytest.fixture
def store(pool: asyncpg.Pool) -> LearningStore:
    return LearningStore(pool, AGENT, instance=f"{AGENT}-1", rng=random.Random(1), patience=2.0)


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """May do what agents may not: change agent types, see all rows."""
    async with connect(database.owner) as connection:
        yield connection

"""The store on the tables as they come, and on the same in partitions by agent type."""

import asyncio
import random
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.connection import connect, create_pool
from qlmodels.embedded import DATABASE
from qlmodels.store import LearningStore
from tests.conftest import Cluster, Database

AGENT = "test-generator"
PARTITIONED = "partitioned"
PARTITIONS = 4


@pytest.fixture(params=[DATABASE, pytest.param(PARTITIONED, marks=pytest.mark.slow)])
def template(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return str(request.getfixturevalue(name)) if name == PARTITIONED else name


@pytest.fixture(scope="session")
def partitioned(cluster: Cluster) -> str:
    """A database whose seven tables are in partitions, for the logins that are there already."""
    asyncio.run(_make_partitioned(cluster.template))
    return PARTITIONED


async def _make_partitioned(template: URL) -> None:
    grants = "select * from qlmodels_private.fleet_grants"
    async with connect(template.set(database="postgres")) as maintenance:
        await maintenance.execute(f"create database {PARTITIONED}")
    async with connect(template) as plain, connect(template.set(database=PARTITIONED)) as owner:
        await owner.execute(migrate.script(PARTITIONS))
        await owner.copy_records_to_table(
            "fleet_grants", schema_name="qlmodels_private", records=await plain.fetch(grants)
        )


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[asyncpg.Pool]:
    async with create_pool(database.url(f"ql_{AGENT}")) as pool:
        yield pool


@pytest.fixture
def store(pool: asyncpg.Pool) -> LearningStore:
    return LearningStore(pool, AGENT, instance=f"{AGENT}-1", rng=random.Random(1))


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """May do what agents may not: change agent types, see all rows."""
    async with connect(database.owner) as connection:
        yield connection

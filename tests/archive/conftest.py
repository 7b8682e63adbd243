"""Rows of every table, with the values that are easy to lose."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from qlmodels.archive.layout import TABLE_ORDER
from qlmodels.connection import connect
from tests.conftest import Cluster, Database, fresh_database

ROWS = (Path(__file__).parent / "rows.sql").read_text("utf-8")
Rows = dict[str, list[str]]


async def all_rows(database: Database, *agents: str) -> Rows:
    """Every column of every row as text that tells apart whatever Postgres tells apart."""
    found = {}
    async with connect(database.owner) as owner:
        await owner.execute(
            "set extra_float_digits = 1; set timezone = 'UTC'; set datestyle = 'ISO'"
        )
        for table in TABLE_ORDER:
            where = "where agent_type = any ($1)" if agents else "where $1::text[] is not null"
            found[table] = [
                row[0]
                for row in await owner.fetch(
                    f"select (kept.*)::text from {table} as kept {where} order by 1", list(agents)
                )
            ]
    return found


async def load(database: Database, script: str = ROWS, *values: Any) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(script, *values)


@pytest.fixture
async def filled(database: Database) -> Database:
    await load(database)
    return database


@asynccontextmanager
async def another(cluster: Cluster) -> AsyncIterator[Database]:
    """A second database, migrated, with nothing but the fleet's agent types."""
    async with fresh_database(cluster, "template qlmodels") as database:
        yield database


@pytest.fixture
async def target(cluster: Cluster) -> AsyncIterator[Database]:
    async with another(cluster) as database:
        yield database

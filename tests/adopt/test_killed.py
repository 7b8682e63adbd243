"""Adoption killed at any moment, on either side: the database is the original's or ours."""

import asyncio
from collections.abc import Iterator, Mapping

import pytest
from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.adopt.detect import detect
from qlmodels.adopt.legacy_schema import LEGACY_TABLES
from qlmodels.connection import connect
from tests.adopt.original import make_original
from tests.support.killing import Served, Victim, durable_server, kill_at_random
from tests.support.serving import QLMODELS

Rows = Mapping[str, list[str]]
"""By table, as Postgres prints them."""


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Its database is the original's."""
    with durable_server() as (running, owner):
        asyncio.run(_fill(owner))
        yield running, owner


async def _fill(owner: URL) -> None:
    async with connect(owner) as connection:
        await make_original(connection, "SQL file", scale=5, faulty=True)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["client", "server"])
def test_fifty_times(served: Served, environment: dict[str, str], who: Victim) -> None:
    before = asyncio.run(_rows(served[1]))
    kill_at_random(
        served, [*QLMODELS, "adopt"], environment, who, 50, lambda url: _is_new(url, before)
    )


async def _rows(url: URL) -> Rows:
    async with connect(url) as owner:
        found = {}
        for table in LEGACY_TABLES:
            rows = await owner.fetch(f"select t::text from public.{table} as t order by 1")
            found[table] = [row[0] for row in rows]
        return found


async def _is_new(url: URL, before: Rows) -> bool:
    """Whether it is ours, whole; otherwise it is the original's to the last byte."""
    if await migrate.current(url) is None:
        assert await _rows(url) == before
        async with connect(url) as owner:
            assert await detect(owner)
        return False
    async with connect(url) as owner:
        for table in LEGACY_TABLES:
            assert len(before[table]) == await owner.fetchval(
                f"select count(*) from (select from {table} union all"
                " select from qlmodels_private.adopt_rejects"
                " where table_name = $1 and correction is null) as accounted",
                table,
            )
    return True

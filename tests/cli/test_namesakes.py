"""A service that has a table of one of our names: nothing is made, and the choices are named."""

import asyncio

import pytest

from qlmodels import adopt, migrate
from qlmodels.connection import connect
from qlmodels.errors import NamesTaken
from tests.conftest import Database

pytestmark = pytest.mark.one_major

SERVICE = """
create table sessions (id serial primary key, started_at timestamptz);
create view agent_performance_summary as select 1 as one;
insert into sessions default values;
"""
LEFT = """
select string_agg(relname, ', ' order by relname) from pg_catalog.pg_class
where oid >= 16384 and relkind in ('r', 'v')
"""


async def _ask(database: Database, sql: str) -> object:
    async with connect(database.owner) as owner:
        return await owner.fetchval(sql)


async def _run(database: Database, sql: str) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(sql)


def test_upgrade_and_adopt_refuse_before_anything_is_made(empty_database: Database) -> None:
    asyncio.run(_run(empty_database, SERVICE))
    for command in (migrate.upgrade, adopt.adopt):
        with pytest.raises(NamesTaken) as refusal:
            command(empty_database.owner)
        told = str(refusal.value)
        assert "holds view public.agent_performance_summary, table public.sessions" in told
        assert "a database of its own" in told
        assert "set schema" in told
        assert "rename" in told
    left = asyncio.run(_ask(empty_database, LEFT))
    assert left == "agent_performance_summary, sessions"


def test_a_table_in_another_schema_is_in_nobodys_way(empty_database: Database) -> None:
    asyncio.run(_run(empty_database, "create schema app; create table app.sessions (id int)"))
    migrate.upgrade(empty_database.owner)
    migrate.check(empty_database.owner)

"""An upgrade from the release before keeps every row, and so does the way back."""

import asyncio
from pathlib import Path

import asyncpg

from qlmodels import migrate
from qlmodels.connection import connect
from tests.conftest import Database
from tests.upgrade.conftest import BEFORE

ROWS = (Path(__file__).parent / "rows.sql").read_text()

TABLES = """
select format('%I.%I', relnamespace::regnamespace::text, relname) as name, relfilenode
  from pg_class
 where relkind in ('r', 'p')
   and relnamespace::regnamespace::text in ('public', 'qlmodels_private', 'qlmodels_admin')
   and relname not in ('alembic_version', 'declared_facts')
"""


COLUMNS = """
select quote_ident(attname)
  from pg_attribute
 where attrelid = $1::text::regclass and attnum > 0 and not attisdropped
 order by attnum
"""


async def columns_of(owner: asyncpg.Connection) -> dict[str, str]:
    """The columns of every table."""
    return {
        table["name"]: ", ".join(row[0] for row in await owner.fetch(COLUMNS, table["name"]))
        for table in await owner.fetch(TABLES)
    }


async def contents(owner: asyncpg.Connection, columns: dict[str, str]) -> dict[str, list[str]]:
    """These columns of every row of the tables, as Postgres writes them."""
    return {
        name: [
            row[0] for row in await owner.fetch(f"select row({names})::text from {name} order by 1")
        ]
        for name, names in columns.items()
    }


async def test_every_row_is_kept_both_ways(before: Database) -> None:
    async with connect(before.owner) as owner:
        await owner.execute(ROWS)
        columns = await columns_of(owner)
        written = await contents(owner, columns)
        files = dict(await owner.fetch(TABLES))
    assert all(written.values()), "rows in every table"
    await asyncio.to_thread(migrate.upgrade, before.owner)
    await asyncio.to_thread(migrate.check, before.owner)
    async with connect(before.owner) as owner:
        assert await contents(owner, columns) == written
        after = dict(await owner.fetch(TABLES))
        assert {name: after[name] for name in files} == files, "no table is rewritten"
        await owner.execute(
            "update agent_types set retention_days = null where agent_type = 'test-generator';"
            "insert into qlmodels_private.adoptions (agent_type) values ('test-generator');"
            "insert into qlmodels_private.policy_versions (agent_type, policy_version, reason,"
            " login, states, pairs, visits) values ('visual-tester', 9, 'purge', 'x', 0, 0, 0)"
        )
    await asyncio.to_thread(migrate.downgrade, before.owner, BEFORE)
    async with connect(before.owner) as owner:
        assert await columns_of(owner) == columns
        back = await contents(owner, columns)
        assert (
            len(back.pop("qlmodels_private.policy_versions"))
            == len(written.pop("qlmodels_private.policy_versions")) + 1
        ), "a version that a purge kept is not lost"
        kinds = back.pop("public.agent_types")
        assert len(set(kinds) & set(written.pop("public.agent_types"))) == 17
        back.pop("qlmodels_private.audit_log")
        written.pop("qlmodels_private.audit_log")
        assert back == written
    await asyncio.to_thread(migrate.upgrade, before.owner)

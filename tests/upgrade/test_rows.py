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


async def contents(owner: asyncpg.Connection) -> dict[str, list[str]]:
    """Every row of every table, as Postgres writes it."""
    tables = [row["name"] for row in await owner.fetch(TABLES)]
    return {
        name: [row[0] for row in await owner.fetch(f"select t::text from {name} as t order by 1")]
        for name in tables
    }


async def test_every_row_is_kept_both_ways(before: Database) -> None:
    async with connect(before.owner) as owner:
        await owner.execute(ROWS)
        written = await contents(owner)
        files = dict(await owner.fetch(TABLES))
    assert all(written.values()), "rows in every table"
    await asyncio.to_thread(migrate.upgrade, before.owner)
    await asyncio.to_thread(migrate.check, before.owner)
    async with connect(before.owner) as owner:
        upgraded = await contents(owner)
        assert {name: upgraded[name] for name in written} == written
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
        back = await contents(owner)
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

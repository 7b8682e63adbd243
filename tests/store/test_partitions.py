"""Partitions are closed to all who do not come through their table."""

import asyncpg
import pytest

from qlmodels.connection import connect
from qlmodels.store import LearningStore
from tests.conftest import Database
from tests.store.conftest import AGENT, PARTITIONS

pytestmark = pytest.mark.long

LEAVES = """
select leaf.relname, leaf.relrowsecurity and leaf.relforcerowsecurity as is_forced,
       coalesce(leaf.reloptions, '{}') as options,
       array(select grantee::regrole::text from aclexplode(leaf.relacl)) as grantees,
       array(select polname from pg_policy where polrelid = leaf.oid) as policies
  from pg_class as leaf
  join pg_inherits on pg_inherits.inhrelid = leaf.oid
 where leaf.relkind = 'r' and leaf.relnamespace = 'public'::regnamespace
 order by leaf.relname
"""
UPSERT = "select upsert_q_value($1, 's', '{}', 'a', '{}', $2)"


@pytest.fixture
def template(partitioned: str) -> str:
    return partitioned


async def test_no_partition_has_rights_or_policies_of_its_own(
    owner: asyncpg.Connection, database: Database
) -> None:
    leaves = await owner.fetch(LEAVES)
    assert len(leaves) == 7 * PARTITIONS
    for leaf in leaves:
        assert leaf["is_forced"], leaf
        assert leaf["policies"] == [], leaf
        assert set(leaf["grantees"]) <= {database.owner.username}, leaf
        wanted = ["fillfactor=85"] if leaf["relname"].startswith("q_values") else []
        assert leaf["options"] == wanted, leaf


async def test_rows_lie_apart_and_are_read_through_their_table_alone(
    store: LearningStore, owner: asyncpg.Connection, database: Database
) -> None:
    await store.learn({"x": 1}, "go", 1.0, None)
    await owner.execute(
        "select upsert_q_value(agent_type, 's', '{}', 'a', '{}', 1) from agent_types"
    )
    filled = await owner.fetch("select distinct tableoid::regclass::text from q_values")
    assert len(filled) == PARTITIONS
    for number in range(PARTITIONS):  # the owner too is nobody there
        assert await owner.fetchval(f"select count(*) from q_values_{number}") == 0
    async with connect(database.url(f"ql_{AGENT}")) as agent:
        assert await agent.fetchval("select count(*) from q_values") == 2
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await agent.fetch("select * from q_values_0")


async def test_updates_are_hot(owner: asyncpg.Connection, database: Database) -> None:
    async with connect(database.url(f"ql_{AGENT}")) as agent:
        for value in range(50):
            await agent.execute(
                f"select upsert_q_value('{AGENT}', 's', '{{}}', 'a', '{{}}', {value})"
            )
        await agent.execute("select pg_stat_force_next_flush()")
    counts = await owner.fetchrow(
        "select sum(n_tup_upd) as updates, sum(n_tup_hot_upd) as hot from pg_stat_user_tables"
        " where relname like 'q\\_values\\__'"
    )
    assert counts is not None
    assert counts["updates"] == counts["hot"] == 49

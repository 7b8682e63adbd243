"""What agents learn while a Q-table is merged or restored: they wait, and nothing of it is lost."""

import asyncio

import asyncpg
import pytest

from qlmodels import policies
from qlmodels.connection import connect
from tests.conftest import Database
from tests.policies.conftest import AGENT, OTHER
from tests.support.blocking import waiter_of

pytestmark = pytest.mark.one_major

FREE = """
select state_hash || ' ' || action_hash as pair
  from q_values
 where agent_type = $1
 order by 1
   for no key update skip locked
"""
"""Pairs that an update would not have to wait for."""

GIVEN = """
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value)
values ('quality-gate', 'own', '1', 'a1', '1', 6), ('quality-gate', 'own', '1', 'a2', '1', 7)
"""


async def free(database: Database, agent_type: str) -> list[str]:
    async with connect(database.owner) as other:
        return [row["pair"] for row in await other.fetch(FREE, agent_type)]


async def test_a_merge_makes_writers_of_the_target_wait_and_no_others(
    database: Database, owner: asyncpg.Connection
) -> None:
    await owner.execute(GIVEN)
    every = await free(database, AGENT)
    assert len(every) == 8
    assert await free(database, OTHER) == ["own a1", "own a2"]
    async with owner.transaction():
        await policies.merge(owner, AGENT, OTHER, "keep")
        assert await free(database, OTHER) == []
        assert await free(database, AGENT) == every


async def test_restoring_makes_writers_of_every_pair_wait(
    database: Database, owner: asyncpg.Connection
) -> None:
    await owner.execute(GIVEN)
    await policies.keep(owner, AGENT)
    async with owner.transaction():
        await policies.restore(owner, AGENT, 1)
        assert await free(database, AGENT) == []
        assert await free(database, OTHER) == ["own a1", "own a2"]


async def test_a_pair_that_is_learned_while_it_is_restored_stays(
    database: Database, owner: asyncpg.Connection
) -> None:
    """Learned after the former Q-table was kept: it is in no version, so it must not be deleted."""
    learn = "select upsert_q_value($1, $2, '1', 'a', '1', 1)"
    await policies.keep(owner, AGENT)
    async with connect(database.url(f"ql_{AGENT}")) as agent, connect(database.owner) as holder:
        await agent.execute(learn, AGENT, "before")
        keeping = holder.transaction()
        await keeping.start()
        await holder.execute(
            "insert into qlmodels_private.policy_versions"
            " (agent_type, policy_version, reason, login, states, pairs, visits)"
            " values ($1, 2, 'hand', 'qlmodels_owner', 0, 0, 0)",
            AGENT,
        )

        async def restore() -> policies.Restored:
            async with owner.transaction():
                return await policies.restore(owner, AGENT, 1)

        restoring = asyncio.create_task(restore())
        await waiter_of(holder)  # it has read the pairs, and wants the number of their version
        await agent.execute(learn, AGENT, "meanwhile")
        await keeping.rollback()
        done = await restoring
    assert (done.removed, done.stayed, done.before) == (1, 0, 2)
    states = await owner.fetch(
        "select state_hash from q_values where agent_type = $1 and action_hash = 'a'", AGENT
    )
    assert [row["state_hash"] for row in states] == ["meanwhile"]
    kept = await policies.read_versions(owner, AGENT)
    assert [(version.number, version.pairs) for version in kept] == [(3, 9), (2, 9), (1, 8)]

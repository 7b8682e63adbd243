"""A restore or a merge that is killed has happened or has not, on either side of the connection."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from qlmodels import migrate, policies
from qlmodels.connection import connect
from tests.policies.conftest import AGENT, OTHER
from tests.support.killing import Served, Victim, durable_server, kill_at_random
from tests.support.serving import QLMODELS

pytestmark = pytest.mark.slow

TIMES = 50
MANY = """
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value)
select 'test-generator', n, to_jsonb(n), 'a', '0', n from generate_series(1, 4000) as n;
"""
MOVED = """
update q_values set q_value = q_value + 1, visit_count = 9;
delete from q_values where q_value < 500;
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value)
select 'test-generator', 'new ' || n, to_jsonb(n), 'a', '0', n from generate_series(1, 300) as n;
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value)
select 'quality-gate', n, to_jsonb(n), 'a', '0', -n from generate_series(3000, 5000) as n;
"""
STATE = """
select md5(string_agg((pair.*)::text, '' order by pair.agent_type, pair.q_value_id))
       || (select count(*) from qlmodels_private.policy_versions)
       || (select count(*) from qlmodels_private.policy_parts)
       || (select count(*) from qlmodels_private.audit_log)
  from q_values as pair
"""


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with durable_server() as (running, owner):
        migrate.upgrade(owner)
        asyncio.run(_fill(owner))
        yield running, owner


async def _fill(url: URL) -> None:
    async with connect(url) as owner:
        await owner.execute(MANY)
        await policies.keep(owner, AGENT)
        await owner.execute(MOVED)


async def _state(url: URL) -> str:
    async with connect(url) as owner:
        return str(await owner.fetchval(STATE))


@pytest.mark.parametrize("who", ["client", "server"])
def test_a_restore_fifty_times(served: Served, environment: dict[str, str], who: Victim) -> None:
    before = asyncio.run(_state(served[1]))

    async def is_done(url: URL) -> bool:
        if await _state(url) == before:
            return False
        async with connect(url) as owner:
            found = await policies.compare(owner, AGENT, 1, None)
            assert (found.pairs, found.made, found.lost, found.changed) == (4000, 0, 0, 0)
            kept = [version.number for version in await policies.read_versions(owner, AGENT)]
            assert kept == [3, 2, 1]
        return True

    command = [*QLMODELS, "policy", "restore", AGENT, "1", "--yes"]
    kill_at_random(served, command, environment, who, TIMES, is_done)


@pytest.mark.parametrize("who", ["client", "server"])
def test_a_merge_fifty_times(served: Served, environment: dict[str, str], who: Victim) -> None:
    before = asyncio.run(_state(served[1]))

    async def is_done(url: URL) -> bool:
        if await _state(url) == before:
            return False
        async with connect(url) as owner:
            left = await policies.preview_merge(owner, AGENT, OTHER, "overwrite")
            assert (left.made, left.changed) == (0, 0)
            assert len(await policies.read_versions(owner, OTHER)) == 2
        return True

    command = [*QLMODELS, "policy", "merge", AGENT, OTHER, "--rule", "overwrite", "--yes"]
    kill_at_random(served, command, environment, who, TIMES, is_done)

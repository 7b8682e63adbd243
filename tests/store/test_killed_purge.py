"""A server that is killed amid a purge has lost whole bites of what expired, and nothing else."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import URL

from qlmodels import logins, migrate
from qlmodels.connection import connect, create_pool
from qlmodels.errors import DatabaseUnreachable
from qlmodels.store import LearningStore, OutcomeUnknown
from tests.conftest import PASSWORD
from tests.support.durable import kill, new_home, server

pytestmark = [pytest.mark.one_major, pytest.mark.slow]

KILLS = 50
BITE = 50
AGENT = "test-generator"

PAIRS, EPISODES, REWARDS = 1500, 500, 4
"""That expire; of the rewards so many for each episode."""

ROWS = """
insert into q_values (
    agent_type, state_hash, state_data, action_hash, action_data, last_updated, expires_at
)
select $1::text, $2::text || number, to_jsonb(number), 'a', '0', now() - interval '60 days',
       now() + $3::interval
  from generate_series(1, $4::int) as number
"""
PLAYED = """
with played as (
    insert into trajectories (agent_type, task_id, initial_state, final_state, actions_taken,
                              states_visited, step_rewards, total_reward, discounted_reward,
                              execution_time_ms, success, started_at, completed_at, expires_at)
    select $1::text, number, '{}', '{}', '[]', '[]', '[]', 0, 0, 1, true,
           now() - interval '60 days', now() - interval '60 days', now() + $2::interval
      from generate_series(1, $3::int) as number
    returning trajectory_id
)
insert into rewards (agent_type, trajectory_id, state_hash, action_hash, reward_value, reward_type,
                     observed_at)
select $1::text, trajectory_id, 's', 'a', step, 'immediate', now() - interval '60 days'
  from played, generate_series(1, $4::int) as step
"""
KEPT = """
select (select jsonb_agg(pair order by q_value_id)
          from q_values as pair where expires_at > now()),
       (select jsonb_agg(episode order by trajectory_id)
          from trajectories as episode where expires_at > now()),
       (select jsonb_agg(reward order by reward_id)
          from rewards as reward join trajectories using (agent_type, trajectory_id)
         where expires_at > now())
"""
LEFT = """
select (select count(*) from q_values where expires_at < now()) as pairs,
       (select count(*) from trajectories where expires_at < now()) as episodes,
       (select count(*) from rewards join trajectories using (agent_type, trajectory_id)
         where expires_at < now()) as rewards
"""


async def fill(
    owner: URL, state: str, expires: timedelta, pairs: int, episodes: int, agent_type: str = AGENT
) -> None:
    async with connect(owner) as connection:
        await connection.execute(ROWS, agent_type, state, expires, pairs)
        await connection.execute(PLAYED, agent_type, expires, episodes, REWARDS)


async def ask(owner: URL, question: str) -> asyncpg.Record:
    async with connect(owner) as connection:
        rows: list[asyncpg.Record] = await connection.fetch(question)
        return rows[0]


async def purge(url: URL) -> None:
    async with create_pool(url, max_size=1) as pool:
        await LearningStore(pool, AGENT, patience=0.1).purge_expired(batch=BITE)


async def test_whole_bites_go_and_nothing_else() -> None:
    rng, cut = random.Random(KILLS), 0
    loop = asyncio.get_running_loop()
    with new_home() as home:
        async with server(home) as owner:
            await asyncio.to_thread(migrate.upgrade, owner)
            async with connect(owner) as connection:
                await logins.create(connection, "agent", AGENT, PASSWORD)
            await fill(owner, "kept", timedelta(days=10), 200, 0)
            await fill(owner, "kept", timedelta(days=10), 200, 100, "quality-gate")
            kept = tuple(await ask(owner, KEPT))
            await fill(owner, "old", timedelta(days=-1), PAIRS, EPISODES)
            began = loop.time()
            await purge(agent_of(owner))
            whole = loop.time() - began
        for number in range(KILLS):
            async with server(home) as owner:
                cut += await require_whole_bites(owner, kept)
                await fill(owner, f"old {number}", timedelta(days=-1), PAIRS, EPISODES)
                purging = asyncio.create_task(purge(agent_of(owner)))
                await asyncio.wait([purging], timeout=rng.uniform(0.1, 1.0) * whole)
                kill(home)
                with suppress(DatabaseUnreachable, OutcomeUnknown):
                    await purging
        async with server(home) as owner:
            cut += await require_whole_bites(owner, kept)
    assert cut > KILLS / 4


def agent_of(owner: URL) -> URL:
    return owner.set(username=f"ql_{AGENT}", password=PASSWORD)


async def require_whole_bites(owner: URL, kept: tuple[object, ...]) -> bool:
    """That all which did not expire is there, and let the rest go; whether there was any."""
    assert tuple(await ask(owner, KEPT)) == kept
    left = await ask(owner, LEFT)
    assert (PAIRS - left["pairs"]) % BITE == 0
    assert (EPISODES - left["episodes"]) % BITE == 0
    assert left["rewards"] == REWARDS * left["episodes"]
    await purge(agent_of(owner))
    assert tuple(await ask(owner, LEFT)) == (0, 0, 0)
    return bool(0 < left["pairs"] + left["episodes"] < PAIRS + EPISODES)

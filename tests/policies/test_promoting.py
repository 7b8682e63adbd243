"""Promoting a Q-table: exact, kept before and after, taken back by one call."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from qlmodels import policies
from qlmodels.connection import connect, create_pool
from qlmodels.errors import UnknownAgentType
from qlmodels.policies import NoSuchVersion, NothingPromoted, NotPromotable
from qlmodels.store import LearningStore
from tests.conftest import Database
from tests.support.blocking import waiter_of

pytestmark = pytest.mark.one_major

FROM = "quality-gate"
TO = "test-generator"
ACTIONS = ["a", "b", "c"]

COPIED = """
select state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score,
       uncertainty, td_error, last_updated, metadata
  from q_values where agent_type = $1 order by state_hash, action_hash
"""
LEARNED = """
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value,
                      visit_count, confidence_score, uncertainty, td_error, last_updated, metadata)
values ('quality-gate', 's1', '"s1"', 'a', '"a"', 0.30000000000000004, 7, 0.53, 0.47, 1e-300,
        '2026-01-01 00:00:00.000001+00', '{"n": 1.10}'),
       ('quality-gate', 's1', '"s1"', 'b', '"b"', -1, 2147483647, 1, 0, null, '2026-01-02', null),
       ('quality-gate', 's2', '"s2"', 'a', '"a"', -0.5, 1, 0.5, 0.5, -2, '2026-01-03+00', 'null'),
       ('test-generator', 's1', '"s1"', 'a', '"a"', 5, 9, 0.9, 0.1, 0, '2025-01-01+00', '{}'),
       ('test-generator', 's1', '"s1"', 'c', '"c"', 9, 9, 0.9, 0.1, 0, '2025-01-01+00', '{}'),
       ('test-generator', 's3', '"s3"', 'b', '"b"', 3, 9, 0.9, 0.1, 0, '2025-01-01+00', '{}');
update agent_types
   set environment = 'lake', initial_q_value = 0.25, action_space_dimensions = 3, retention_days = 7
 where agent_type in ('quality-gate', 'test-generator');
"""
GREEDY = """
select state.state_hash, (
           select candidate.action
             from unnest(array['a', 'b', 'c']) with ordinality as candidate (action, place)
             left join q_values as pair
               on pair.agent_type = $1 and pair.state_hash = state.state_hash
              and pair.action_hash = candidate.action
            order by coalesce(pair.q_value, $2) desc, candidate.place
            limit 1
       ) as action
  from (select distinct state_hash from q_values where state_hash <> 'never'
        union select 'never') as state
 order by 1
"""


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    async with connect(database.owner) as connection:
        await connection.execute(LEARNED)
        yield connection


async def rows(owner: asyncpg.Connection, agent_type: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await owner.fetch(COPIED, agent_type)]


async def promote(owner: asyncpg.Connection, **options: Any) -> policies.Promoted:
    async with owner.transaction():
        return await policies.promote(owner, FROM, TO, **options)


async def visits(owner: asyncpg.Connection) -> int:
    found = await owner.fetchval("select coalesce(sum(visit_count), 0) from q_values")
    return int(found or 0)


async def greedy(owner: asyncpg.Connection, agent_type: str) -> list[tuple[str, str]]:
    initial = await owner.fetchval(
        "select initial_q_value from agent_types where agent_type = $1", agent_type
    )
    return [tuple(row) for row in await owner.fetch(GREEDY, agent_type, initial)]


async def test_every_value_is_that_of_the_source_and_the_former_ones_are_kept(
    owner: asyncpg.Connection,
) -> None:
    before, states = await rows(owner, TO), await greedy(owner, TO)
    preview = await policies.preview_promotion(owner, FROM, TO)
    assert (preview.pairs, preview.made, preview.changed, preview.removed) == (3, 2, 1, 2)
    assert await rows(owner, TO) == before
    done = await promote(owner)
    assert (done.pairs, done.made, done.changed, done.removed, done.stayed) == (3, 2, 1, 2, 0)
    assert await rows(owner, TO) == await rows(owner, FROM)
    assert await greedy(owner, TO) == await greedy(owner, FROM)
    assert "never" in dict(await greedy(owner, TO))
    assert await greedy(owner, TO) != states
    versions = await policies.read_versions(owner, TO)
    assert [(one.number, one.reason, one.pairs) for one in versions] == [
        (done.after, "promote", 3),
        (done.before, "promote", 3),
    ]
    lives = await owner.fetchval(
        "select bool_and(expires_at - now() between interval '6 days' and interval '8 days')"
        " from q_values where agent_type = $1",
        TO,
    )
    assert lives is True


async def test_all_of_it_is_one_change_and_taken_back_by_one(owner: asyncpg.Connection) -> None:
    before = await rows(owner, TO)
    await owner.execute("update agent_types set initial_q_value = 0.5 where agent_type = $1", FROM)
    with pytest.raises(NotPromotable, match=r"initial_q_value is 0\.5 there and 0\.25 here"):
        await promote(owner)
    done = await promote(owner, with_settings=True)
    assert done.settings == {"initial_q_value": 0.5}
    transactions = await owner.fetch(
        "select distinct transaction_id from qlmodels_private.audit_log"
        " where table_name in ('q_values', 'agent_types') and row_key ->> 'agent_type' = $1"
        " and changed_at >= (select kept_at from qlmodels_private.policy_versions"
        " where agent_type = $1 and policy_version = $2)",
        TO,
        done.after,
    )
    assert len(transactions) == 1
    async with owner.transaction():
        back = await policies.take_back(owner, TO)
    assert back.version == done.before
    assert await rows(owner, TO) == before
    initial = await owner.fetchval(
        "select initial_q_value from agent_types where agent_type = $1", TO
    )
    assert initial == 0.25


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("initial_q_value", "1", "initial_q_value is 1 there and 0.25 here"),
        ("environment", "'sea'", "environment is 'sea' there and 'lake' here"),
        ("environment", "null", "environment is None there"),
        ("action_space_dimensions", "4", "number of actions is 4 there and 3 here"),
        ("action_space_dimensions", "null", "number of actions is None there"),
    ],
)
async def test_settings_that_give_values_another_meaning_are_refused_or_copied(
    owner: asyncpg.Connection, column: str, value: str, said: str
) -> None:
    await owner.execute(f"update agent_types set {column} = {value} where agent_type = '{FROM}'")
    before = await rows(owner, TO)
    with pytest.raises(NotPromotable) as refusal:
        await promote(owner)
    assert said in str(refusal.value)
    assert "--with-settings" in str(refusal.value)
    assert await rows(owner, TO) == before
    assert await policies.read_versions(owner, TO) == []
    await promote(owner, with_settings=True)
    found = await owner.fetch(
        f"select distinct {column} from agent_types where agent_type = any ($1)", [FROM, TO]
    )
    assert len(found) == 1
    assert await greedy(owner, TO) == await greedy(owner, FROM)


async def test_a_kept_version_is_promoted(owner: asyncpg.Connection) -> None:
    version = await policies.keep(owner, FROM)
    wanted = await rows(owner, FROM)
    await owner.execute("update q_values set q_value = 8 where agent_type = $1", FROM)
    await owner.execute("delete from q_values where agent_type = $1 and state_hash = 's2'", FROM)
    await owner.execute("update agent_types set initial_q_value = 1 where agent_type = $1", FROM)
    await promote(owner, version=version)
    assert await rows(owner, TO) == wanted, "with the settings that the version was kept with"
    with pytest.raises(NoSuchVersion, match="no version 9"):
        await promote(owner, version=9)


async def test_what_cannot_be_promoted(owner: asyncpg.Connection) -> None:
    with pytest.raises(NotPromotable, match="to itself"):
        await policies.promote(owner, TO, TO)
    with pytest.raises(UnknownAgentType):
        await policies.promote(owner, "nobody", TO)
    with pytest.raises(UnknownAgentType):
        await policies.promote(owner, TO, "nobody")
    with pytest.raises(NothingPromoted, match="there is nothing to take back"):
        await policies.take_back(owner, TO)
    await policies.keep(owner, FROM, "purge")
    with pytest.raises(NotPromotable, match="a purge removed"):
        await promote(owner, version=1)
    await owner.execute("update agent_types set hashing = 'original' where agent_type = $1", FROM)
    with pytest.raises(NotPromotable, match="by different rules"):
        await promote(owner, with_settings=True)


async def test_an_empty_table_is_promoted_and_taken_back_to(owner: asyncpg.Connection) -> None:
    await owner.execute("delete from q_values where agent_type = $1", TO)
    await promote(owner)
    assert len(await rows(owner, TO)) == 3
    async with owner.transaction():
        await policies.take_back(owner, TO)
    assert await rows(owner, TO) == []
    await owner.execute("delete from q_values where agent_type = $1", FROM)
    done = await promote(owner)
    assert (done.pairs, done.made, done.removed) == (0, 0, 0)


async def test_a_step_that_is_learned_meanwhile_is_not_lost(
    database: Database, owner: asyncpg.Connection
) -> None:
    """It waits for the promotion, and is made on the value that was promoted."""
    async with create_pool(database.url(f"ql_{TO}")) as pool:
        store = LearningStore(pool, TO, actions=ACTIONS)
        for table in (FROM, TO):
            await owner.execute(
                "insert into q_values (agent_type, state_hash, state_data, action_hash,"
                " action_data, q_value, visit_count) values ($1, $2, $3, $4, $5, $6, 1)",
                table,
                store._state("x").hash,
                '"x"',
                store._action("a").hash,
                '"a"',
                10.0 if table == FROM else 1.0,
            )
        changing = owner.transaction()
        await changing.start()
        await policies.promote(owner, FROM, TO)
        learning = asyncio.create_task(store.learn("x", "a", 0.0, "end", terminated=True))
        await waiter_of(owner)
        await changing.commit()
        learned = await learning
        assert learned.q_value == pytest.approx(10 + 0.1 * (0 - 10))
        assert learned.visit_count == 2


async def test_a_pair_that_is_new_meanwhile_stays(
    database: Database, owner: asyncpg.Connection
) -> None:
    """Learned after the former Q-table was kept, it is in no version: it is not overwritten."""
    learn = "select upsert_q_value($1, $2, $3, 'a', '\"a\"', 1)"
    async with connect(database.url(f"ql_{TO}")) as agent, connect(database.owner) as holder:
        keeping = holder.transaction()
        await keeping.start()
        await holder.execute(
            "insert into qlmodels_private.policy_versions"
            " (agent_type, policy_version, reason, login, states, pairs, visits)"
            " values ($1, 1, 'hand', 'qlmodels_owner', 0, 0, 0)",
            TO,
        )
        promoting = asyncio.create_task(promote(owner))
        await waiter_of(holder)  # it has read the pairs, and wants the number of their version
        await agent.execute(learn, TO, "s2", '"s2"')
        await keeping.rollback()
        done = await promoting
    assert done.stayed == 1
    values = dict(
        await owner.fetch(
            "select state_hash || action_hash, q_value from q_values where agent_type = $1", TO
        )
    )
    assert values == {"s1a": 0.30000000000000004, "s1b": -1, "s2a": 1}


async def test_agents_learn_on_through_promotions(
    database: Database, owner: asyncpg.Connection
) -> None:
    """Each step is counted in the table, in a kept version, or has ended in an error."""
    await owner.execute("delete from q_values")
    states = [f"s{number}" for number in range(20)]
    stop = asyncio.Event()
    async with create_pool(database.url(f"ql_{TO}")) as pool:

        async def learn(seed: int) -> int:
            store = LearningStore(pool, TO, actions=ACTIONS, seed=seed)
            rng, done = random.Random(seed), 0
            while not stop.is_set():
                await store.learn(rng.choice(states), "a", 1.0, "end", terminated=True)
                done += 1
            return done

        learners = [asyncio.create_task(learn(seed)) for seed in range(3)]
        for _ in range(3):
            wanted = await visits(owner) + 30
            async with asyncio.timeout(60):
                while await visits(owner) < wanted:
                    pass
            await promote(owner)
        stop.set()
        steps = sum(await asyncio.gather(*learners))
    versions = await policies.read_versions(owner, TO)
    removed = sum(one.visits for one in versions if (one.note or "").startswith("before"))
    assert removed + await visits(owner) == steps

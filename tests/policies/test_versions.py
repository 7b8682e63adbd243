"""A Q-table that was kept comes back bit for bit, and nothing that was learned is lost."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from qlmodels import policies
from qlmodels.connection import connect, create_pool
from qlmodels.errors import UnknownAgentType
from qlmodels.policies import NoSuchVersion
from qlmodels.store import Episode, LearningStore
from tests.conftest import Database
from tests.policies.conftest import AGENT, OTHER, learned

PARTS = "qlmodels_private.policy_parts"
VERSIONS = "qlmodels_private.policy_versions"
LOG = "qlmodels_private.audit_log"

MANGLE = """
update q_values set q_value = 9, visit_count = visit_count / 2, metadata = '{"x": 1}'
 where action_hash = 'a1';
update q_values set state_data = '{"module": "other"}' where state_hash = 's1';
delete from q_values where state_hash = 's3';
delete from sessions;
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value)
values ('test-generator', 's2', 'null', 'a9', '"new"', 77);
"""


async def keep(owner: asyncpg.Connection, agent: str = AGENT) -> int:
    number = await policies.keep(owner, agent)
    assert number is not None
    return number


async def test_what_was_kept_comes_back_and_so_does_what_was_there(
    owner: asyncpg.Connection,
) -> None:
    before = await learned(owner)
    assert await keep(owner) == 1
    log = await owner.fetchval(f"select max(entry_id) from {LOG}")
    await owner.execute(MANGLE)
    mangled = await learned(owner)
    preview = await policies.preview_restore(owner, AGENT, 1)
    assert (preview.changed, preview.returned, preview.removed) == (4, 2, 1)
    assert await learned(owner) == mangled

    log = await owner.fetchval(f"select max(entry_id) from {LOG}")
    async with owner.transaction():
        done = await policies.restore(owner, AGENT, 1)
    assert (done.changed, done.returned, done.removed, done.stayed) == (4, 2, 1, 0)
    # a session that is gone is not brought back
    expected = [row.replace("aaaaaaaa-0000-4000-8000-000000000001", "") for row in before]
    assert await learned(owner) == expected
    assert await owner.fetchval(
        "select bool_and(expires_at > now() + interval '29 days') from q_values"
        " where state_hash = 's3'"
    )
    entries = await owner.fetch(
        f"select table_name, operation, login, transaction_id from {LOG} where entry_id > $1", log
    )
    assert len({entry["transaction_id"] for entry in entries}) == 1
    assert {entry["login"] for entry in entries} == {"qlmodels_owner"}
    told = [(entry["table_name"], entry["operation"]) for entry in entries]
    assert {one: told.count(one) for one in told} == {
        ("q_values", "update"): 4,
        ("q_values", "insert"): 2,
        ("q_values", "delete"): 1,
        (VERSIONS, "insert"): 2,
    }

    async with owner.transaction():
        await policies.restore(owner, AGENT, done.before or 0)
    assert await learned(owner) == mangled
    notes = [version.note for version in await policies.read_versions(owner, AGENT)]
    assert notes == [
        "version 2, restored",
        "before version 2 was restored",
        "version 1, restored",
        "before version 1 was restored",
        None,
    ]


@pytest.mark.one_major
async def test_a_number_that_is_taken_is_not_taken_again(owner: asyncpg.Connection) -> None:
    await keep(owner)
    await owner.execute(
        "delete from q_values where state_hash = 's3';"
        "insert into q_values (agent_type, q_value_id, state_hash, state_data, action_hash,"
        " action_data) overriding system value values ('test-generator', 5, 'x', '0', 'x', '0')"
    )
    async with owner.transaction():
        done = await policies.restore(owner, AGENT, 1)
    assert (done.returned, done.removed, done.stayed) == (2, 1, 0)
    assert (await policies.compare(owner, AGENT, 1, None)).changed == 0


@pytest.mark.one_major
async def test_what_there_is_not(owner: asyncpg.Connection) -> None:
    await keep(owner)
    with pytest.raises(NoSuchVersion, match=r"no version 7: versions 1 are kept"):
        await policies.restore(owner, AGENT, 7)
    with pytest.raises(NoSuchVersion, match="nothing is kept"):
        await policies.compare(owner, OTHER, 1, None)
    with pytest.raises(UnknownAgentType, match="no agent type nobody"):
        await policies.keep(owner, "nobody")


@pytest.mark.one_major
async def test_a_comparison_finds_what_changed(owner: asyncpg.Connection) -> None:
    await keep(owner)
    await owner.execute(
        "update q_values set q_value = 1 where state_hash = 's1' and action_hash = 'a1';"
        "delete from q_values where state_hash = 's3' and action_hash = 'a1';"
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data,"
        " q_value) values ('test-generator', 's4', '4', 'a1', '\"left\"', 2)"
    )
    await keep(owner)
    found = await policies.compare(owner, AGENT, 1, 2)
    assert (found.states, found.pairs, found.made, found.lost, found.changed) == (4, 9, 1, 1, 1)
    assert found.greedy_changed == 2
    first, second = found.turned_states
    assert (first.state, first.old_action, first.new_action) == (
        {"module": "auth", "n": 1.1},
        "right",
        "left",
    )
    assert (second.state_hash, second.old, second.new, second.visits) == ("s3", 5, 4, 9)
    assert second.old_action == "left"  # no longer there, but in version 1
    assert [(pair.state, pair.new) for pair in found.made_pairs] == [(4, 2)]
    assert [(pair.state_hash, pair.old) for pair in found.lost_pairs] == [("s3", 5)]
    assert [(pair.old, pair.new) for pair in found.changed_pairs] == [(0.1, 1)]
    assert found.mean_change == pytest.approx(0.9 / 7)
    back = await policies.compare(owner, AGENT, None, 1, limit=0)
    assert (back.made, back.lost, back.turned_states) == (1, 1, [])


@pytest.mark.one_major
async def test_the_greedy_action_is_that_of_the_agents(owner: asyncpg.Connection) -> None:
    """Of equal values the more trusted one, as get_best_action says."""
    await keep(owner)
    await owner.execute("update q_values set q_value = -1.4 where state_hash = 's2'")
    await owner.execute(
        "update q_values set confidence_score = 1 where state_hash = 's2' and action_hash = 'a1'"
    )
    [line] = (await policies.compare(owner, AGENT, 1, None)).turned_states
    best = await owner.fetchval("select action_data from get_best_action($1, 's2')", AGENT)
    assert (line.old_action, line.new_action) == ("right", json.loads(best or ""))


@pytest.mark.one_major
async def test_at_a_sessions_end_once_an_hour_and_stamped(
    database: Database, owner: asyncpg.Connection
) -> None:
    async def version() -> int:
        episode = Episode(
            task_id="t",
            states=[1],
            actions=[1],
            rewards=[1],
            success=True,
            started_at=datetime.now(UTC),
        )
        await store.record(episode)
        number = await owner.fetchval(
            "select policy_version from trajectories where trajectory_id = $1",
            episode.trajectory_id,
        )
        return int(number or 0)

    async with create_pool(database.url(f"ql_{AGENT}")) as pool:
        store = LearningStore(pool, AGENT)
        assert await version() == 0
        for _ in range(2):
            await store.start_session()
            await store.finish_session()
        [kept] = await policies.read_versions(owner, AGENT)
        assert (kept.number, kept.reason, kept.login, kept.pairs) == (
            1,
            "session",
            f"ql_{AGENT}",
            8,
        )
        assert await version() == 1
        await owner.execute(f"update {VERSIONS} set kept_at = now() - interval '61 minutes'")
        await store.start_session()
        await store.finish_session()
        assert await version() == 2
        own = Episode(
            task_id="t",
            states=[1],
            actions=[1],
            rewards=[1],
            success=True,
            policy_version=1,
            started_at=datetime.now(UTC),
        )
        await store.record(own)
        numbers = "select policy_version from trajectories order by policy_version"
        assert [row[0] for row in await owner.fetch(numbers)] == [0, 1, 1, 2]
    log = f"select count(*) from {LOG} where table_name = $1 and login like 'ql\\_%'"
    assert await owner.fetchval(log, VERSIONS) == 0


@pytest.mark.one_major
@pytest.mark.parametrize(
    ("reason", "agent_type", "minutes", "numbers"),
    [
        ("session", AGENT, 59, [1]),
        ("session", AGENT, 61, [2, 1]),
        ("hand", AGENT, 1, [2, 1]),
        ("session", OTHER, 1, [1]),
    ],
)
async def test_a_session_of_the_same_hour_keeps_nothing(
    owner: asyncpg.Connection, reason: str, agent_type: str, minutes: int, numbers: list[int]
) -> None:
    await owner.execute(
        f"insert into {VERSIONS} values"
        " ($1, 1, now() - make_interval(mins => $3), $2, 'x', null, null, 0, 0, 0)",
        agent_type,
        reason,
        minutes,
    )
    await owner.execute("update sessions set status = 'completed', end_time = now()")
    kept = await policies.read_versions(owner, AGENT)
    assert [version.number for version in kept] == numbers


@pytest.mark.one_major
async def test_a_session_that_goes_on_keeps_nothing(owner: asyncpg.Connection) -> None:
    await owner.execute("update sessions set session_name = 'another', task_count = 2")
    assert await policies.read_versions(owner, AGENT) == []


@pytest.mark.slow
@pytest.mark.one_major
async def test_a_session_does_not_wait_for_what_is_too_large(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "insert into q_values"
        " (agent_type, state_hash, state_data, action_hash, action_data, q_value)"
        " select $1, 's' || n, '1', 'a', '1', 0 from generate_series(1, 200000) as n",
        AGENT,
    )
    await owner.execute("update sessions set status = 'completed', end_time = now()")
    assert await policies.read_versions(owner, AGENT) == []


@pytest.mark.one_major
async def test_old_ones_are_thinned_out(owner: asyncpg.Connection) -> None:
    now = datetime.now(UTC).replace(hour=12)
    kept = [("session", days) for days in (9, 8, 6, 6, 5, 5)] + [("session", 1)] * 8
    kept += [("hand", 400), ("restore", 31), ("merge", 29)]
    await owner.executemany(
        f"insert into {VERSIONS} values ($1, $2, $3, $4, 'x', null, null, 0, 0, 0)",
        [(AGENT, n, now - timedelta(days=days), why) for n, (why, days) in enumerate(kept, 1)],
    )
    await keep(owner)
    left = [version.number for version in await policies.read_versions(owner, AGENT)]
    assert left == [18, 17, 15, 14, 13, 12, 11, 10, 9, 6, 4]


@pytest.mark.one_major
async def test_keeping_one_thins_out_no_other_agent_types(owner: asyncpg.Connection) -> None:
    for agent_type in (AGENT, OTHER):
        for number, reason in enumerate(("merge", "import", "restore", "hand", "session"), 1):
            await owner.execute(
                f"insert into {VERSIONS} values"
                " ($1, $2, now() - interval '31 days', $3, 'x', null, null, 0, 0, 0)",
                agent_type,
                number,
                reason,
            )
    assert await keep(owner) == 6
    for agent_type, numbers in ((AGENT, [6, 5, 4]), (OTHER, [5, 4, 3, 2, 1])):
        kept = await policies.read_versions(owner, agent_type)
        assert [version.number for version in kept] == numbers


# -- while agents learn ------------------------------------------------------------------------

UPSERT = "select upsert_q_value('test-generator', $1, $2::text::jsonb, $3, $4::text::jsonb, $5)"


@pytest.mark.one_major
async def test_keeping_makes_nobody_wait(database: Database, owner: asyncpg.Connection) -> None:
    async with connect(database.url(f"ql_{AGENT}")) as agent, owner.transaction():
        await keep(owner)
        async with asyncio.timeout(60):
            await agent.fetchval(UPSERT, "s2", "null", "a1", '"left"', 1.0)
            await agent.fetchval(UPSERT, "new", "0", "a1", '"left"', 1.0)


@pytest.mark.one_major
async def test_what_agents_learn_meanwhile_is_not_lost(
    database: Database, owner: asyncpg.Connection
) -> None:
    await keep(owner)
    await owner.execute(
        "update q_values set q_value = 50, visit_count = 50 where action_hash = 'a1'"
    )
    await owner.execute("delete from q_values where state_hash = 's3'")
    async with (
        connect(database.url(f"ql_{AGENT}")) as agent,
        connect(database.url(f"ql_{AGENT}")) as second,
    ):
        restoring = owner.transaction()
        await restoring.start()
        await policies.restore(owner, AGENT, 1)
        waiting = asyncio.create_task(agent.fetchval(UPSERT, "s2", "null", "a1", '"left"', 60.0))
        # new pairs go past it
        await second.fetchval(UPSERT, "s4", "4", "a1", '"left"', 4.0)
        assert not waiting.done()
        await restoring.commit()
        await waiting
    row = await owner.fetchrow(
        "select q_value, visit_count from q_values where state_hash = 's2' and action_hash = 'a1'"
    )
    assert row is not None
    assert tuple(row) == (60, 2)  # what was restored, and one visit more
    found = await policies.compare(owner, AGENT, 1, None)
    assert (found.made, found.lost, found.changed) == (1, 0, 1)


@pytest.mark.one_major
async def test_a_pair_that_comes_back_by_itself_stays_as_it_was_learned(
    database: Database, owner: asyncpg.Connection
) -> None:
    await keep(owner)
    await owner.execute("delete from q_values where state_hash = 's2'")
    async with connect(database.url(f"ql_{AGENT}")) as agent:
        learning = agent.transaction()
        await learning.start()
        await agent.fetchval(UPSERT, "s2", "null", "a1", '"left"', 60.0)
        async with owner.transaction():
            restoring = asyncio.create_task(policies.restore(owner, AGENT, 1))
            blocked = "select count(*) from pg_locks where not granted"
            async with asyncio.timeout(60):
                while not await agent.fetchval(blocked):
                    pass
            await learning.commit()
            done = await restoring
    assert (done.returned, done.stayed) == (2, 1)
    assert (
        await owner.fetchval(
            "select q_value from q_values where state_hash = 's2' and action_hash = 'a1'"
        )
        == 60
    )


@pytest.mark.one_major
async def test_two_that_keep_at_once_have_numbers_of_their_own(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with connect(database.owner) as other:
        async with owner.transaction():
            first = await keep(owner)
            second = asyncio.create_task(keep(other))
            async with asyncio.timeout(60):
                while not await owner.fetchval("select count(*) from pg_locks where not granted"):
                    pass
        assert (first, await second) == (1, 2)


@pytest.mark.one_major
async def test_the_panels_login_keeps_and_restores_and_is_told_of(
    database: Database, owner: asyncpg.Connection
) -> None:
    before = await learned(owner)
    async with connect(database.url("qlpanel_test")) as panel, panel.transaction():
        await panel.execute("select set_config('app.panel_user', 'ada', true)")
        number = await keep(panel)
        await panel.execute("update q_values set q_value = 3 where agent_type = $1", AGENT)
        await policies.restore(panel, AGENT, number)
    assert await learned(owner) == before
    assert {version.who for version in await policies.read_versions(owner, AGENT)} == {"ada"}
    async with connect(database.url("qlpanel_test")) as panel:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await panel.execute(f"update {PARTS} set q_values = '{{}}'")

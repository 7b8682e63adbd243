"""What merging and restoring do to each column of a pair, and what they compare."""

import asyncpg
import pytest

from qlmodels import policies
from qlmodels.policies import NoSuchVersion, NotMergeable
from tests.policies.conftest import AGENT, OTHER

pytestmark = pytest.mark.one_major

PAIRS = """
delete from q_values;
update agent_types set retention_days = case agent_type when 'quality-gate' then 7 else 60 end;
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value,
                      visit_count, confidence_score, uncertainty, td_error, last_updated,
                      metadata)
values ('test-generator', 'more', '1', 'a', '1', 10, 30, 0.9, 0.2, 0.5, '2020-01-01', '{"g": 1}'),
       ('test-generator', 'less', '1', 'a', '1', 20, 10, 0.8, 0.1, 0.25, '2020-01-01+00', '{}'),
       ('test-generator', 'none', '1', 'a', '1', 30, 0, 0.5, 0.5, null, '2020-01-01+00', '{}'),
       ('test-generator', 'new', '1', 'a', '1', 5, 3, 0.6, 0.4, -1, '2020-01-01+00', '{"g": 2}'),
       ('quality-gate', 'more', '1', 'a', '1', 2, 10, 0.6, 0.4, 1, '2020-01-01+00', '{"h": 1}'),
       ('quality-gate', 'less', '1', 'a', '1', 4, 30, 0.6, 0.05, 2, '2020-01-01+00', '{"h": 2}'),
       ('quality-gate', 'none', '1', 'a', '1', 6, 0, 0.5, 0.5, 3, '2020-01-01+00', '{"h": 3}');
"""
FOUND = """
select state_hash, q_value, visit_count, confidence_score, uncertainty, td_error, metadata,
       case when last_updated > now() - interval '1 hour'
            then (expires_at - last_updated)::text end as lives
  from q_values
 where agent_type = 'quality-gate'
 order by state_hash
"""
NEW = ("new", 5, 3, 0.6, 0.4, -1, '{"g": 2}', "7 days")


@pytest.mark.parametrize(
    ("rule", "changed", "rows"),
    [
        (
            "weighted",
            2,
            [
                ("less", 8, 40, 0.7, 0, 2, '{"h": 2}', "7 days"),
                ("more", 8, 40, 0.9, 0.1, 0.5, '{"h": 1}', "7 days"),
                NEW,
                ("none", 6, 0, 0.5, 0.5, 3, '{"h": 3}', None),
            ],
        ),
        (
            "visited",
            1,
            [
                ("less", 4, 30, 0.6, 0.05, 2, '{"h": 2}', None),
                ("more", 10, 30, 0.9, 0.2, 0.5, '{"h": 1}', "7 days"),
                NEW,
                ("none", 6, 0, 0.5, 0.5, 3, '{"h": 3}', None),
            ],
        ),
    ],
)
async def test_merging(
    owner: asyncpg.Connection,
    rule: policies.MergeRule,
    changed: int,
    rows: list[tuple[object, ...]],
) -> None:
    await owner.execute(PAIRS)
    async with owner.transaction():
        done = await policies.merge(owner, AGENT, OTHER, rule)
    assert (done.pairs, done.made, done.changed, done.stayed) == (4, 1, changed, 0)
    found = [tuple(row) for row in await owner.fetch(FOUND)]
    assert found == [
        tuple(pytest.approx(one) if isinstance(one, float) else one for one in row) for row in rows
    ]


@pytest.mark.parametrize("document", ["state_data", "action_data"])
async def test_pairs_that_clash_stop_all_of_a_merge(
    owner: asyncpg.Connection, document: str
) -> None:
    await owner.execute(PAIRS)
    await owner.execute(
        f"update q_values set {document} = '2' where agent_type = $1 and state_hash = 'none'", AGENT
    )
    before = await owner.fetch(FOUND)
    with pytest.raises(NotMergeable, match="both have the pair 'none', 'a'"):
        async with owner.transaction():
            await policies.merge(owner, AGENT, OTHER, "overwrite")
    assert await owner.fetch(FOUND) == before


@pytest.mark.parametrize(
    ("one", "other", "fits"),
    [("x", None, True), (None, "x", True), ("x", "x", True), ("x", "y", False)],
)
async def test_environments_that_fit(
    owner: asyncpg.Connection, one: str | None, other: str | None, fits: bool
) -> None:
    await owner.execute(PAIRS)
    for agent_type, environment in ((AGENT, one), (OTHER, other)):
        await owner.execute(
            "update agent_types set environment = $2 where agent_type = $1", agent_type, environment
        )
    if fits:
        assert (await policies.preview_merge(owner, AGENT, OTHER)).pairs == 4
    else:
        with pytest.raises(NotMergeable, match="'x' and quality-gate in 'y'"):
            await policies.preview_merge(owner, AGENT, OTHER)


RESTORED = """
select state_hash || action_hash as pair, last_updated = '2026-01-01 00:00:00.000001+00' as is_old,
       session_id is not null as has_session, expires_at > now() + interval '29 days' as lives_on
  from q_values where agent_type = $1 and state_hash = 's1' order by 1
"""


@pytest.mark.parametrize("is_taken", [False, True])
async def test_restoring_a_pair_that_is_gone_and_one_that_changed(
    owner: asyncpg.Connection, is_taken: bool
) -> None:
    """With its number or, where that is taken, another; with its session; and it lives on."""
    await policies.keep(owner, AGENT)
    number = await owner.fetchval(
        "delete from q_values where state_hash = 's1' and action_hash = 'a1' returning q_value_id"
    )
    await owner.execute(
        "update q_values set q_value = 9, expires_at = now() where state_hash = 's1'"
    )
    if is_taken:
        await owner.execute(
            "insert into q_values (agent_type, q_value_id, state_hash, state_data, action_hash,"
            " action_data) overriding system value values ($1, $2, 'taken', '1', 'a', '1')",
            AGENT,
            number,
        )
    async with owner.transaction():
        done = await policies.restore(owner, AGENT, 1)
    assert (done.changed, done.returned, done.removed) == (1, 1, int(is_taken))
    assert [tuple(row) for row in await owner.fetch(RESTORED, AGENT)] == [
        ("s1a1", True, True, True),
        ("s1a2", False, False, True),
    ]
    found = await owner.fetchval(
        "select q_value_id from q_values where state_hash = 's1' and action_hash = 'a1'"
    )
    assert (found == number) != is_taken


async def test_a_comparison_is_of_two_versions_that_are_there(owner: asyncpg.Connection) -> None:
    await policies.keep(owner, AGENT)
    await owner.execute("update q_values set visit_count = visit_count - 1 where state_hash = 's2'")
    found = await policies.compare(owner, AGENT, 1, None)
    assert (found.changed, found.mean_change, found.changed_pairs) == (2, 0, [])
    for before, after in ((1, 9), (9, 1), (9, None), (None, 9)):
        with pytest.raises(NoSuchVersion, match="no version 9: versions 1 are kept"):
            await policies.compare(owner, AGENT, before, after)
    await owner.execute("delete from q_values where state_hash in ('s1', 's3')")
    lost = (await policies.compare(owner, AGENT, 1, None)).lost_pairs
    assert [(pair.state_hash, pair.action_hash, pair.visits) for pair in lost] == [
        ("s3", "a2", 9),
        ("s1", "a2", 7),
        ("s1", "a1", 3),
        ("s3", "a1", 0),
    ]
    made = (await policies.compare(owner, AGENT, None, 1, limit=2)).made_pairs
    assert [(pair.state_hash, pair.action_hash) for pair in made] == [("s3", "a2"), ("s1", "a2")]


async def test_versions_are_of_one_agent_type(owner: asyncpg.Connection) -> None:
    await owner.execute(PAIRS)
    for agent_type in (AGENT, OTHER, OTHER):
        await policies.keep(owner, agent_type)
    kept = {one: await policies.read_versions(owner, one) for one in (AGENT, OTHER)}
    assert {one: [version.number for version in found] for one, found in kept.items()} == {
        AGENT: [1],
        OTHER: [2, 1],
    }
    assert list(await policies.environments_of(owner)) == [OTHER, AGENT]

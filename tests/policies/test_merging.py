"""What one agent type learned is given to another by a rule, or not at all."""

from typing import Any

import asyncpg
import pytest

from qlmodels import policies
from qlmodels.policies import MergeRule, NotMergeable
from tests.policies.conftest import AGENT, OTHER, learned

pytestmark = pytest.mark.one_major

PAIRS = """
delete from q_values;
insert into q_values (agent_type, session_id, state_hash, state_data, action_hash, action_data,
                      q_value, visit_count, confidence_score, uncertainty)
values ('test-generator', null, 's1', '1', 'a1', '1', 10, 30, 0.8, 0.2),
       ('test-generator', null, 's1', '1', 'a2', '2', 20, 10, 0.6, 0.4),
       ('test-generator', null, 's2', '2', 'a1', '1', 5, 1, 0.5, 0.5),
       ('quality-gate', null, 's1', '1', 'a1', '1', 2, 10, 0.6, 0.4),
       ('quality-gate', null, 's1', '1', 'a2', '2', 4, 10, 0.6, 0.4),
       ('quality-gate', null, 's3', '3', 'a1', '1', 6, 1, 0.5, 0.5);
"""


async def values(owner: asyncpg.Connection) -> list[tuple[Any, ...]]:
    rows = await owner.fetch(
        "select state_hash || action_hash, q_value, visit_count, confidence_score from q_values"
        " where agent_type = $1 order by state_hash, action_hash",
        OTHER,
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("rule", "changed", "s1a1", "s1a2"),
    [
        ("visited", 1, (10, 30, 0.8), (4, 10, 0.6)),
        ("weighted", 2, (8, 40, 0.9), (12, 20, 0.7)),
        ("overwrite", 2, (10, 30, 0.8), (20, 10, 0.6)),
        ("keep", 0, (2, 10, 0.6), (4, 10, 0.6)),
    ],
)
async def test_rules(
    owner: asyncpg.Connection,
    rule: MergeRule,
    changed: int,
    s1a1: tuple[float, ...],
    s1a2: tuple[float, ...],
) -> None:
    await owner.execute(PAIRS)
    giver, before = await learned(owner, AGENT), await learned(owner, OTHER)
    preview = await policies.preview_merge(owner, AGENT, OTHER, rule)
    assert (preview.pairs, preview.made, preview.changed) == (3, 1, changed)
    assert await learned(owner, OTHER) == before
    async with owner.transaction():
        done = await policies.merge(owner, AGENT, OTHER, rule)
    assert (done.made, done.changed, done.unchanged, done.stayed) == (1, changed, 2 - changed, 0)
    assert await values(owner) == [
        ("s1a1", *map(pytest.approx, s1a1)),
        ("s1a2", *map(pytest.approx, s1a2)),
        ("s2a1", 5, 1, 0.5),
        ("s3a1", 6, 1, 0.5),
    ]
    assert await learned(owner, AGENT) == giver
    async with owner.transaction():
        await policies.restore(owner, OTHER, done.before or 0)
    assert await learned(owner, OTHER) == before
    logged = await owner.fetchval(
        "select count(*) from qlmodels_private.audit_log where row_key ->> 'agent_type' = $1"
        " and table_name = 'q_values' and login = 'qlmodels_owner'",
        OTHER,
    )
    assert logged == 3 + 2 * (1 + changed)


async def test_what_cannot_be_merged_says_why(owner: asyncpg.Connection) -> None:
    async def refusal(source: str, target: str) -> str:
        with pytest.raises(NotMergeable) as refused:
            await policies.merge(owner, source, target)
        assert await learned(owner, OTHER) == before
        return str(refused.value)

    await owner.execute(PAIRS)
    before = await learned(owner, OTHER)
    assert "into itself" in await refusal(OTHER, OTHER)
    nothing = await policies.preview_merge(owner, "security-scanner", OTHER)
    assert (nothing.pairs, nothing.made, nothing.changed) == (0, 0, 0)
    await owner.execute(
        "update q_values set state_data = '\"else\"' where agent_type = $1 and state_hash = 's1'",
        AGENT,
    )
    assert "both have the pair 's1', 'a1', with different documents" in await refusal(AGENT, OTHER)
    await owner.execute(
        "update agent_types set environment = agent_type where agent_type = any ($1)",
        [AGENT, OTHER],
    )
    said = await refusal(AGENT, OTHER)
    assert "learns in environment 'test-generator' and quality-gate in 'quality-gate'" in said

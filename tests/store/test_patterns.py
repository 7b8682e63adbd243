from typing import Any
from uuid import UUID

import asyncpg
import pytest

from qlmodels.store import InvalidValue, LearningStore, UnknownReference

STATE = {
    "complexity": 3,
    "coverage": 0.7,
    "language": "python",
    "dependencies": [],
    "tags": ["a", "b"],
    "ci": {"minutes": 12, "host.name": "x"},
    "none": None,
}

MET: list[Any] = [
    None,
    {},
    {"complexity": 3},
    {"complexity": 3.0},
    {"language": "python", "coverage": 0.7},
    {"complexity": {"$lt": 5}, "coverage": {"$lt": 0.8}},
    {"complexity": {"$gte": 3, "$lte": 3}},
    {"dependencies": {"$exists": True}},
    {"missing": {"$exists": False}},
    {"none": {"$exists": True}},
    {"none": None},
    {"language": {"$in": ["go", "python"]}},
    {"language": {"$nin": ["go"]}},
    {"missing": {"$nin": ["go"]}},
    {"missing": {"$ne": 1}},
    {"complexity": {"$ne": 4}},
    {"tags": {"$contains": ["b"]}},
    {"ci.minutes": {"$gt": 10}},
    {"ci": {"$contains": {"minutes": 12}}},
    {"ci": {"minutes": 12, "host.name": "x"}},
    {"language": {"$gt": "perl"}},
    {"$or": [{"complexity": 9}, {"coverage": {"$gt": 0.5}}]},
    {"$and": [{"complexity": 3}, {"language": "python"}]},
    {"$not": {"complexity": 9}},
    {"$nor": [{"complexity": 9}, {"coverage": 1}]},
    {"dependencies": []},
]
NOT_MET: list[Any] = [
    {"complexity": 4},
    {"complexity": {"$lt": 3}},
    {"complexity": {"$gt": 3}},
    {"missing": 1},
    {"missing": {"$lt": 1}},
    {"missing": {"$eq": None}},
    {"dependencies": {"$exists": False}},
    {"language": {"$lt": 5}},
    {"language": {"$in": ["go"]}},
    {"language": {"$nin": ["python"]}},
    {"complexity": {"$gt": 1, "$lt": 2}},
    {"complexity": 3, "coverage": 0.1},
    {"tags": {"$contains": ["c"]}},
    {"ci.minutes": 13},
    {"ci.missing": 1},
    {"complexity": "3"},
    {"$or": []},
    {"$or": [{"complexity": 9}]},
    {"$and": [{"complexity": 3}, {"coverage": 1}]},
    {"$not": {"complexity": 3}},
    {"$nor": [{"complexity": 3}]},
    {"coverage": {"$in": [[0.7]]}},
]


async def test_a_pattern_applies_where_its_conditions_are_met(store: LearningStore) -> None:
    for number, conditions in enumerate(MET + NOT_MET):
        await store.remember_pattern(
            f"{number}", {"do": number}, pattern_type="test", trigger_conditions=conditions
        )
    found = {int(match.name) for match in await store.match_patterns(STATE, limit=99)}
    assert found == set(range(len(MET)))
    assert len(await store.match_patterns(STATE, limit=5)) == 5


@pytest.mark.one_major
async def test_conditions_of_somebody_else_do_not_break_the_search(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    odd = [
        "[]",
        '"text"',
        '{"$or": 1}',
        '{"$and": [1]}',
        '{"complexity": {"$like": 3}}',
        '{"$where": "1"}',
        '{"complexity": {"$in": 3}}',
        '{"complexity": {"$lt": 9, "x": 1}}',
    ]
    await pool.executemany(
        "insert into patterns (agent_type, pattern_name, pattern_type, pattern_data,"
        " trigger_conditions) values ('test-generator', $1::text, 't', '1', $1::text::jsonb)",
        [(conditions,) for conditions in odd],
    )
    assert await store.match_patterns(STATE) == []


@pytest.mark.parametrize(
    "conditions",
    [
        {"a": {"$like": 1}},
        {"$where": 1},
        {"$or": {"a": 1}},
        {"$and": [1]},
        [],
        "text",
        {"a": {"$lt": 1, "b": 2}},
        {"$not": 3},
    ],
    ids=str,
)
@pytest.mark.one_major
async def test_conditions_that_nothing_could_meet_are_refused(
    store: LearningStore, conditions: Any
) -> None:
    with pytest.raises(InvalidValue):
        await store.remember_pattern("p", 1, pattern_type="t", trigger_conditions=conditions)


@pytest.mark.one_major
async def test_a_pattern_is_remembered_once_and_learns_by_use(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    first = await store.remember_pattern(
        "retry",
        "do {it} again",
        pattern_type="template",
        category="flaky",
        trigger_conditions={"flaky": True},
        expected_outcome={"passes": 0.9},
    )
    assert first == await store.remember_pattern(
        "retry", "do {it} twice", pattern_type="template", trigger_conditions={"flaky": True}
    )
    second = await store.remember_pattern(
        "retry", "wait", pattern_type="template", version=2, parent=first
    )
    for success, reward in ((True, 1.0), (False, -2.0), (True, 4.0)):
        await store.use_pattern(first, success=success, reward=reward)
    await store.heartbeat()
    best, other = await store.match_patterns({"flaky": True})
    assert (best.pattern_id, best.data, best.category, best.expected_outcome) == (
        first,
        "do {it} twice",
        None,
        None,
    )
    assert (best.usage_count, best.success_count) == (3, 2)
    assert best.avg_reward == pytest.approx(1.0)
    assert best.confidence_score == pytest.approx(3 / 5)
    assert (other.pattern_id, other.version, other.confidence_score) == (second, 2, 0.5)
    assert await pool.fetchval("select patterns_learned from agent_states") == 2


@pytest.mark.one_major
async def test_a_pattern_of_another_agent_type_is_unknown(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    theirs = UUID(int=7)
    await owner.execute(
        "insert into patterns (agent_type, pattern_id, pattern_name, pattern_type, pattern_data)"
        " values ('quality-gate', $1, 'p', 't', '1')",
        theirs,
    )
    with pytest.raises(UnknownReference, match=str(theirs)):
        await store.use_pattern(theirs, success=True, reward=1.0)
    with pytest.raises(UnknownReference, match="parent_pattern_id"):
        await store.remember_pattern("p", 1, pattern_type="t", parent=theirs)
    assert await store.match_patterns({}) == []


@pytest.mark.one_major
async def test_what_expired_matches_nothing_and_the_most_trusted_comes_first(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    await pool.executemany(
        "insert into patterns (agent_type, pattern_name, pattern_type, pattern_data,"
        " confidence_score, avg_reward, expires_at)"
        " values ('test-generator', $1, 't', '1', $2, $3, now() + $4::text::interval)",
        [
            ("expired", 0.9, 9.0, "-1 second"),
            ("trusted", 0.8, 1.0, "1 day"),
            ("rewarded", 0.7, 5.0, None),
            ("less rewarded", 0.7, 4.0, "1 hour"),
        ],
    )
    found = [match.name for match in await store.match_patterns({})]
    assert found == ["trusted", "rewarded", "less rewarded"]


@pytest.mark.one_major
async def test_remembering_and_using_a_pattern_put_its_end_off(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    one = await store.remember_pattern("one", 1, pattern_type="a", category="x")
    ended = "update patterns set expires_at = '2020-01-01+00'"
    left = "select expires_at - now() > interval '29 days 23 hours' from patterns"
    assert await pool.fetchval(left)
    await pool.execute(ended)
    await store.use_pattern(one, success=False, reward=1.0)
    assert await pool.fetchval(left)
    await pool.execute(ended)
    await store.remember_pattern(
        "one",
        2,
        pattern_type="b",
        category="y",
        trigger_conditions={"z": 1},
        expected_outcome={"w": 2},
    )
    assert await pool.fetchval(left)
    row = await pool.fetchrow(
        "select usage_count, success_count, failure_count, confidence_score,"
        " last_used > now() - interval '1 hour', pattern_data, pattern_type, pattern_category,"
        " trigger_conditions, expected_outcome"
        " from patterns"
    )
    assert tuple(row or ()) == (
        1,
        0,
        1,
        pytest.approx(1 / 3),
        True,
        "2",
        "b",
        "y",
        '{"z": 1}',
        '{"w": 2}',
    )


@pytest.mark.one_major
async def test_patterns_count_once_for_the_instance(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    for names in (("one", "two", "one"), ("three",)):
        for name in names:
            await store.remember_pattern(name, 1, pattern_type="t")
        await store.heartbeat()
    assert await pool.fetchval("select patterns_learned from agent_states") == 3


@pytest.mark.one_major
async def test_patterns_are_found_by_what_they_hold(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    for name, data, trigger in (("aa", 1, 1), ("ab", 1, 2), ("ba", 2, 1), ("bb", 2, 2)):
        await store.remember_pattern(
            name, {"d": data}, pattern_type="t", trigger_conditions={"t": trigger}
        )
    for pattern_data, conditions, names in (
        ('{"d": 1}', None, ["aa", "ab"]),
        (None, '{"t": 1}', ["aa", "ba"]),
        ('{"d": 2}', '{"t": 1}', ["ba"]),
        (None, None, ["aa", "ab", "ba", "bb"]),
        ('{"d": 3}', None, []),
    ):
        rows = await pool.fetch(
            "select pattern_name from find_patterns($1::text::jsonb, $2::text::jsonb) order by 1",
            pattern_data,
            conditions,
        )
        assert [row[0] for row in rows] == names
    assert len(await pool.fetch("select from find_patterns(p_limit => 3)")) == 3

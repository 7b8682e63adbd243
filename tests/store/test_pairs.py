import asyncio
import random

import asyncpg
import pytest

from qlmodels.errors import UnknownAgentType
from qlmodels.store import (
    DocumentTooLarge,
    Hashed,
    InvalidValue,
    LearningStore,
    NoActions,
    Pair,
    StateMismatch,
    hashing,
)
from qlmodels.store.hashing import identify
from tests.store.conftest import AGENT

pytestmark = pytest.mark.one_major

STATE = {"module": "auth", "coverage": 0.5}


async def test_the_best_action_is_the_one_of_the_highest_value(store: LearningStore) -> None:
    assert await store.best_action(STATE) is None
    await store.upsert(STATE, "unit", 0.25)
    await store.upsert(STATE, {"kind": "property", "runs": [1, 2.5, None]}, 0.75)
    best = await store.best_action({"coverage": 0.50, "module": "auth"})
    assert best is not None
    assert best.action == {"kind": "property", "runs": [1, 2.5, None]}
    assert (best.q_value, best.confidence_score, best.visit_count) == (0.75, 0.5, 1)
    assert [known.q_value for known in await store.actions(STATE)] == [0.75, 0.25]


async def test_an_upsert_counts_visits_and_keeps_the_first_session(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    first = await store.start_session()
    number = await store.upsert(STATE, "unit", 1.0)
    await store.finish_session()
    await store.start_session()
    assert await store.upsert(STATE, "unit", 2.0) == number
    (row,) = await pool.fetch("select * from q_values")
    assert (row["session_id"], row["q_value"], row["visit_count"]) == (first, 2.0, 2)
    assert row["state_hash"] == identify(STATE, "state").hash


async def test_many_upserts_are_as_one_by_one(store: LearningStore, pool: asyncpg.Pool) -> None:
    pairs = [Pair(number % 7, "act", float(number)) for number in range(20)]
    ids = await store.upsert_many(pairs)
    assert [ids[number % 7] for number in range(20)] == ids
    rows = await pool.fetch("select state_data, q_value, visit_count from q_values order by 1")
    assert [tuple(row) for row in rows] == [
        (str(state), float(14 + state if state < 6 else 13), 3 if state < 6 else 2)
        for state in range(7)
    ]
    assert await store.upsert_many([]) == []


async def test_any_json_is_a_state(store: LearningStore) -> None:
    states = [None, True, 1, 0, False, "", "1", [], {}, [None], {"": {"é": "\U0001f600"}}, -1.5e-9]
    for number, state in enumerate(states):
        await store.upsert(state, "act", float(number))
    for number, state in enumerate(states):
        best = await store.best_action(state)
        assert best is not None
        assert best.q_value == number
    found = await store.search(limit=99)
    assert sorted(map(repr, states)) == sorted(repr(pair.state) for pair in found)


async def test_search_is_by_containment(store: LearningStore) -> None:
    await store.upsert({"module": "auth", "lines": 1}, {"do": "unit"}, 1.0)
    await store.upsert({"module": "auth", "lines": 2}, {"do": "fuzz"}, 2.0)
    await store.upsert({"module": "pay", "lines": 2}, {"do": "fuzz"}, 3.0)
    values = [pair.q_value for pair in await store.search(state_contains={"module": "auth"})]
    assert sorted(values) == [1.0, 2.0]
    both = await store.search(state_contains={"module": "auth"}, action_contains={"do": "fuzz"})
    assert [pair.state for pair in both] == [{"module": "auth", "lines": 2}]
    assert len(await store.search(action_contains={"do": "fuzz"}, limit=1)) == 1


async def test_a_hash_of_ones_own_works_as_in_the_guide(store: LearningStore) -> None:
    pair = Hashed("abc123", {"module": "auth"}), Hashed("def456", {"action": "generate_unit_test"})
    await store.upsert(*pair, 0.75)
    best = await store.best_action(Hashed("abc123"))
    assert best is not None
    assert best.action == {"action": "generate_unit_test"}
    with pytest.raises(InvalidValue, match="came without its document"):
        await store.upsert(Hashed("abc123"), "act", 1.0)


async def test_an_action_s_hash_with_another_document_is_refused(store: LearningStore) -> None:
    await store.upsert(Hashed("s", 1), Hashed("a", 1), 1.0)
    with pytest.raises(StateMismatch, match="'s', 'a'"):
        await store.upsert(Hashed("s", 1), Hashed("a", 2), 2.0)
    with pytest.raises(StateMismatch, match="'s', 'a'"):
        await store.upsert_many([Pair(Hashed("s", 1), Hashed("a", 2), 2.0)])
    best = await store.best_action(Hashed("s", 1))
    assert best is not None
    assert (best.action, best.q_value, best.visit_count) == (1, 1.0, 1)


async def test_a_hash_with_another_document_is_refused(store: LearningStore) -> None:
    await store.upsert(Hashed("s", 1), Hashed("a", 1), 1.0)
    with pytest.raises(StateMismatch, match="'s', 'a'"):
        await store.upsert(Hashed("s", 2), Hashed("a", 1), 2.0)
    with pytest.raises(StateMismatch, match="'s', 'a'"):
        await store.upsert_many([Pair("other", 1, 1.0), Pair(Hashed("s", 1), Hashed("a", 2), 2.0)])
    assert [(pair.state, pair.q_value) for pair in await store.search()] == [(1, 1.0)]


async def test_untried_actions_count_as_the_initial_value(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    await owner.execute("update agent_types set initial_q_value = 0.5")
    await store.upsert(STATE, "bad", 0.4)
    choice = await store.select_action(STATE, ["bad", "new"], epsilon=0)
    assert (choice.action, choice.q_value, choice.visit_count) == ("new", 0.5, 0)
    await store.upsert(STATE, "good", 0.6)
    assert (await store.select_action(STATE, ["bad", "good", "new"], 0)).action == "good"


async def test_ties_are_broken_at_random_and_a_seed_repeats_them(pool: asyncpg.Pool) -> None:
    async def choices(seed: int) -> list[int]:
        store = LearningStore(pool, AGENT, actions=range(4), rng=random.Random(seed))
        return [(await store.select_action("s", epsilon=0)).action for _ in range(200)]

    first = await choices(1)
    assert first == await choices(1) != await choices(2)
    assert all(30 < first.count(action) < 70 for action in range(4))


async def test_epsilon_explores_and_decays_with_episodes_only(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    await store.upsert("s", "best", 9.0)
    explored = [(await store.select_action("s", ["best", "x"], 1.0)).action for _ in range(100)]
    assert 25 < explored.count("x") < 75
    assert await store.exploration_rate() == 0.2
    for _ in range(3):
        await store.select_action("s", ["best", "x"])
        store.finish_episode(success=True, total_reward=1.0)
    expected = 0.2 * 0.995**3
    assert await store.exploration_rate() == pytest.approx(expected)
    await store.heartbeat()
    assert await store.exploration_rate() == pytest.approx(expected)
    again = LearningStore(pool, AGENT, instance=store.instance)
    assert await again.exploration_rate() == pytest.approx(expected)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "much", None])
async def test_a_value_is_a_finite_number(store: LearningStore, value: float) -> None:
    with pytest.raises(InvalidValue, match="q_value"):
        await store.upsert("s", "a", value)
    with pytest.raises(InvalidValue, match="q_value"):
        await store.upsert_many([Pair("s", "a", 1.0), Pair("s", "b", value)])
    assert await store.search() == []


@pytest.mark.parametrize(
    "state",
    [
        Hashed("h" * 65, 1),
        Hashed("", 1),
        {1: 2},
        {1, 2},
        float("nan"),
        2**60,
        "a\x00b",
        "\ud800",
        {"k\x00": 1},
        1j,
        b"bytes",
    ],
    ids=repr,
)
async def test_what_cannot_be_stored_is_refused_before_it_is_sent(
    store: LearningStore, state: object
) -> None:
    with pytest.raises(InvalidValue, match="state"):
        await store.upsert(state, "a", 1.0)
    with pytest.raises(InvalidValue):
        await store.select_action("s", [state])


async def test_escaped_text_is_no_nul(store: LearningStore) -> None:
    await store.upsert(r"a\u0000b", "act", 1.0)
    assert [pair.state for pair in await store.search()] == [r"a\u0000b"]


async def test_deep_nesting_is_refused(store: LearningStore) -> None:
    nested: list[object] = []
    nested.append(nested)
    with pytest.raises(InvalidValue, match="nested"):
        await store.upsert(nested, "act", 1.0)


async def test_a_document_that_is_too_large_is_refused(
    store: LearningStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DocumentTooLarge, match="300,000,000 bytes"):
        await store.upsert("x" * 300_000_000, "a", 1.0)
    monkeypatch.setattr(hashing, "MAX_DOCUMENT_BYTES", 1000)
    with pytest.raises(DocumentTooLarge, match="state takes"):
        await store.learn({"blob": "x" * 1000}, "a", 1.0, "s")
    with pytest.raises(DocumentTooLarge, match="batch takes"):
        await store.upsert_many([Pair("x" * 600, number, 1.0) for number in range(2)])
    assert await store.search() == []


async def test_no_action_is_no_choice(store: LearningStore) -> None:
    with pytest.raises(NoActions, match="0 actions"):
        await store.select_action("s", [])
    with pytest.raises(NoActions, match="No actions were given"):
        await store.select_action("s")


async def test_another_agent_type_is_refused(pool: asyncpg.Pool) -> None:
    for name in ("security-scanner", "nobody"):
        store = LearningStore(pool, name, actions=["a"])
        for attempt in (
            store.upsert("s", "a", 1.0),
            store.select_action("s", epsilon=0),
            store.learn("s", "a", 1.0, "s"),
            store.start_session(),
            store.exploration_rate(),
        ):
            with pytest.raises(UnknownAgentType, match=name):
                await attempt


async def test_concurrent_upserts_of_one_pair_count_every_visit(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    await asyncio.gather(*(store.upsert("s", "a", float(number)) for number in range(200)))
    assert await pool.fetchval("select visit_count from q_values") == 200


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("q_value", "'NaN'", "q_value and td_error must be finite"),
        ("td_error", "'-Infinity'", "q_value and td_error must be finite"),
        ("confidence_score", "1.5", "between 0 and 1"),
        ("uncertainty", "'NaN'", "between 0 and 1"),
        ("visit_count", "-1", "visit_count must be at least 0"),
    ],
)
async def test_what_a_domain_refuses_is_told_by_its_rule(
    store: LearningStore, pool: asyncpg.Pool, column: str, value: str, rule: str
) -> None:
    await store.upsert(STATE, "unit", 1.0)
    with pytest.raises(InvalidValue, match=rule):
        await store._run(
            "test",
            lambda connection: connection.execute(f"update q_values set {column} = {value}"),
            repeatable=False,
        )
    assert await pool.fetchval("select q_value from q_values") == 1.0

"""Any value in any argument of any operation: taken by all alike, or refused in words of ours."""

import asyncio
import copy
import hashlib
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qlmodels.connection import connect, create_pool
from qlmodels.embedded import DATABASE
from qlmodels.errors import QLModelsError
from qlmodels.store import InvalidValue, LearningStore
from qlmodels.store.plain import shown
from tests.conftest import Cluster, fresh_database
from tests.store.conftest import AGENT
from tests.store.operations import OPERATIONS, Operation, reset, rows
from tests.store.test_arguments import spelled
from tests.store.values import ANYTHING, DOCUMENTS, LEGAL, SPECIAL, TAKEN, Given
from tests.support import arguments as table

pytestmark = pytest.mark.one_major

FAMILIES: list[tuple[str, ...]] = [
    ("learn", "learn_from", "learn_and_select", "learn_many", "buffered learn"),
    ("upsert", "upsert_many", "buffered upsert"),
    ("record", "record_many"),
    ("record_rewards", "buffered record_reward"),
]
"""Operations that store the same of the same arguments."""

ALONE: list[tuple[str, ...]] = [
    (name,) for name in OPERATIONS if all(name not in family for family in FAMILIES)
]
GROUPS = FAMILIES * 4 + ALONE

LIMIT_S = 120.0
"""Seconds that an operation may take on a machine that does a lot else."""

VALID_SHARE = 0.3
EXAMPLES = [200, pytest.param(10_000, marks=pytest.mark.slow)]


@dataclass(frozen=True)
class Call:
    """Arguments for each of a group of operations; `odd` may be refused."""

    group: Sequence[str]
    arguments: dict[str, Any]
    odd: frozenset[str]

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={shown(value)}" for name, value in self.arguments.items())
        return f"{self.group}: {values}; odd: {sorted(self.odd)}"


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Some arguments changed, to values that they take, and in half of the calls to any values."""
    group = draw(st.sampled_from(GROUPS))
    operation = OPERATIONS[group[0]]
    names = sorted(operation.arguments)
    if not names:
        return Call(group, {}, frozenset())
    odd = draw(st.one_of(st.just(frozenset()), st.frozensets(st.sampled_from(names), max_size=2)))
    changed = draw(st.frozensets(st.sampled_from(names), max_size=4)) - odd
    arguments = {name: draw(_taken(operation, name)) for name in sorted(changed)}
    if "next_policy" in changed:
        arguments["next_actions"] = list(LEGAL)
    if "terminated" in changed | odd:
        group = tuple(name for name in group if name != "learn_and_select")
    arguments |= {name: draw(ANYTHING) for name in sorted(odd)}
    return Call(group, arguments, odd)


def _taken(operation: Operation, argument: str) -> st.SearchStrategy[Any]:
    place = operation.builds.__name__ if operation.builds else operation.method
    for name in (f"{place}.{argument}", argument):
        if name in SPECIAL:
            return SPECIAL[name]
    return TAKEN[table.kind_of(place, argument)]


@dataclass
class World:
    """A database for all examples, and what became of them."""

    owner: asyncpg.Connection
    pool: asyncpg.Pool
    outcomes: list[bool] = field(default_factory=list)

    async def run(self, name: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
        """Run one operation on fresh rows; the rows that it leaves. Raises errors of ours only."""
        operation = OPERATIONS[name]
        await reset(self.owner)
        store = LearningStore(self.pool, AGENT, actions=["a"], rng=random.Random(1))
        try:
            async with asyncio.timeout(LIMIT_S):
                await operation.run(store, **dict(operation.arguments) | arguments)
        finally:
            assert await self.pool.fetchval("select 1", timeout=LIMIT_S) == 1
            assert await self._transactions() == 0
        return await rows(self.owner)

    async def _transactions(self) -> int:
        """Sessions of the agent that are in a transaction though nothing runs."""
        number = await self.owner.fetchval(
            "select count(*) from pg_stat_activity"
            " where usename = $1 and state like 'idle in transaction%'",
            f"ql_{AGENT}",
        )
        return int(number or 0)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def world(cluster: Cluster, runner: asyncio.Runner) -> Iterator[World]:
    stack = AsyncExitStack()

    async def enter() -> World:
        database = await stack.enter_async_context(fresh_database(cluster, f"template {DATABASE}"))
        return World(
            await stack.enter_async_context(connect(database.owner)),
            await stack.enter_async_context(create_pool(database.url(f"ql_{AGENT}"))),
        )

    try:
        yield runner.run(enter())
    finally:
        runner.run(stack.aclose())


def fuzzed(examples: int) -> Any:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=examples < 10_000,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@pytest.mark.parametrize("examples", EXAMPLES)
def test_any_value_is_taken_by_all_alike_or_refused_in_words_of_ours(
    world: World, runner: asyncio.Runner, examples: int
) -> None:
    def judge(call: Call) -> None:
        world.outcomes.append(runner.run(_is_taken(world, call)))

    fuzzed(examples)(given(calls())(judge))()
    assert sum(world.outcomes) >= VALID_SHARE * len(world.outcomes)


async def _is_taken(world: World, call: Call) -> bool:
    found: list[Mapping[str, Any]] = []
    errors: list[QLModelsError] = []
    for name in call.group:
        try:
            found.append(await world.run(name, _again(call.arguments)))
        except QLModelsError as error:
            errors.append(error)
            _judge_error(call, name, error)
    assert not errors or call.odd, (call, errors)
    assert not (found and errors), (call, errors)
    assert all(stored == found[0] for stored in found), call
    assert len({isinstance(error, InvalidValue) for error in errors}) < 2, (call, errors)
    return not errors


def _again(arguments: dict[str, Any]) -> dict[str, Any]:
    """The same arguments, where an iterator among them begins at its beginning."""
    return {
        name: copy.copy(value) if isinstance(value, Iterator) else value
        for name, value in arguments.items()
    }


def _judge_error(call: Call, name: str, error: QLModelsError) -> None:
    text = str(error)
    text.encode()
    assert text.endswith("."), (call, text)
    if isinstance(error, InvalidValue):
        names = [spelled(name, argument) for argument in call.odd]
        assert any(re.search(each, text) for each in names), (name, call, text)


@pytest.mark.parametrize("examples", [60, pytest.param(2_000, marks=pytest.mark.slow)])
def test_a_document_is_stored_and_hashed_the_same_by_every_operation(
    world: World, runner: asyncio.Runner, examples: int
) -> None:
    def judge(state: Given, action: Given) -> None:
        runner.run(_stored_alike(world, state, action))

    fuzzed(examples)(given(DOCUMENTS, DOCUMENTS)(judge))()


async def _stored_alike(world: World, state: Given, action: Given) -> None:
    hashes = tuple(
        hashlib.sha256(rfc8785.dumps(given.plain)).hexdigest() for given in (state, action)
    )
    arguments = {"state": state.value, "action": action.value}
    documents = set()
    for name in (*FAMILIES[0], *FAMILIES[1], "nudge_many"):
        await world.run(name, arguments)
        (row,) = await world.pool.fetch(
            "select state_hash, action_hash, state_data::text, action_data::text from q_values"
        )
        assert tuple(row)[:2] == hashes, (name, arguments)
        documents.add(tuple(row)[2:])
    for name in FAMILIES[3]:
        await world.run(name, arguments)
        (row,) = await world.pool.fetch("select state_hash, action_hash from rewards")
        assert tuple(row) == hashes, (name, arguments)
    for name in (*FAMILIES[2], "buffered record"):
        await world.run(name, {"states": [state.value, state.value], "actions": [action.value]})
        (row,) = await world.pool.fetch(
            "select states_visited -> 0, states_visited -> 1, actions_taken -> 0, initial_state,"
            " final_state from trajectories where task_id = 'task'"
        )
        (first, second, taken, initial, final) = row
        assert {first, second, initial, final} == {first}, (name, arguments)
        documents.add((first, taken))
    assert len(documents) == 1, (arguments, documents)

"""What each argument takes is the same in every operation, and is what docs/reference.md says."""

import enum
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import numpy as np
import pytest
import pytest_asyncio

from qlmodels.connection import connect, create_pool
from qlmodels.embedded import DATABASE
from qlmodels.store import Document, Episode, InvalidValue, LearningStore, Transition
from qlmodels.store.hashing import identify, parse
from tests.conftest import Cluster, Database, fresh_database
from tests.store.conftest import AGENT
from tests.store.operations import (
    BEGAN,
    EPISODE,
    OPERATIONS,
    PATTERN,
    SESSION,
    TRAJECTORY,
    Operation,
    reset,
    rows,
)
from tests.store.samples import BAD, DOCUMENTS, GOOD
from tests.support import arguments as table

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]


KEYS = {"session": SESSION, "trajectory_id": TRAJECTORY, "parent": PATTERN}
"""Of rows that are there, for arguments that are None by default."""

SPELLED = {
    "actions": "action",
    "replay by": "by=",
    "rewards": "reward",
    "states": "state",
    "update_priorities trajectory_id": "trajectory_id|priorities",
    "next_policy": "next_policy|temperature",
}
"""How messages name arguments of which one element is wrong, or that are no nouns."""


def spelled(name: str, argument: str) -> str:
    return SPELLED.get(f"{name} {argument}") or SPELLED.get(argument, argument)


def kind_of(operation: Operation, argument: str) -> table.Kind:
    place = operation.builds.__name__ if operation.builds else operation.method
    return table.kind_of(place, argument)


def _member(value: Any) -> Any:
    class Member(enum.Enum):
        ONLY = value

    return Member.ONLY


def good(operation: Operation, argument: str) -> list[tuple[Any, Any]]:
    """Values, and the plain ones that they stand for."""
    kind = kind_of(operation, argument)
    if operation.method == "learn_and_select" and argument == "terminated":
        return [(np.bool_(False), False)]
    if kind is not table.KEY:
        return GOOD[kind]
    key = operation.arguments[argument] or KEYS[argument]
    return [(_member(key), key)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(cluster: Cluster) -> AsyncIterator[Database]:
    async with fresh_database(cluster, f"template {DATABASE}") as database:
        yield database


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def owner(world: Database) -> AsyncIterator[asyncpg.Connection]:
    async with connect(world.owner) as connection:
        yield connection


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pool(world: Database) -> AsyncIterator[asyncpg.Pool]:
    async with create_pool(world.url(f"ql_{AGENT}")) as pool:
        yield pool


@pytest.fixture
def store(pool: asyncpg.Pool) -> LearningStore:
    return LearningStore(pool, AGENT, actions=["a"])


async def written(
    pool: asyncpg.Pool, owner: asyncpg.Connection, operation: Operation, changes: Any
) -> dict[str, list[str]]:
    await reset(owner)
    store = LearningStore(pool, AGENT, actions=["a"])
    await operation.run(store, **dict(operation.arguments) | changes)
    return await rows(owner)


@pytest.mark.parametrize("share", [6, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", OPERATIONS)
async def test_what_stands_for_a_plain_value_is_stored_as_it(
    pool: asyncpg.Pool, owner: asyncpg.Connection, name: str, share: int
) -> None:
    """All arguments of an operation at once, each of another value at each call."""
    operation = OPERATIONS[name]
    samples = {argument: good(operation, argument) for argument in operation.arguments}
    if "next_actions" in samples:  # whose actions are the legal ones
        samples["next_actions"] = [(np.array(["a", "b"]), ["a", "b"])]
    for number in range(max(map(len, samples.values()), default=0) // share):
        chosen = {name: pairs[number % len(pairs)] for name, pairs in samples.items() if pairs}
        plain = {name: pair[1] for name, pair in chosen.items()}
        expected = await written(pool, owner, operation, plain)
        given = {name: pair[0] for name, pair in chosen.items()}
        assert await written(pool, owner, operation, given) == expected, given


@pytest.mark.parametrize("name", OPERATIONS)
async def test_what_an_argument_does_not_take_is_named_and_nothing_is_written(
    store: LearningStore, owner: asyncpg.Connection, name: str
) -> None:
    operation = OPERATIONS[name]
    await reset(owner)
    before = await rows(owner)
    for argument in operation.arguments:
        for value in BAD[kind_of(operation, argument)]:
            with pytest.raises(InvalidValue, match=spelled(name, argument)) as caught:
                await operation.run(store, **dict(operation.arguments) | {argument: value})
            assert str(caught.value).endswith("."), value
    assert await rows(owner) == before


async def test_every_argument_is_tried() -> None:
    tried = {
        (operation.builds.__name__ if operation.builds else operation.method): set(
            operation.arguments
        )
        for operation in OPERATIONS.values()
    }
    for operation, arguments in table.operations():
        assert all(table.kind_of(operation, argument) for argument in arguments)
        taken = {name for name in arguments if table.kind_of(operation, name) not in INDIRECT}
        if operation not in {"record", "record_many", "learn_and_select"}:  # see below
            assert tried.get(operation, set()) >= taken, operation
    assert {operation.method for operation in OPERATIONS.values()} >= {
        name for name, _ in table.operations() if name not in (*table.RECORDS, "within")
    } - {"buffered.flush"}


INDIRECT = (table.RECORD, table.LIST, table.PRIORITIES, table.SESSION)
"""Kinds whose values hold other arguments."""

RECORDS = [
    (operation, argument)
    for operation, arguments in table.operations()
    for argument in arguments
    if table.kind_of(operation, argument) in INDIRECT
]


@pytest.mark.parametrize(("operation", "argument"), RECORDS)
async def test_records_are_records(store: LearningStore, operation: str, argument: str) -> None:
    async def give(value: Any) -> None:
        if not operation.startswith("buffered."):
            await getattr(store, operation)(value)
            return
        async with store.buffered() as buffer:
            await (await getattr(buffer, operation.removeprefix("buffered."))(value))

    for value in (None, 1, "x", [1], object()):
        with pytest.raises(InvalidValue, match=argument):
            await give(value)


@pytest.mark.parametrize(
    ("operation", "argument", "value"),
    [
        ("record", "rewards", 1),
        ("record_many", "rewards", "x"),
        ("learn_and_select", "epsilon", "0"),
    ],
)
async def test_arguments_beside_a_record_are_checked_too(
    store: LearningStore, operation: str, argument: str, value: Any
) -> None:
    records: dict[str, Any] = {
        "record": Episode(**EPISODE),
        "record_many": [Episode(**EPISODE)],
        "learn_and_select": Transition(**OPERATIONS["learn_from"].arguments),
    }
    with pytest.raises(InvalidValue, match=argument):
        await getattr(store, operation)(records[operation], **{argument: value})


async def test_a_document_hashes_like_the_plain_one() -> None:
    for value, plain in DOCUMENTS:
        assert identify(value, "state") == identify(plain, "state"), value


@pytest.mark.parametrize("value", [1e22, 1e300, -1e300, 5e-324, 2**53 - 1, 123456789012345680.0])
async def test_a_document_that_was_read_hashes_as_it_did(
    store: LearningStore, owner: asyncpg.Connection, value: float
) -> None:
    await reset(owner)
    await store.upsert([value], value, 1.0)
    (found,) = await store.actions([value])
    assert identify(found.action, "") == identify(value, "")
    stored: str = str(await owner.fetchval("select state_data::text from q_values"))
    assert identify(parse(stored), "") == identify([value], "")


async def test_a_prepared_state_is_taken_wherever_a_state_is(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    prepared = store.prepare({"at": np.int64(1)})
    assert isinstance(prepared, Document)
    for name, operation in OPERATIONS.items():
        if "state" in operation.arguments and name != "search":
            expected = await written(pool, owner, operation, {"state": {"at": 1}})
            assert await written(pool, owner, operation, {"state": prepared}) == expected, name


async def test_an_array_is_taken_for_the_lists_of_an_episode(
    pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    lists = {"states": [[0, 1], [1, 1]], "actions": [2], "rewards": [0.5]}
    arrays = {name: np.array(value) for name, value in lists.items()}
    operation = OPERATIONS["record"]
    expected = await written(pool, owner, operation, lists)
    assert await written(pool, owner, operation, arrays) == expected


async def test_an_episode_may_take_longer_than_a_column_of_milliseconds(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    await reset(owner)
    ended = BEGAN + timedelta(days=400)
    await OPERATIONS["record"].run(store, **dict(EPISODE) | {"completed_at": ended})
    row = await owner.fetchrow(
        "select execution_time_ms, completed_at - started_at from trajectories"
        " where task_id = 'task'"
    )
    assert row is not None
    assert tuple(row) == (2**31 - 1, timedelta(days=400))

"""Documents that are changed in place are stored, and only those."""

import copy
import gc
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import configure_mappers
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from qlmodels import Pattern
from qlmodels.connection import engine_at
from tests.conftest import Database
from tests.tables.test_idioms import ROWS

configure_mappers()
DOCUMENT: dict[str, Any] = {
    "a": 1,
    "list": [3, 1, 2, {"in": {"deep": [0]}}],
    "inner": {"b": {"c": 2}},
    "exact": [2**70, 0.1, -1e15, 5e-324, 1 / 3],
}
CHANGES: dict[str, Callable[[Any], object]] = {
    "set": lambda d: d.__setitem__("b", 2),
    "set deep": lambda d: d["inner"]["b"].__setitem__("c", [1, {"new": 1}]),
    "set in a list": lambda d: d["list"].__setitem__(0, {"x": 1}),
    "set in a dict in a list": lambda d: d["list"][3]["in"].__setitem__("deep", 7),
    "set within what was set": lambda d: (
        d.__setitem__("b", {"c": []}),
        d["b"]["c"].append(1),
    ),
    "set what is of the document": lambda d: d.__setitem__("again", d["inner"]),
    "delete": lambda d: d.__delitem__("a"),
    "delete deep": lambda d: d["inner"]["b"].__delitem__("c"),
    "clear": lambda d: d.clear(),
    "pop": lambda d: d.pop("a"),
    "pop another": lambda d: (d.pop("none", None), d.pop("inner")["b"].clear()),
    "popitem": lambda d: d.popitem(),
    "setdefault": lambda d: d.setdefault("new", []).append(1),
    "update": lambda d: d.update({"a": 2}, z=[{}]),
    "update from pairs": lambda d: d.update([("a", 2)]),
    "in-place or": lambda d: d.__ior__({"z": {}}),
    "append": lambda d: d["list"].append({"x": [1]}),
    "append within": lambda d: d["list"][3]["in"]["deep"].append(1),
    "extend": lambda d: d["list"].extend(iter([1, [2]])),
    "in-place add": lambda d: d["list"].__iadd__([1]),
    "in-place times": lambda d: d["list"].__imul__(2),
    "insert": lambda d: d["list"].insert(1, []),
    "pop of a list": lambda d: d["list"].pop(),
    "pop first": lambda d: d["list"].pop(0),
    "remove": lambda d: d["list"].remove(1),
    "clear a list": lambda d: d["list"].clear(),
    "delete a slice": lambda d: d["list"].__delitem__(slice(1, 3)),
    "set a slice": lambda d: d["list"].__setitem__(slice(0, 2), [[], {}, 5]),
    "sort": lambda d: d["exact"].sort(key=abs, reverse=True),
    "reverse": lambda d: d["list"].reverse(),
}
EACH_CHANGE = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
DOCUMENTS = [
    (row, part.key)
    for row in ROWS
    for part in inspect(row).column_attrs
    if isinstance(part.columns[0].type, JSONB)
]


def pattern(document: Any) -> Pattern:
    return Pattern(**ROWS[Pattern] | {"pattern_data": document})


async def store(database: Database, *rows: Any) -> None:
    async with engine_at(database.superuser) as engine, AsyncSession(engine) as session:
        session.add_all(rows)
        await session.commit()


@EACH_CHANGE
def test_a_document_changes_as_a_plain_one_does(change: Callable[[Any], object]) -> None:
    row, plain = pattern(DOCUMENT), copy.deepcopy(DOCUMENT)
    change(row.pattern_data)
    change(plain)
    assert row.pattern_data == plain
    assert row.model_dump()["pattern_data"] == plain
    assert json.dumps(row.pattern_data) == json.dumps(plain)


async def test_every_change_is_stored(database: Database) -> None:
    rows = {name: pattern(DOCUMENT) for name in CHANGES}
    for number, row in enumerate(rows.values(), 1):
        row.version = number
    await store(database, *rows.values())
    expected = {}
    async with engine_at(database.superuser) as engine:
        for number, change in enumerate(CHANGES.values(), 1):
            async with AsyncSession(engine) as session:
                query = select(Pattern).where(Pattern.version == number)
                expected[number] = copy.deepcopy((await session.exec(query)).one().pattern_data)
                change(expected[number])
                change((await session.exec(query)).one().pattern_data)
                gc.collect()
                await session.commit()
        async with AsyncSession(engine) as session:
            found = {row.version: row.pattern_data for row in await session.exec(select(Pattern))}
    assert found == expected


@pytest.mark.parametrize(
    ("row", "name"), DOCUMENTS, ids=lambda part: getattr(part, "__name__", part)
)
def test_every_document_of_every_class_is_followed(row: Any, name: str) -> None:
    made = row(**ROWS[row])
    state = inspect(made)
    state._commit_all(state.dict)
    empty: Any = {"hyperparameters": {}, "actions_taken": [[]], "legal_actions": [[]]}
    setattr(made, name, empty.get(name, []))
    state._commit_all(state.dict)
    assert not state.modified
    if name == "hyperparameters":
        getattr(made, name)["changed"] = True
    else:
        getattr(made, name).append([])
    assert state.attrs[name].history.has_changes()


async def test_a_row_that_is_only_read_is_not_written(database: Database) -> None:
    await store(database, *(row(**ROWS[row]) for row in ROWS if row.__name__ != "AgentType"))
    async with engine_at(database.superuser) as engine, AsyncSession(engine) as session:
        for row in ROWS:
            for found in await session.exec(select(row)):
                found.model_dump_json()
                for name in row.model_fields:
                    copy.deepcopy(getattr(found, name))
        assert not session.dirty


async def test_what_was_stored_can_be_changed_again(database: Database) -> None:
    """After a flush, a commit, a refresh and a merge into another session."""
    async with engine_at(database.superuser) as engine:
        async with AsyncSession(engine) as session:
            row = pattern({})
            session.add(row)
            row.pattern_data["new"] = 1
            await session.flush()
            row.pattern_data["flushed"] = 1
            await session.commit()
            await session.refresh(row)
            row.pattern_data["refreshed"] = 1
            await session.commit()
            await session.refresh(row)
        unpickled = pickle.loads(pickle.dumps(row))  # noqa: S301
        async with AsyncSession(engine) as session:
            session.add(unpickled)
            unpickled.pattern_data["unpickled"] = 1
            await session.commit()
            await session.refresh(unpickled)
        async with AsyncSession(engine) as session:
            unpickled.pattern_data["detached"] = 1
            merged = await session.merge(unpickled)
            merged.pattern_data["merged"] = 1
            await session.commit()
        async with AsyncSession(engine) as session:
            found = (await session.exec(select(Pattern))).one().pattern_data
    expected = ["detached", "flushed", "merged", "new", "refreshed", "unpickled"]
    assert sorted(found) == expected


async def test_a_document_of_before_a_commit_is_refused(database: Database) -> None:
    """Its change would be stored nowhere."""
    async with engine_at(database.superuser) as engine, AsyncSession(engine) as session:
        row = pattern({"a": []})
        session.add(row)
        await session.flush()
        stale = row.pattern_data
        await session.commit()
        with pytest.raises(InvalidRequestError, match=r"Read Pattern\.pattern_data again"):
            stale["a"].append(1)
        await session.refresh(row)
        with pytest.raises(InvalidRequestError, match=r"Read Pattern\.pattern_data again"):
            stale["b"] = 1
        assert row.pattern_data == stale == {"a": []}


def test_what_was_replaced_is_a_document_of_no_row() -> None:
    row, other = pattern({"a": []}), pattern({})
    former = row.pattern_data
    other.pattern_data = former
    row.pattern_data = {}
    former["a"].append(1)
    assert (former, row.pattern_data, other.pattern_data) == ({"a": [1]}, {}, {"a": []})


@pytest.mark.parametrize(
    "value", [float("nan"), {1}, "\x00", object(), {"a": float("inf")}, {1: 2}]
)
def test_what_cannot_be_stored_is_refused_where_it_is_put(value: Any) -> None:
    row = pattern({"list": []})
    changes: list[Callable[[], object]] = [
        lambda: row.pattern_data.__setitem__("a", value),
        lambda: row.pattern_data["list"].append(value),
        lambda: row.pattern_data.update(a=value),
    ]
    for change in changes:
        with pytest.raises(ValidationError, match=r"for Pattern\npattern_data"):
            change()
    assert row.pattern_data == {"list": []}


def test_copies_are_plain_and_no_rows() -> None:
    row = pattern(DOCUMENT)
    for copied in (
        copy.deepcopy(row.pattern_data),
        pickle.loads(pickle.dumps(row.pattern_data)),  # noqa: S301
        row.model_dump()["pattern_data"],
        row.pattern_data | {},
    ):
        assert type(copied) is dict
        assert copied == DOCUMENT
    for copied in (copy.deepcopy(row.pattern_data), row.model_dump()["pattern_data"]):
        assert type(copied["list"]) is list
        assert type(copied["inner"]["b"]) is dict


@pytest.mark.parametrize(
    "copied",
    [
        copy.copy,
        copy.deepcopy,
        lambda row: row.model_copy(),
        lambda row: row.model_copy(deep=True),
        lambda row: pickle.loads(pickle.dumps(row)),  # noqa: S301
    ],
    ids=["copy", "deepcopy", "model_copy", "deep", "pickle"],
)
def test_a_copied_row_has_documents_of_its_own(copied: Callable[[Pattern], Pattern]) -> None:
    row = pattern(DOCUMENT)
    other = copied(row)
    other.pattern_data["list"].append(1)
    other.version = 9
    assert row.pattern_data == DOCUMENT
    assert (row.version, other.version) == (1, 9)
    assert inspect(other).obj() is other
    assert inspect(other).transient


def test_a_copy_takes_and_checks_what_is_to_differ() -> None:
    other = pattern({}).model_copy(update={"version": 2, "pattern_data": {"a": 1}})
    other.pattern_data["b"] = 2
    assert (other.version, other.pattern_data) == (2, {"a": 1, "b": 2})
    with pytest.raises(ValidationError, match="version"):
        other.model_copy(update={"version": 0})

"""Any row that the database can hold survives its form: saved as opened, not a byte differs."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args, get_origin

import asyncpg
import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from qlmodels_admin.views import TABLES
from sqlalchemy import ARRAY, Boolean, Column, Float, Integer, String, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

from qlmodels.tables import metadata

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT = "test-executor"
ALL_VIEWS: list[Any] = list(TABLES)
VIEWS: dict[str, Any] = {
    str(view.model.__tablename__): view for view in ALL_VIEWS if issubclass(view.model, SQLModel)
}
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
numbers = st.one_of(
    st.integers(-(10**30), 10**30).map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.sampled_from(["1.10", "-0.0", "1e300", "0.1e-200", "9007199254740993", "1E+2"]),
)
documents = st.recursive(
    st.one_of(texts.map(json.dumps), numbers, st.sampled_from(["true", "false", "null"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]"),
        st.dictionaries(texts, inner, max_size=3).map(
            lambda items: "{" + ",".join(f"{json.dumps(k)}:{v}" for k, v in items.items()) + "}"
        ),
    ),
    max_leaves=6,
)
moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
rates = st.floats(0, 1)


def values(column: Column[Any], field: Any) -> st.SearchStrategy[Any]:
    """What a column can hold, as its type and its model's limits have it."""
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    if choices:
        return st.sampled_from(choices)
    match column.type:
        case JSONB():
            return documents.filter(lambda text: column.nullable or text != "null")
        case Uuid():
            return st.uuids()
        case Boolean():
            return st.booleans()
        case String(length=length):
            return texts.map(lambda text: text[: length or 12])
        case Integer():
            return st.integers(1, 2**31 - 1)
        case ARRAY():
            return st.lists(texts.filter(bool), max_size=3)
        case Float():
            return rates.filter(lambda number: number > 0)
        case _:
            return moments


def row_of(table: str) -> st.SearchStrategy[dict[str, Any]]:
    """Values for every column that may be inserted, references to rows aside."""
    view = VIEWS[table]
    mapper: Any = view.model.__mapper__
    chosen: dict[Any, st.SearchStrategy[Any]] = {}
    for name in view.create_fields:
        column = mapper.columns[name]
        if name == "agent_type" or (column.foreign_keys and name != "agent_type"):
            continue
        strategy = values(column, view.model.model_fields[name])
        chosen[str(column.name)] = st.none() | strategy if column.nullable else strategy
    return st.fixed_dictionaries(chosen)


def coherent(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """What the tables ask of several columns at once, or of arrays."""
    row = dict(row)
    if table == "agent_types":
        row["agent_type"] = "round-trip"
        row["min_exploration_rate"] = row["exploration_rate"] / 2
        row["min_learning_rate"] = row["learning_rate"] / 2
    else:
        row["agent_type"] = AGENT
    if table == "sessions" and not str(row["hyperparameters"] or "{").startswith("{"):
        row["hyperparameters"] = "{}"
    if table == "sessions" and row["end_time"] and row["start_time"]:
        row["end_time"] = row["start_time"] + timedelta(microseconds=1)
    if table == "trajectories":
        row |= {
            "actions_taken": "[1.50, {}]",
            "states_visited": "[null, 1]",
            "step_rewards": "[1, 2.0]",
            "completed_at": row["started_at"] + timedelta(microseconds=1),
        }
    if table == "patterns":
        row["usage_count"], row["success_count"], row["failure_count"] = 9, 4, 5
        row["last_used"] = row["first_seen"] + timedelta(microseconds=1)
    if table == "agent_states":
        row["total_tasks"], row["successful_tasks"], row["failed_tasks"] = 9, 4, 5
        row["lookups"], row["lookup_hits"] = 9, 4
    return row


@pytest_asyncio.fixture(loop_scope="session")
async def admin(panel: Any) -> Any:
    async with await panel.client("admin") as client:
        yield client


@pytest.mark.parametrize("table", VIEWS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_a_form_saved_as_it_was_opened_changes_no_byte(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, table: str, data: Any
) -> None:
    schema: Any = metadata.tables[table]
    keys = [column.name for column in schema.primary_key.columns]
    row = coherent(table, data.draw(row_of(table)))
    places = ", ".join(
        f"${place}::text::jsonb" if isinstance(schema.c[name].type, JSONB) else f"${place}"
        for place, name in enumerate(row, 1)
    )
    try:
        key = await rows.fetchrow(
            f"insert into {table} ({', '.join(row)}) values ({places}) returning {', '.join(keys)}",
            *row.values(),
        )
    except (asyncpg.CheckViolationError, asyncpg.UniqueViolationError):
        reject()  # not a row that the database can hold
    assert key is not None
    where = " and ".join(f"{name} = ${place}" for place, name in enumerate(keys, 1))
    look = f"select xmin::text, t::text from {table} t where {where}"
    try:
        before = await rows.fetchrow(look, *key)
        url = f"/admin/{table}/edit/{'%3B'.join(str(part) for part in key)}"
        answer = await admin.post(url, data=read_form((await admin.get(url)).text))
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].endswith("?note=unchanged")
        assert await rows.fetchrow(look, *key) == before
    finally:
        await rows.execute(f"delete from {table} where {where}", *key)

"""Two walks through each of the seven tables in a real browser: rows are found, and written."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.support.html import text_of

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.browser,
    pytest.mark.one_major,
]

Fill = Callable[[Page, str, str], Awaitable[None]]

AGENT = "visual-tester"
"""Has no rows but those of these tests."""


@dataclass(frozen=True)
class Case:
    """One table: two rows to begin with, and what is done to them."""

    table: str
    key: str
    rows: tuple[dict[str, Any], dict[str, Any]]
    search: str
    """Finds the first row alone."""
    filter: tuple[str, str, str]
    """Parameter, value, and the text of the chip; leaves the second row alone."""
    sort: str
    """The label of a column that is greater in the second row."""
    create: dict[str, str]
    edit: tuple[str, str, Any]
    """Column, what is typed, and what is then stored."""
    choices: frozenset[str] = field(default=frozenset({"agent_type"}))


SESSION, TRAJECTORY = uuid4(), uuid4()

CASES = [
    Case(
        "agent_types",
        "agent_type",
        (
            {"agent_type": "x-first", "display_name": "Aaa first", "is_active": True},
            {"agent_type": "x-second", "display_name": "Zzz second", "is_active": False},
        ),
        "Aaa first",
        ("is_active", "no", "active no"),
        "display name",
        {"agent_type": "x-third", "display_name": "Third, with, commas"},
        ("learning_rate", "0.25", 0.25),
        frozenset(),
    ),
    Case(
        "sessions",
        "session_id",
        (
            {"agent_type": AGENT, "session_id": SESSION, "session_name": "night run"},
            {"agent_type": AGENT, "session_name": "morning", "status": "failed", "task_count": 9},
        ),
        "night",
        ("status", "failed", "status failed"),
        "tasks",
        {"agent_type": AGENT, "session_name": "made by hand", "task_count": "3"},
        ("session_name", 'a "name"; with, signs/', 'a "name"; with, signs/'),
    ),
    Case(
        "q_values",
        "q_value_id",
        (
            {
                "agent_type": AGENT,
                "state_hash": "aaa1",
                "state_data": {"module": "auth"},
                "action_hash": "b1",
                "action_data": {"go": 1},
                "q_value": 1.5,
            },
            {
                "agent_type": AGENT,
                "state_hash": "ccc1",
                "state_data": {"module": "billing"},
                "action_hash": "b2",
                "action_data": {"go": 2},
                "q_value": 2.5,
            },
        ),
        "aaa",
        ("state_data", '{"module": "billing"}', 'state contains {"module": "billing"}'),
        "value",
        {
            "agent_type": AGENT,
            "state_hash": "ddd",
            "state_data": '{"x": [1, {"y": null}]}',
            "action_hash": "e",
            "action_data": "[1.10]",
            "q_value": "-0.1",
        },
        ("td_error", "1e-7", 1e-7),
    ),
    Case(
        "trajectories",
        "trajectory_id",
        (
            {
                "agent_type": AGENT,
                "trajectory_id": TRAJECTORY,
                "task_id": "first task",
                "initial_state": {},
                "final_state": {},
                "actions_taken": [],
                "states_visited": [],
                "step_rewards": [],
                "total_reward": 1.0,
                "discounted_reward": 1.0,
                "execution_time_ms": 5,
                "success": True,
            },
            {
                "agent_type": AGENT,
                "task_id": "second",
                "initial_state": {},
                "final_state": {},
                "actions_taken": [1],
                "states_visited": [1, 2],
                "step_rewards": [3.5],
                "total_reward": 3.5,
                "discounted_reward": 3.5,
                "execution_time_ms": 6,
                "success": False,
            },
        ),
        "first",
        ("success", "no", "success no"),
        "return",
        {
            "agent_type": AGENT,
            "task_id": "third",
            "initial_state": "{}",
            "final_state": "[]",
            "actions_taken": '["a", "b"]',
            "states_visited": "[1, 2, 3]",
            "step_rewards": "[1, -2.5]",
            "total_reward": "-1.5",
            "discounted_reward": "-1.375",
            "execution_time_ms": "12",
            "started_at": "2030-01-31 13:45:00.123456+00:00",
        },
        ("error_message", "went wrong", "went wrong"),
    ),
    Case(
        "rewards",
        "reward_id",
        (
            {
                "agent_type": AGENT,
                "state_hash": "aa",
                "action_hash": "b",
                "reward_value": 1.0,
                "reward_source": "coverage",
            },
            {
                "agent_type": AGENT,
                "state_hash": "cc",
                "action_hash": "b",
                "reward_value": 2.0,
                "reward_type": "terminal",
            },
        ),
        "coverage",
        ("reward_type", "terminal", "type terminal"),
        "reward",
        {
            "agent_type": AGENT,
            "state_hash": "s",
            "action_hash": "a",
            "reward_value": "-3.5",
            "reward_type": "shaping",
        },
        ("step", "4", 4),
        frozenset({"agent_type", "reward_type"}),
    ),
    Case(
        "patterns",
        "pattern_id",
        (
            {
                "agent_type": AGENT,
                "pattern_name": "boundary values",
                "pattern_type": "template",
                "pattern_data": {"a": 1},
                "usage_count": 1,
            },
            {
                "agent_type": AGENT,
                "pattern_name": "mocks",
                "pattern_type": "advice",
                "pattern_data": {"a": 2},
                "usage_count": 5,
            },
        ),
        "boundary",
        ("pattern_type", "advice", "type advice"),
        "used",
        {
            "agent_type": AGENT,
            "pattern_name": "by hand",
            "pattern_type": "template",
            "pattern_data": '{"template": "{x}"}',
        },
        ("trigger_conditions", '{"coverage": {"$lt": 0.80}}', {"coverage": {"$lt": 0.8}}),
    ),
    Case(
        "agent_states",
        "state_id",
        (
            {
                "agent_type": AGENT,
                "agent_instance_id": "one",
                "total_tasks": 4,
                "successful_tasks": 1,
                "current_exploration_rate": 0.1,
                "current_learning_rate": 0.1,
            },
            {
                "agent_type": AGENT,
                "agent_instance_id": "two",
                "status": "error",
                "total_tasks": 8,
                "current_exploration_rate": 0.2,
                "current_learning_rate": 0.1,
            },
        ),
        "one",
        ("status", "error", "status error"),
        "tasks",
        {
            "agent_type": AGENT,
            "agent_instance_id": "three",
            "total_tasks": "4",
            "successful_tasks": "3",
            "current_exploration_rate": "0.5",
            "current_learning_rate": "0.1",
        },
        ("status", "paused", "paused"),
        frozenset({"agent_type", "status"}),
    ),
]

each_table = pytest.mark.parametrize("case", CASES, ids=lambda case: case.table)

LIKE_OTHERS = {"rewards", "patterns", "agent_states"}
"""Tables with no kind of field that another one has not."""

each_kind = pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case, id=case.table, marks=[pytest.mark.long] if case.table in LIKE_OTHERS else []
        )
        for case in CASES
    ],
)


@pytest_asyncio.fixture(loop_scope="session")
async def keys(rows: asyncpg.Connection, case: Case) -> AsyncIterator[tuple[str, str]]:
    """The keys of the two rows, which are there for one test."""
    first, second = [await insert(rows, case.table, row, case.key) for row in case.rows]
    yield first, second
    if case.table == "agent_types":
        await rows.execute("delete from agent_types where agent_type like 'x-%'")
    else:
        await rows.execute(f"delete from {case.table} where agent_type = $1", AGENT)


async def insert(rows: asyncpg.Connection, table: str, row: dict[str, Any], key: str) -> str:
    if table == "trajectories":
        row = {"started_at": datetime.now(UTC), **row}
    names = ", ".join(row)
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    statement = f"insert into {table} ({names}) values ({places}) returning {key}"
    found: Any = await rows.fetchval(statement, *row.values())
    return str(found)


def address(case: Case, page: str = "list", **parameters: str) -> str:
    """The list of these tests' own rows."""
    own = {"search": "x-"} if case.table == "agent_types" else {"agent_type": AGENT}
    return f"/admin/{case.table}/{page}?{urlencode({**own, **parameters})}"


def shown(page: Page) -> Locator:
    return page.locator("table.list tbody tr")


async def shown_keys(page: Page) -> list[str]:
    links = page.locator("td.is-key a.key")
    titles = "links => links.map(link => link.title)"
    found: list[str] = await links.evaluate_all(titles)
    return found


@each_kind
async def test_rows_are_found(
    page: Page, case: Case, keys: tuple[str, str], rows: asyncpg.Connection
) -> None:
    await page.goto(f"/admin/{case.table}/list")
    await expect(page.locator("h1")).to_contain_text(case.table)
    await expect(page.locator(".side a[aria-current]")).to_have_text(case.table)
    await searched(page, case, keys)
    await page.goto(address(case))
    await listed(page, keys)
    await sorted_both_ways(page, case, keys)
    await filtered(page, case, keys)
    await shown_whole(page, case, keys, rows)


async def listed(page: Page, keys: tuple[str, str]) -> None:
    await expect(shown(page)).to_have_count(2)
    assert set(await shown_keys(page)) == set(keys)
    text = await page.locator("tbody").inner_text()
    assert "None" not in text
    assert "{'" not in text


async def searched(page: Page, case: Case, keys: tuple[str, str]) -> None:
    await page.locator("#search-input").fill(case.search)
    await page.keyboard.press("Enter")
    await expect(page.locator(".chips")).to_contain_text(f"search {case.search}")
    assert await shown_keys(page) == [keys[0]]


async def sorted_both_ways(page: Page, case: Case, keys: tuple[str, str]) -> None:
    heading = page.get_by_role("columnheader", name=case.sort, exact=True)
    await heading.get_by_role("link").click()
    await expect(heading).to_have_attribute("aria-sort", "ascending")
    assert await shown_keys(page) == list(keys)
    await heading.get_by_role("link").click()
    await expect(heading).to_have_attribute("aria-sort", "descending")
    assert await shown_keys(page) == list(reversed(keys))


async def filtered(page: Page, case: Case, keys: tuple[str, str]) -> None:
    parameter, value, chip = case.filter
    await page.locator("details.filters summary").click()
    control = page.locator(f"#filter-{parameter}")
    if await control.evaluate("control => control.tagName") == "SELECT":
        await control.select_option(value)
    else:
        await control.fill(value)
    await page.get_by_role("button", name="Apply").click()
    await expect(page.locator(".chips")).to_contain_text(chip)
    assert await shown_keys(page) == [keys[1]]
    await page.locator(".chips a", has_text=chip).click()
    await expect(shown(page)).to_have_count(2)


async def shown_whole(
    page: Page, case: Case, keys: tuple[str, str], rows: asyncpg.Connection
) -> None:
    await page.locator(f"td.is-key a[title='{keys[0]}']").click()
    await expect(page.locator("h1")).to_contain_text(keys[0])
    columns = await rows.fetch(
        "select column_name from information_schema.columns where table_name = $1 "
        "and table_schema = 'public'",
        case.table,
    )
    titles = "headings => headings.map(heading => heading.title.split(':')[0])"
    named = await page.locator(".row-values dt, .document h2").evaluate_all(titles)
    assert sorted(named) == sorted(row["column_name"] for row in columns)
    assert "None" not in await page.locator("main").inner_text()


@each_kind
async def test_rows_are_written(
    page: Page, case: Case, keys: tuple[str, str], rows: asyncpg.Connection, fill: Fill
) -> None:
    await created(page, case, rows, fill)
    await page.goto(address(case))
    await edited(page, case, keys[0], rows, fill)
    await page.goto(address(case))
    await deleted(page, case, keys, rows)


async def typed(page: Page, case: Case, values: Mapping[str, str], fill: Fill) -> None:
    for name, value in values.items():
        if name in case.choices:
            await page.locator(f"#{name}").select_option(value)
        else:
            await fill(page, name, value)
    await page.get_by_role("button", name="Save", exact=True).click()


async def created(page: Page, case: Case, rows: asyncpg.Connection, fill: Fill) -> None:
    await page.goto(address(case))
    await page.get_by_role("link", name="New row").click()
    await typed(page, case, case.create, fill)
    await expect(page.get_by_role("status")).to_have_text("The row was created.")
    made = re.split("[;/]", unquote(urlsplit(page.url).path))[-1]
    row = await row_of(rows, case, made)
    for name, value in case.create.items():
        stored = row[name]
        assert (
            json.loads(value) == stored
            if isinstance(stored, dict | list)
            else value in {str(stored), repr(stored)} or float(value) == stored
        )


async def edited(page: Page, case: Case, key: str, rows: asyncpg.Connection, fill: Fill) -> None:
    column, value, stored = case.edit
    before = await row_of(rows, case, key)
    await page.locator(f"td.is-key a[title='{key}']").click()
    await page.get_by_role("link", name="Edit").click()
    await typed(page, case, {column: value}, fill)
    await expect(page.get_by_role("status")).to_have_text("Your changes were saved.")
    after = await row_of(rows, case, key)
    assert after[column] == stored
    changed = {name for name in after if after[name] != before[name]}
    assert changed - {"updated_at"} == {column}


async def deleted(page: Page, case: Case, keys: tuple[str, str], rows: asyncpg.Connection) -> None:
    others = [key for key in await shown_keys(page) if key != keys[0]]
    row = shown(page).filter(has=page.locator(f"a[title='{keys[0]}']"))
    await row.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Delete 1 selected").click()
    await expect(page.locator("h1")).to_have_text("Delete 1 row?")
    assert await row_of(rows, case, keys[0])
    await page.get_by_role("button", name="Delete 1 row").click()
    await expect(page.get_by_role("status")).to_contain_text("Deleted.")
    await page.goto(address(case))
    assert set(await shown_keys(page)) == set(others)


async def row_of(rows: asyncpg.Connection, case: Case, key: str) -> dict[str, Any]:
    found = await rows.fetchrow(f"select * from {case.table} where {case.key}::text = $1", key)
    assert found is not None
    return dict(found)


async def labels_of(client: httpx.AsyncClient, path: str) -> dict[str, str]:
    """The labels of a page by their columns, which their titles or fields name."""
    page = (await client.get(path)).text
    content = page[page.index('id="content"') :]
    titled = re.findall(
        r'<(th|dt|h2|span)[^>]* title="(\w+)(?:: [^"]*)?"[^>]*>(.*?)</\1', content, re.S
    )
    fields = re.findall(r'<label for="(\w+)"\s*>(.*?)(?:<span|</label)', content, re.S)
    named = [(name, label) for _, name, label in titled] + fields
    return {name.replace("extra", "metadata"): text_of(label).strip(" ↓↑") for name, label in named}


@each_table
async def test_a_column_has_one_label(panel: Any, case: Case, keys: tuple[str, str]) -> None:
    key = keys[0] if case.table == "agent_types" else f"{AGENT};{keys[0]}"
    async with await panel.client("editor") as client:
        pages = [
            await labels_of(client, f"/admin/{case.table}/{page}")
            for page in ("list", "create", f"details/{key}", f"edit/{key}")
        ]
    labels: dict[str, set[str]] = {}
    for page in pages:
        assert len(page) > 3
        for column, label in page.items():
            labels.setdefault(column, set()).add(label)
    assert {column: said for column, said in labels.items() if len(said) > 1} == {}
    assert len(set().union(*labels.values())) == len(labels)

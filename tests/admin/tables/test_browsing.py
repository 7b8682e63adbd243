"""Paging, sorting, filters, files and the JSON editor, in a real browser."""

import json
from typing import Any
from urllib.parse import urlencode

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from qlmodels_admin.auth.sessions import SESSION_COOKIE

from tests.support.html import text_of

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.browser,
    pytest.mark.one_major,
]

AGENT = "requirements-validator"
ROWS = 60
LIST = f"/admin/q_values/list?agent_type={AGENT}&pageSize=25"


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def many(rows: asyncpg.Connection) -> Any:
    """Values in threes, so that pages break within ties; a third without TD error."""
    await rows.executemany(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, "
        "q_value, td_error) values ($1, $2, $3, 'a', '{}', $4, $5)",
        [
            (
                AGENT,
                f"{number:02}",
                {"n": number, "part": number % 2},
                float(number // 3),
                None if number % 3 == 0 else number / 10,
            )
            for number in range(ROWS)
        ],
    )
    yield
    await rows.execute("delete from q_values where agent_type = $1", AGENT)


async def hashes(page: Page) -> list[str]:
    found: list[str] = await page.locator("tbody td:nth-child(3) .short").all_inner_texts()
    return found


async def follow(page: Page, name: str) -> list[str]:
    """The hashes on the page that the link leads to."""
    before = page.url
    await page.get_by_role("link", name=name).click()
    await page.wait_for_url(lambda url: url != before)
    return await hashes(page)


async def test_pages_by_the_buttons(page: Page) -> None:
    await page.goto(f"{LIST}&sortBy=q_value")
    seen = await hashes(page)
    seen += await follow(page, "Next")
    seen += await follow(page, "Next")
    assert seen == [f"{number:02}" for number in range(ROWS)]
    await expect(page.get_by_role("link", name="Next")).to_have_count(0)
    assert await follow(page, "Previous") == seen[25:50]
    assert await follow(page, "Last") == seen[35:]
    assert await follow(page, "First") == seen[:25]


async def test_a_row_that_comes_between_pages_moves_no_other(
    page: Page, rows: asyncpg.Connection
) -> None:
    await page.goto(f"{LIST}&sortBy=state_hash")
    first = await hashes(page)
    await rows.execute(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data) "
        "values ($1, '!', '{}', 'a', '{}')",
        AGENT,
    )
    await rows.execute("delete from q_values where agent_type = $1 and state_hash = '30'", AGENT)
    await page.get_by_role("link", name="Next").click()
    await page.wait_for_url("**after=**")
    wanted = [f"{number:02}" for number in range(25, 51) if number != 30]
    assert await hashes(page) == wanted
    assert first[-1] == "24"
    await rows.execute("delete from q_values where agent_type = $1 and state_hash = '!'", AGENT)
    await rows.execute(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, "
        "q_value, td_error) values ($1, '30', '{\"n\": 30, \"part\": 0}', 'a', '{}', 10, null)",
        AGENT,
    )


async def test_filters_are_chips(page: Page) -> None:
    await page.goto(LIST)
    await page.locator("details.filters summary").click()
    await page.locator("#filter-td_error").fill("0.25..1")
    await page.get_by_role("button", name="Apply").click()
    await page.wait_for_url("**td_error=**")
    chip = page.locator(".chips a", has_text="0.25..1")
    await expect(chip).to_be_visible()
    await expect(page.locator(".count")).to_have_text("5")
    await chip.click()
    await expect(page.locator(".count")).to_have_text(str(ROWS))
    await page.goto(f"{LIST}&td_error=many")
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.locator(".chips")).to_contain_text("many")


@pytest.mark.parametrize(
    ("name", "value", "count"),
    [
        ("td_error", "null", 20),
        ("td_error", "not null", 40),
        ("td_error", "0.25..1", 5),
        ("q_value", "..0", 3),
        ("visit_count", "0.5..1.5", 60),
        ("visit_count", "1e300..", 0),
        ("last_updated", "1 hour", 60),
        ("last_updated", "2020-01-01..2020-12-31", 0),
        ("session_id", "null", 60),
        ("state_data", '{"part": 1}', 30),
    ],
)
async def test_a_filter_leaves_what_matches(panel: Any, name: str, value: str, count: int) -> None:
    async with await panel.client("viewer") as viewer:
        answer = await viewer.get(f"{LIST}&{urlencode({name: value})}")
    assert answer.status_code == 200
    page = text_of(answer.text)
    assert ("No row matches" if count == 0 else f"q_values {count} ") in page


@pytest.mark.parametrize(
    ("name", "value"),
    [("td_error", "many"), ("td_error", "nan.."), ("last_updated", "soon"), ("state_data", "{")],
)
async def test_a_filter_that_makes_no_sense_says_so(panel: Any, name: str, value: str) -> None:
    async with await panel.client("viewer") as viewer:
        answer = await viewer.get(f"{LIST}&{urlencode({name: value})}")
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(("label", "ending"), [("CSV", "csv"), ("JSON Lines", "jsonl")])
async def test_export_and_import(
    page: Page, rows: asyncpg.Connection, tmp_path: Any, label: str, ending: str
) -> None:
    query = "select q::text from q_values as q where agent_type = $1 order by 1"
    before = await rows.fetch(query, AGENT)
    await page.goto(LIST)
    await page.get_by_text("Export", exact=True).click()
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name=label).click()
    download = await waiting.value
    assert download.suggested_filename.endswith(f".{ending}")
    file = tmp_path / download.suggested_filename
    await download.save_as(file)
    await rows.execute("delete from q_values where agent_type = $1", AGENT)

    await page.get_by_role("link", name="Import").click()
    await page.get_by_label("CSV or JSON Lines").set_input_files(file)
    await page.get_by_role("button", name="Check the file").click()
    await expect(page.locator(".block h2")).to_contain_text("60 rows can be imported")
    await page.get_by_role("button", name="Import 60 rows").click()
    await expect(page.locator("h1")).to_have_text("60 rows imported")
    assert await rows.fetch(query, AGENT) == before


# -- the JSON editor ---------------------------------------------------------------------------


async def edit(page: Page, rows: asyncpg.Connection) -> None:
    number = await rows.fetchval(
        "select q_value_id from q_values where agent_type = $1 and state_hash = '07'", AGENT
    )
    await page.goto(f"/admin/q_values/edit/{AGENT};{number}")


async def stored(rows: asyncpg.Connection) -> str:
    text: Any = await rows.fetchval(
        "select state_data::text from q_values where agent_type = $1 and state_hash = '07'", AGENT
    )
    return str(text)


async def test_numbers_stay_as_they_were_typed(
    page: Page, rows: asyncpg.Connection, fill: Any
) -> None:
    await edit(page, rows)
    await fill(page, "state_data", '{"a":1.10,"b":[123456789012345678901234567890.5],"c":{}}')
    await page.locator(".editor-bar button").first.click()
    lines = '{\n  "a": 1.10,\n  "b": [\n    123456789012345678901234567890.5\n  ],\n  "c": {}\n}'
    await expect(page.locator("textarea#state_data")).to_have_value(lines)
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("status")).to_have_text("Your changes were saved.")
    assert await stored(rows) == '{"a": 1.10, "b": [123456789012345678901234567890.5], "c": {}}'


async def test_what_is_no_json_is_told_by_line_and_column(
    page: Page, rows: asyncpg.Connection, fill: Any
) -> None:
    before = await stored(rows)
    await edit(page, rows)
    await fill(page, "state_data", '{\n  "a": 1,\n  b: 2\n}')
    told = page.locator(".editor-bar output").first
    await expect(told).to_contain_text("Line 3, column 3")
    await expect(page.locator(".editor[data-for=state_data] .cm-lintRange-error")).to_be_visible()
    await expect(page.locator(".editor-bar button").first).to_be_disabled()
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator("h1")).to_contain_text("Edit")
    await fill(page, "state_data", "[]")
    await expect(told).to_be_empty()
    assert await stored(rows) == before


async def test_documents_fold(page: Page, rows: asyncpg.Connection, fill: Any) -> None:
    await edit(page, rows)
    await fill(page, "state_data", '{\n  "a": [\n    1\n  ]\n}')
    lines = page.locator(".editor[data-for=state_data] .cm-line")
    await expect(lines).to_have_count(5)
    await page.locator(
        ".editor[data-for=state_data] .cm-foldGutter span[title='Fold line']"
    ).first.click()
    await expect(lines).to_have_count(1)
    await expect(page.locator("textarea#state_data")).to_have_value('{\n  "a": [\n    1\n  ]\n}')


async def test_opening_and_saving_changes_nothing(page: Page, rows: asyncpg.Connection) -> None:
    document = '{"text": "a\\\\nb\\u00e9", "n": 1e2, "empty": {}, "none": null}'
    await rows.execute(
        "update q_values set state_data = $2::text::jsonb "
        "where agent_type = $1 and state_hash = '07'",
        AGENT,
        document,
    )
    before = await stored(rows)
    await edit(page, rows)
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text("Nothing was changed")
    assert await stored(rows) == before


async def test_without_a_script_there_is_a_plain_field(
    browser: Any, panel: Any, rows: asyncpg.Connection
) -> None:
    context = await browser.new_context(
        base_url=panel.url, java_script_enabled=False, reduced_motion="reduce"
    )
    token = await panel.token("admin")
    await context.add_cookies(
        [{"name": SESSION_COOKIE, "value": token, "url": f"{panel.url}/admin"}]
    )
    page = await context.new_page()
    number = await rows.fetchval(
        "select q_value_id from q_values where agent_type = $1 and state_hash = '08'", AGENT
    )
    await page.goto(f"/admin/q_values/edit/{AGENT};{number}")
    await page.locator("textarea#state_data").fill('{"plain": 1}')
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("status")).to_have_text("Your changes were saved.")
    kept = await rows.fetchval("select state_data from q_values where q_value_id = $1", number)
    assert kept == json.loads('{"plain": 1}')
    await context.close()


async def test_read_only_documents_are_trees_that_fold(
    page: Page, rows: asyncpg.Connection
) -> None:
    number = await rows.fetchval(
        "select q_value_id from q_values where agent_type = $1 and state_hash = '09'", AGENT
    )
    await page.goto(f"/admin/q_values/details/{AGENT};{number}")
    tree = page.locator(".document .tree").first
    leaf = tree.locator("li", has_text="part")
    await expect(leaf).to_be_visible()
    await tree.locator("summary").first.click()
    await expect(leaf).to_be_hidden()

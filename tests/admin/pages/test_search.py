"""One search over everything, and the panel by keyboard alone."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from qlmodels_admin.pages.search import meanings

from tests.support.axe import complaints_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT, OTHER = "code-complexity", "api-contract-validator"
HASH = "5ea4c4" + "0" * 58
EPISODE = "5ea4c4ed-0000-4000-8000-000000000001"
SESSION = "5ea4c4ed-0000-4000-8000-000000000002"


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def everything(rows: asyncpg.Connection) -> AsyncIterator[None]:
    await rows.execute(
        "insert into sessions (agent_type, session_id, session_name) "
        "values ($1, $2, 'Nightly 100% run')",
        AGENT,
        SESSION,
    )
    await rows.execute(
        "insert into trajectories (agent_type, trajectory_id, session_id, task_id, initial_state, "
        "final_state, actions_taken, states_visited, step_rewards, total_reward, "
        "discounted_reward, execution_time_ms, success, started_at, completed_at) "
        "select $1, case when n = 1 then $2 else gen_random_uuid() end, $3, "
        "'Review_' || (n % 3), '{}', '{}', '[]', '[]', '[]', 1, 1, 1, true, now(), now() "
        "from generate_series(1, 9) as n",
        AGENT,
        EPISODE,
        SESSION,
    )
    for agent in (AGENT, OTHER):
        await rows.execute(
            "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data) "
            "select $1, $2, $3, n::text, '1' from generate_series(1, 3) as n",
            agent,
            HASH,
            {"module": "auth"},
        )
    await rows.execute(
        "insert into patterns (agent_type, pattern_name, pattern_type, pattern_data) "
        "values ($1, 'Split the DIFF', 'template', '{}')",
        OTHER,
    )
    yield
    for table in ("q_values", "trajectories", "sessions", "patterns"):
        await rows.execute(f"delete from {table} where agent_type = any($1)", [AGENT, OTHER])


async def found(panel: Any, term: str) -> str:
    async with await panel.client("viewer") as client:
        answer = await client.get("/admin/search", params={"q": term})
    assert answer.status_code == 200
    text: str = answer.text
    return text[text.index("<main") :]


@pytest.mark.parametrize(
    ("term", "group", "url"),
    [
        ("complexity", "Agent types", f"/admin/agent_types/details/{AGENT}"),
        ("0% RUN", "Sessions", f"/admin/sessions/details/{AGENT}%3B{SESSION}"),
        ("5ea4c4ed-00", "Sessions", f"/admin/sessions/details/{AGENT}%3B{SESSION}"),
        ("5EA4C4ED", "Episodes", f"/admin/trajectory?agent_type={AGENT}&amp;id={EPISODE}"),
        (EPISODE, "Episodes", f"/admin/trajectory?agent_type={AGENT}&amp;id={EPISODE}"),
        (HASH, "States", f"/admin/q_values/list?agent_type={OTHER}&amp;state_hash={HASH}"),
        ("5ea4", "States", f"/admin/q_values/list?agent_type={AGENT}&amp;state_hash={HASH}"),
        ("Review_", "Tasks", f"/admin/trajectories/list?agent_type={AGENT}&amp;task_id=Review_2"),
        ("the diff", "Patterns", f"/admin/patterns/details/{OTHER}%3B"),
        ("datab", "Pages", "/admin/database"),
    ],
)
async def test_a_term_finds_what_it_may_mean(panel: Any, term: str, group: str, url: str) -> None:
    page = await found(panel, term)
    assert group in page
    assert url in page


@pytest.mark.parametrize("term", ["Review%", "_eview", "eview_1", "'; --", "%", "\\"])
async def test_a_term_is_taken_literally(panel: Any, term: str) -> None:
    assert "Review_" not in (await found(panel, term)).partition("<section")[2]


async def test_what_cannot_be_looked_for_is_said(panel: Any) -> None:
    async with await panel.client("viewer") as client:
        for term in ("x" * 201, "a\x00"):
            assert (await client.get("/admin/search", params={"q": term})).status_code == 422
    assert "Nothing found" in await found(panel, "nobody has this name")
    assert "Search everything" in await found(panel, "  ")


async def test_beginnings_of_uuids_and_hashes() -> None:
    found = meanings("5EA4-c4")
    assert found["low"] == UUID("5ea4c400-0000-0000-0000-000000000000")
    assert found["high"] == UUID("5ea4c4ff-ffff-ffff-ffff-ffffffffffff")
    assert found["hash"] is None
    assert meanings("5ea")["hash"] == "5ea%"
    assert meanings("5ea")["low"] is None
    assert meanings("f" * 65)["hash"] is None
    assert meanings("٣٣٣٣")["hash"] is None


@pytest.mark.browser
async def test_the_panel_by_keyboard_alone(page: Page) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto("/admin/")
    await page.keyboard.press("/")
    await page.keyboard.type("5ea4c4")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"/admin/search\?q=5ea4c4$"))
    await expect(page.locator("h1")).to_have_text("4 results for “5ea4c4”")
    await page.wait_for_load_state("load")
    assert await complaints_of(page) == []
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    focused = page.locator("a:focus")
    await expect(focused.locator(".owner")).to_have_text(AGENT)
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert await page.evaluate(outline) == "solid"
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/sessions/details/"))
    await page.wait_for_load_state("load")

    await page.keyboard.press("g")
    await page.keyboard.press("q")
    await expect(page).to_have_url(re.compile("/admin/q_values/list$"))
    await page.wait_for_load_state("load")
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("search everything")
    assert await complaints_of(page) == []
    await dialog.get_by_role("checkbox").uncheck()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await page.keyboard.press("?")
    await expect(dialog).to_be_hidden()
    await page.get_by_role("button", name="Shortcuts").click()
    await dialog.get_by_role("checkbox").check()
    await dialog.get_by_role("button", name="Close").click()

    field = page.locator("#search-input")
    await field.focus()
    await page.keyboard.type("?/gq")
    await expect(field).to_have_value("?/gq")


@pytest.mark.browser
async def test_it_needs_no_script_and_no_wide_screen(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto("/admin/search?q=5ea4")
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    form = page.get_by_role("search", name="Everything")
    assert await form.evaluate("form => form.method + ' ' + new URL(form.action).pathname") == (
        "get /admin/search"
    )
    await expect(form.get_by_role("searchbox")).to_have_value("5ea4")

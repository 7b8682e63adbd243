"""Nothing leaves its place or is covered, on any page at any width, in light and in dark."""

from collections.abc import AsyncIterator
from typing import Any, Literal

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from qlmodels_admin.auth.sessions import SESSION_COOKIE

from tests.support.axe import complaints_of
from tests.support.boxes import misplaced

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.browser,
    pytest.mark.one_major,
]

AGENT = "production-intelligence"
SESSION = "00000000-0000-4000-8000-0000000000b0"
EPISODE = "00000000-0000-4000-8000-0000000000e0"
WIDTHS = (390, 768, 1024, 1440)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HEIGHT = 800
TABLES = (
    "agent_types",
    "sessions",
    "q_values",
    "trajectories",
    "rewards",
    "patterns",
    "agent_states",
    "audit_log",
)
PATHS = (
    "/admin/",
    "/admin/fleet",
    f"/admin/curves?agent_type={AGENT}",
    f"/admin/policy?agent_type={AGENT}",
    f"/admin/trajectory?agent_type={AGENT}&outcome=failed",
    f"/admin/trajectory?agent_type={AGENT}&id={EPISODE}",
    "/admin/patterns",
    "/admin/isolation",
    "/admin/database",
    "/admin/alerts",
    "/admin/users",
    "/admin/users/user?user=admin",
    "/admin/account",
    "/admin/search?q=production",
    *(f"/admin/{table}/list" for table in TABLES),
    *(f"/admin/{table}/create" for table in TABLES if table != "audit_log"),
    "/admin/sessions/import",
    f"/admin/sessions/details/{AGENT};{SESSION}",
    f"/admin/sessions/edit/{AGENT};{SESSION}",
    f"/admin/trajectories/details/{AGENT};{EPISODE}",
)
SHORT = (
    "/admin/q_values/list",
    f"/admin/policy?agent_type={AGENT}",
)
"""The pages that the default run measures."""


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def fleet(panel: Any, rows: asyncpg.Connection) -> AsyncIterator[None]:
    """An agent type of some pairs and episodes, with long names among them."""
    await rows.execute(
        "insert into sessions (agent_type, session_id, session_name) values ($1, $2, $3)",
        AGENT,
        SESSION,
        "a session whose name is long " * 4,
    )
    await rows.executemany(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, "
        "q_value, visit_count) values ($1, $2, $3, $4, $5, $6, 12345)",
        [
            (
                AGENT,
                f"s{state}",
                {"row": state, "text": "x" * 90},
                f"a{action}",
                f"go {action}",
                0.5,
            )
            for state in range(40)
            for action in range(9)
        ],
    )
    await rows.executemany(
        "insert into trajectories (agent_type, session_id, trajectory_id, task_id, initial_state, "
        "final_state, actions_taken, states_visited, step_rewards, total_reward, "
        "discounted_reward, execution_time_ms, success, started_at, completed_at) "
        "values ($1, $2, coalesce($3, gen_random_uuid()), $4, '{}', '{}', $5, $6, $7, -1, -1, 1, "
        "false, now(), now())",
        [
            (AGENT, SESSION, EPISODE if not number else None, "cross the lake", [1], [{}], [-1])
            for number in range(60)
        ],
    )
    panel.app.state.admin.sources.learning.scan.forget()
    yield
    for table in ("q_values", "trajectories", "sessions"):
        await rows.execute(f"delete from {table} where agent_type = $1", AGENT)
    panel.app.state.admin.sources.learning.scan.forget()


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser, panel: Any) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=panel.url, reduced_motion="reduce")
    token = await panel.token("admin")
    await context.add_cookies(
        [{"name": SESSION_COOKIE, "value": token, "url": f"{panel.url}/admin"}]
    )
    page = await context.new_page()
    yield page
    await context.close()


async def measured(page: Page, path: str, width: int) -> list[str]:
    """Return what is misplaced at a width, also below each menu that opens."""
    await page.set_viewport_size({"width": width, "height": HEIGHT})
    await page.goto(path)
    await page.wait_for_load_state("load")
    found = await misplaced(page)
    menus = page.locator("main details.menu")
    for place in range(await menus.count()):
        menu = menus.nth(place)
        if not await menu.is_visible():
            continue
        await menu.locator("summary").click()
        inside = menu.locator("> div :is(a, button, input:not([type=hidden]), select)")
        for part in await inside.all():
            await part.scroll_into_view_if_needed()
            await expect(part).to_be_in_viewport(ratio=0.9)
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"menu {place} makes the page wider than the window")
        await menu.locator("summary").evaluate("summary => { summary.parentElement.open = false; }")
    return found


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_busiest_pages(window: Page, width: int) -> None:
    found = {path: await measured(window, path, width) for path in SHORT}
    assert found == {path: [] for path in SHORT}


@pytest.mark.long
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
async def test_every_page(window: Page, width: int, scheme: Literal["light", "dark"]) -> None:
    await window.emulate_media(color_scheme=scheme)
    found = {path: await measured(window, path, width) for path in PATHS}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.long
@pytest.mark.parametrize("path", PATHS)
async def test_axe_finds_nothing_on_a_phone(window: Page, path: str) -> None:
    await window.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    await window.goto(path)
    assert await complaints_of(window) == []


async def test_head_key_and_edit_stay_in_sight(window: Page) -> None:
    await window.set_viewport_size({"width": 768, "height": HEIGHT})
    await window.goto(f"/admin/trajectories/list?agent_type={AGENT}")
    frame = window.locator(".rows > .scroll")
    await frame.evaluate("frame => frame.scrollTo(400, 600)")
    await expect(window.locator("thead th").nth(1)).to_be_in_viewport()
    outer = await frame.bounding_box()
    assert outer is not None
    for part in (
        "thead th.is-key",
        "tbody tr:nth-child(30) td.is-key",
        "tbody tr:nth-child(30) .end",
    ):
        box = await window.locator(part).bounding_box()
        assert box is not None
        assert outer["x"] - 1 <= box["x"], part
        assert box["x"] + box["width"] <= outer["x"] + outer["width"] + 1, part
    edit = window.locator("tbody tr:nth-child(30) .end a")
    await edit.click()
    await expect(window.locator("h1")).to_contain_text("Edit")

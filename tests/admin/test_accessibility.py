"""axe-core finds nothing to complain of, in light and in dark."""

from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext
from qlmodels_admin.auth.sessions import SESSION_COOKIE

from tests.support.axe import complaints

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.browser,
    pytest.mark.one_major,
]

AGENT = "fleet-commander"
KEY = "00000000-0000-4000-8000-00000000abcd"
PAGES = {
    "home": "/admin/",
    "list": f"/admin/patterns/list?agent_type={AGENT}",
    "empty list": f"/admin/rewards/list?agent_type={AGENT}",
    "refused list": "/admin/patterns/list?trigger_conditions={",
    "details": f"/admin/patterns/details/{AGENT};{KEY}",
    "edit": f"/admin/patterns/edit/{AGENT};{KEY}",
    "create": "/admin/patterns/create",
    "import": "/admin/patterns/import",
    "database": "/admin/database",
    "users": "/admin/users",
    "user": "/admin/users/user?user=admin",
    "account": "/admin/account",
    "search": "/admin/search?q=fleet",
    "error": "/admin/nowhere/list",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def pattern(rows: asyncpg.Connection) -> Any:
    await rows.execute(
        "insert into patterns (agent_type, pattern_id, pattern_name, pattern_type, pattern_data) "
        "values ($1, $2, 'boundary values', 'template', $3)",
        AGENT,
        KEY,
        {"order": ["empty", 1, None, {"deep": [True, 1.5]}]},
    )
    yield
    await rows.execute("delete from patterns where agent_type = $1", AGENT)


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser, panel: Any) -> Any:
    context = await browser.new_context(
        base_url=panel.url, color_scheme="light", reduced_motion="reduce"
    )
    yield context
    await context.close()


async def test_the_sign_in_page(context: BrowserContext) -> None:
    assert await complaints(context, "/admin/login") == []


@pytest.mark.long
async def test_pages(context: BrowserContext, panel: Any) -> None:
    token = await panel.token("admin")
    await context.add_cookies(
        [{"name": SESSION_COOKIE, "value": token, "url": f"{panel.url}/admin"}]
    )
    found = {name: await complaints(context, path) for name, path in PAGES.items()}
    assert found == {name: [] for name in PAGES}

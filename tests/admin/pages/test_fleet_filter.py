"""Home and Fleet with many agent types: hidden by a click that is in the URL, and in pages."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from qlmodels_admin.learning import CachedVerdicts, verdict_cache

from tests.admin.pages.test_policy import text_of
from tests.support.axe import complaints_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

MANY = 120
BAD = "sweep-77"


@pytest_asyncio.fixture(loop_scope="session")
async def sweep(panel: Any, rows: asyncpg.Connection) -> AsyncIterator[None]:
    """Agent types named alike, a tenth of them inactive, each with an instance; one in error."""
    await rows.execute(
        "insert into agent_types (agent_type, display_name, is_active)"
        " select 'sweep-' || n, 'Sweep ' || n, n % 10 > 0"
        " from generate_series(1, $1::integer) as n",
        MANY,
    )
    await rows.execute(
        "insert into agent_states (agent_type, agent_instance_id, status,"
        " current_exploration_rate, current_learning_rate)"
        " select agent_type, 'one', case when agent_type = $1 then 'error' else 'idle' end,"
        " 0.1, 0.1 from agent_types where agent_type like 'sweep-%'",
        BAD,
    )
    yield
    for table in ("agent_states", "agent_types"):
        await rows.execute(f"delete from {table} where agent_type like 'sweep-%'")


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/admin/", "/admin/fleet"])
async def test_the_one_bad_one_is_first_and_the_others_are_hidden(
    page: Page, sweep: None, path: str
) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(path)
    await expect(page.locator("h1")).to_contain_text("1 needs attention")
    await expect(page.locator("table.cards tbody tr")).to_have_count(50)
    await expect(page.locator("table.cards tbody tr").first).to_contain_text(BAD)
    assert await complaints_of(page) == []
    await page.get_by_role("link", name="hide 12 inactive").press("Enter")
    await page.wait_for_url("**inactive=hide")
    await expect(page.locator(".hiding")).to_contain_text("12 hidden")
    await page.get_by_role("link", name="hide 108 sweep-…").press("Enter")
    await page.wait_for_url("**hide=sweep-&inactive=hide")
    await expect(page.locator("h1")).not_to_contain_text("1 needs attention")
    await page.get_by_role("link", name="show sweep-… again").press("Enter")
    await expect(page.locator("table.cards tbody tr").first).to_contain_text(BAD)


@pytest.mark.parametrize("path", ["/admin/", "/admin/fleet"])
async def test_each_row_is_on_one_page(panel: Any, sweep: None, path: str) -> None:
    found: list[str] = []
    for number in (1, 2, 3):
        page = await text_of(panel, f"{path}?page={number}")
        assert f"page {number} of 3" in page
        table = page.partition('<table class="list cards"')[2].partition("</table>")[0]
        found += set(re.findall(r"curves\?agent_type=(sweep-\d+)", table))
    assert sorted(found) == sorted(f"sweep-{n}" for n in range(1, MANY + 1))


async def test_what_no_page_can_be_is_refused(panel: Any) -> None:
    async with await panel.client("viewer") as client:
        many = "&".join(f"hide=a{number}" for number in range(21))
        for wrong in ("page=0", "page=x", "page=1e9", "page=-1", many):
            answer = await client.get(f"/admin/?{wrong}")
            assert answer.status_code == 422, wrong
        assert (await client.get("/admin/?page=9999&hide=%25&hide=_")).status_code == 200


async def test_of_a_large_fleet_pages_show_how_it_was_a_moment_ago(
    panel: Any, rows: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict_cache, "LARGE_FLEET", 1)
    learning = CachedVerdicts(panel.app.state.engine)
    try:
        assert await learning.all_agent_types()
        first = await learning.all_agent_types()
        assert {state.agent_type for state in first} == {*await learning.names()}
        await rows.execute(
            "insert into agent_types (agent_type, display_name) values ('newcomer', 'N')"
        )
        async with asyncio.timeout(60):
            while "newcomer" not in {one.agent_type for one in await learning.all_agent_types()}:
                await rows.fetchval("select 1")
    finally:
        await learning.stop()
        await rows.execute("delete from agent_types where agent_type = 'newcomer'")

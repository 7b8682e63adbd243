"""The page says who may reach which row, and what it says is what Postgres does."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from qlmodels.connection import connect
from tests.support.axe import complaints_of
from tests.support.html import text_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

OWN, OTHER = "test-generator", "quality-gate"
PASSWORD = "correct horse battery staple"
URL = "/admin/isolation"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pairs(rows: asyncpg.Connection) -> AsyncIterator[dict[str, Any]]:
    """A pair of each of two agent types."""
    made: dict[str, Any] = {}
    for agent in (OWN, OTHER):
        made[agent] = await rows.fetchval(
            "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data) "
            "values ($1, 'isolated', '1', 'a', '1') returning q_value_id",
            agent,
        )
    yield made
    await rows.execute("delete from q_values where state_hash = 'isolated'")


def row_url(role: str, agent: str, key: str, table: str = "q_values") -> str:
    return f"{URL}?table={table}&role={role}&agent_type={agent}&key={key}"


async def told(panel: Any, url: str) -> str:
    async with await panel.client("viewer") as client:
        answer = await client.get(url)
    assert answer.status_code == 200
    return str(answer.text)


@pytest.mark.parametrize("role", ["qlmodels_agent", "qlmodels_fleet", "authenticated"])
async def test_agents_reach_their_own_rows_and_no_others(
    panel: Any, pairs: dict[str, Any], role: str
) -> None:
    own = text_of(await told(panel, row_url(role, OWN, f"{OWN};{pairs[OWN]}")))
    assert f"SELECT allowed: {role}_access lets this row" in own
    assert f"UPDATE allowed: {role}_access lets this row" in own
    assert "refused: no DELETE is granted" in own
    other = text_of(await told(panel, row_url(role, OWN, f"{OTHER};{pairs[OTHER]}")))
    because = "confined restricts, and is" if role == "qlmodels_agent" else f"{role}_access is"
    for command in ("SELECT", "INSERT", "UPDATE"):
        assert f"{command} refused: {because} not true" in other
    if role == "qlmodels_fleet":
        assert "Postgres returned the row" in own
        assert "Postgres did not return the row" in other


async def test_postgres_does_what_the_page_says(panel: Any, pairs: dict[str, Any]) -> None:
    login = panel.owner.set(username=f"ql_{OWN}", password=PASSWORD)
    async with connect(login) as agent:
        for whose, sees in ((OWN, True), (OTHER, False)):
            found = await agent.fetch("select from q_values where q_value_id = $1", pairs[whose])
            assert bool(found) is sees
            page = await told(panel, row_url("qlmodels_agent", OWN, f"{whose};{pairs[whose]}"))
            assert ("lets this row through" in page) is sees


async def test_a_role_above_all_and_one_below(panel: Any, pairs: dict[str, Any]) -> None:
    key = f"{OTHER};{pairs[OTHER]}"
    assert "qlmodels_panel_access lets this row through" in await told(
        panel, row_url("qlmodels_panel", OWN, key)
    )
    assert "no SELECT is granted" in await told(panel, row_url("anon", OWN, key))


async def test_without_a_row_it_depends(panel: Any) -> None:
    page = await told(panel, f"{URL}?table=patterns")
    assert "it depends: qlmodels_agent_access decides, row by row" in text_of(page)
    page = await told(panel, row_url("qlmodels_agent", OWN, f"{OWN};99999999"))
    assert f"There is no row {OWN};99999999 in q_values" in page


async def test_what_is_not_as_declared_is_named(panel: Any, pairs: dict[str, Any]) -> None:
    assert "each of 63 rights is as this release declares it" in await told(panel, URL)
    key = f"{OWN};{pairs[OWN]}"
    async with connect(panel.owner) as owner:
        try:
            await owner.execute("grant delete on q_values to qlmodels_agent")
            await owner.execute(
                "create policy office_hours on q_values as restrictive for select "
                "to qlmodels_agent using (false)"
            )
            page = await told(panel, row_url("qlmodels_agent", OWN, key))
        finally:
            await owner.execute("drop policy if exists office_hours on q_values")
            await owner.execute("revoke delete on q_values from qlmodels_agent")
    assert "1 right is not as this release declares" in page
    assert "qlmodels_agent may siud in q_values, and siu(d) is declared" in page
    assert "refused: office_hours restricts, and is not true for this row" in text_of(page)
    assert "DELETE allowed" in text_of(page)


@pytest.mark.browser
async def test_looking_through_an_agents_eyes(
    page: Page, pairs: dict[str, Any], rows: asyncpg.Connection
) -> None:
    await page.goto(URL)
    await page.get_by_role("link", name="siu(d)").first.click()
    await page.wait_for_url("**role=qlmodels_agent&table=sessions**")
    await page.get_by_label("agent type").select_option(OTHER)
    await page.wait_for_url(f"**agent_type={OTHER}**")
    heading = page.get_by_role("heading", name=f"Rows visible to {OTHER}")
    seen = page.locator("section", has=heading)
    count = await rows.fetchval("select count(*) from q_values where agent_type = $1", OTHER)
    await expect(seen.locator("div", has_text="q_values").locator("dd")).to_contain_text(f"{count}")
    await expect(seen.locator("div", has_text="agent_types").locator("dd")).to_contain_text("1 row")
    await page.get_by_label("row, as in").fill(f"{OTHER};7")
    await page.get_by_role("button", name="Show").click()
    await page.wait_for_url(f"**key={OTHER}%3B7**")
    await expect(page.get_by_text("This is no key of sessions")).to_be_visible()
    await page.get_by_label("table", exact=True).select_option("q_values")
    await expect(page.get_by_text(f"There is no row {OTHER};7 in q_values")).to_be_visible()


async def test_nobody_sees_through_a_sleepers_eyes(panel: Any, rows: asyncpg.Connection) -> None:
    wake = "update agent_types set is_active = $2 where agent_type = $1"
    await rows.execute(wake, OTHER, False)
    page = await told(panel, f"{URL}?agent_type={OTHER}")
    await rows.execute(wake, OTHER, True)
    assert "The rows visible to this agent cannot be counted: agent type" in text_of(page)
    assert "is inactive" in page


@pytest.mark.browser
@pytest.mark.long
async def test_it_reads_well_for_everybody(page: Page, pairs: dict[str, Any]) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(row_url("qlmodels_fleet", OWN, f"{OWN};{pairs[OWN]}"))
    assert await complaints_of(page) == []
    await page.set_viewport_size({"width": 390, "height": 844})
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")


async def test_what_there_is_not_is_refused(panel: Any) -> None:
    async with await panel.client("viewer") as client:
        for part in (
            "table=users",
            "role=postgres",
            "role=PUBLIC",
            "agent_type=nobody",
            "agent_type=%00",
        ):
            assert (await client.get(f"{URL}?{part}")).status_code == 422, part
        assert "NUL" in (await client.get(f"{URL}?key={OWN}%3B%00")).text
        for key in ("7", "a%3Bb"):
            assert "This is no key of q_values" in (await client.get(f"{URL}?key={key}")).text, key

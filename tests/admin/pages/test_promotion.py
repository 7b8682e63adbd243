"""Promoting a policy on its page, and taking that back."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.admin.pages.test_policy import AGENT, PATH, clear, forget_versions, learn, text_of
from tests.support.axe import complaints_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

TARGET, OTHER = "code-complexity", "quality-gate"
PROMOTE, TAKE_BACK = "/admin/policy/promote", "/admin/policy/take-back"
PAIRS = """
select state_hash, action_hash, q_value, visit_count, confidence_score
  from q_values where agent_type = $1 order by 1, 2
"""


@pytest_asyncio.fixture(loop_scope="session")
async def winner(rows: asyncpg.Connection, panel: Any) -> AsyncIterator[asyncpg.Connection]:
    """An agent type that learned two pairs, and one with a pair of its own."""
    await clear(rows, panel)
    await learn(rows, {"n": 1}, "left", 4, visits=5)
    await learn(rows, {"n": 1}, "right", 9)
    await rows.execute(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data,"
        " q_value)"
        " values ($1, 's', '{}', 'a', '\"up\"', 50)",
        TARGET,
    )
    yield rows
    await clear(rows, panel)
    for name in (TARGET, OTHER):
        await rows.execute("delete from q_values where agent_type = $1", name)
    await rows.execute(
        "update agent_types set action_space_dimensions = 4 where agent_type = $1", OTHER
    )
    await forget_versions(panel.owner)


async def pairs(rows: asyncpg.Connection, agent_type: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await rows.fetch(PAIRS, agent_type)]


@pytest.mark.browser
async def test_promoted_and_taken_back(page: Page, winner: asyncpg.Connection) -> None:
    before = await pairs(winner, TARGET)
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(PATH)
    await page.get_by_label("to", exact=True).fill(TARGET)
    await page.get_by_role("button", name="Promote…").press("Enter")
    await expect(page.locator("#promotion + .data-text")).to_contain_text(
        "2 are new to it, 0 get other values, and 1 of its own are removed"
    )
    assert await complaints_of(page) == []
    await page.get_by_role("button", name=f"Promote to {TARGET}").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("The policy was promoted")
    assert await pairs(winner, TARGET) == await pairs(winner, AGENT)
    await page.get_by_role("button", name="Take back the promotion").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("The promotion was taken back")
    await expect(page.get_by_role("button", name="Take back the promotion")).to_have_count(0)
    assert await pairs(winner, TARGET) == before
    logged = await winner.fetch(
        "select note, count(distinct transaction_id) as transactions, min(panel_user) as who"
        " from qlmodels_private.audit_log where note like '%promot%' group by note order by note"
    )
    assert [tuple(entry) for entry in logged] == [
        (f"{AGENT} promoted", 1, "admin"),
        ("promotion taken back", 1, "admin"),
    ]


async def test_settings_that_differ_are_copied_when_that_is_wanted(
    panel: Any, winner: asyncpg.Connection
) -> None:
    page = await text_of(panel, f"{PATH}&promote_to={OTHER}", "admin")
    assert "number of actions is 5 there and 4 here" in page
    assert "Copy the settings, too…" in page
    page = await text_of(panel, f"{PATH}&promote_to={OTHER}&with_settings=1", "admin")
    assert "<code>action_space_dimensions</code> becomes 5." in page
    data = {"agent_type": AGENT, "target": OTHER}
    async with await panel.client("admin") as client:
        assert (await client.post(PROMOTE, data=data)).status_code == 409
        assert await pairs(winner, OTHER) == []
        done = await client.post(PROMOTE, data={**data, "with_settings": "1"})
        assert done.status_code == 303
        assert await pairs(winner, OTHER) == await pairs(winner, AGENT)
        assert (await client.post(TAKE_BACK, data={"agent_type": OTHER})).status_code == 303
    assert await pairs(winner, OTHER) == []
    assert (
        await winner.fetchval(
            "select action_space_dimensions from agent_types where agent_type = $1", OTHER
        )
        == 4
    )


async def test_who_may_promote_and_what_is_refused(panel: Any, winner: asyncpg.Connection) -> None:
    data = {"agent_type": AGENT, "target": TARGET}
    before = await pairs(winner, TARGET)
    for role in ("viewer", "editor"):
        async with await panel.client(role) as client:
            assert (await client.post(PROMOTE, data=data)).status_code == 403
            assert (await client.post(TAKE_BACK, data=data)).status_code == 403
        assert "Only an admin can promote" in await text_of(
            panel, f"{PATH}&promote_to={TARGET}", role
        )
    async with await panel.client("admin") as client:
        for wrong, status in (
            ({"target": "nobody"}, 422),
            ({"target": AGENT}, 409),
            ({"version": "9"}, 404),
            ({"version": "x"}, 422),
        ):
            answer = await client.post(PROMOTE, data={**data, **wrong})
            assert answer.status_code == status, answer.text
        assert (await client.post(TAKE_BACK, data=data)).status_code == 409
    assert await pairs(winner, TARGET) == before

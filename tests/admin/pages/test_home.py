"""The first page says what the rows say, and what needs attention comes first."""

from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from qlmodels_admin.pages.home import HomeSummary

from qlmodels.verdicts import LearningStatus
from tests.support.axe import complaints_of
from tests.support.html import text_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

GOOD, BAD = "performance-tester", "visual-tester"


@pytest_asyncio.fixture(loop_scope="session")
async def fleet(panel: Any, rows: asyncpg.Connection) -> AsyncIterator[None]:
    """One agent type whose later half is worth 10 more, and one that never succeeds."""
    now = datetime.now(UTC)
    await rows.executemany(
        "insert into trajectories (agent_type, task_id, initial_state, final_state, "
        "actions_taken, states_visited, step_rewards, total_reward, discounted_reward, "
        "execution_time_ms, success, exploration_rate, started_at, completed_at) "
        "values ($1, 't', '{}', '{}', '[]', '[]', '[]', $2, $2, 1, $3, 0.25, $4, $4)",
        [
            (agent, level + number % 7, agent == GOOD, now - timedelta(minutes=200 - number))
            for number in range(200)
            for agent, level in ((GOOD, 10.0 * (number >= 100)), (BAD, 0.0))
        ],
    )
    panel.app.state.admin.sources.learning.scan.forget()
    yield
    await rows.execute("delete from trajectories where agent_type = any($1)", [GOOD, BAD])
    panel.app.state.admin.sources.learning.scan.forget()


@pytest.mark.browser
async def test_what_needs_attention_comes_first_with_the_reason(page: Page, fleet: None) -> None:
    await page.goto("/admin/")
    await expect(page.locator("h1")).to_contain_text(f"1 needs attention: {BAD} is failing.")
    needy = page.locator(".needy li")
    await expect(needy).to_have_count(1)
    await expect(needy).to_contain_text("0 of the last 50 episodes succeeded")
    names = await page.locator("table.cards tbody td.is-key").all_inner_texts()
    assert names.index(BAD) == 0
    assert GOOD in names[1:]
    row = page.locator("table.cards tr").filter(has_text=GOOD)
    await expect(row).to_contain_text("improving")
    await expect(row).to_contain_text("100 %")
    told = await row.get_by_role("img").locator("title").text_content()
    assert told is not None
    assert (told.split(" → ")[0], told.split(" → ")[-1], told.count("→")) == ("2.444", "13.00", 23)


@pytest.mark.browser
async def test_it_reads_well_for_everybody(page: Page, fleet: None) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto("/admin/")
    assert await complaints_of(page) == []
    await page.set_viewport_size({"width": 390, "height": 844})
    wider = "document.documentElement.scrollWidth > innerWidth"
    assert not await page.evaluate(wider)
    await expect(page.locator(".needy .why")).to_be_visible()


@pytest.mark.browser
async def test_numbers_lead_to_the_rows_behind_them(page: Page, fleet: None) -> None:
    await page.goto("/admin/")
    row = page.locator("table.cards tr").filter(has_text=GOOD)
    await row.locator("td.number a").first.click()
    await expect(page.locator("h1")).to_contain_text("trajectories 200")


@pytest.mark.browser
async def test_agent_types_that_never_ran_are_one_line(page: Page, fleet: None) -> None:
    await page.goto("/admin/")
    never = page.locator("details.never")
    await expect(never.locator("summary")).to_contain_text("not started")
    await expect(never.locator("a").first).to_be_hidden()
    await never.locator("summary").press("Enter")
    await expect(never.locator("a").first).to_be_visible()


async def test_the_panel_says_as_whom_it_is_connected(panel: Any) -> None:
    async with await panel.client("viewer") as client:
        page = text_of((await client.get("/admin/")).text)
    assert "connected as qlpanel_test, under row-level security" in page


def state(name: str = "a", **values: Any) -> LearningStatus:
    blank = dict.fromkeys((field.name for field in fields(LearningStatus)), None)
    known: dict[str, Any] = {
        "agent_type": name,
        "is_active": True,
        "played": 100,
        "instances": 1,
        "in_error": 0,
        "lost": 0,
        "lookups": 0,
        "hits": 0,
        "episodes": 100,
        "curve": [],
        "trend": "holds",
        "verdicts": [],
    }
    return LearningStatus(**{**blank, **known, **values})


NEVER = state("n", verdicts=["never_started"])


@pytest.mark.parametrize(
    ("states", "headline"),
    [
        ([NEVER], "1 agent type is ready; none has played an episode yet."),
        ([NEVER, NEVER], "2 agent types are ready; none has played an episode yet."),
        (
            [state()],
            "The one agent type that ran learns or holds what it learned; 0 improved lately.",
        ),
        (
            [state(), state(trend="improved"), NEVER],
            "Each of 2 agent types learns or holds what it learned; 1 improved lately.",
        ),
        (
            [state("x", verdicts=["stalled"]), state(), NEVER],
            "1 of 2 agent types learns or holds what was learned. "
            "1 needs attention: x has stalled.",
        ),
        (
            [
                state("x", verdicts=["value_out_of_bounds"]),
                state("y", verdicts=["failing"]),
                state("z", verdicts=["heartbeat_lost"]),
                state(),
                state(),
            ],
            "2 of 5 agent types learn or hold what was learned. "
            "3 need attention: x is diverging, y is failing, and 1 more.",
        ),
    ],
)
async def test_the_headline_is_counted(states: list[LearningStatus], headline: str) -> None:
    assert HomeSummary(states, {}, 0).headline == headline

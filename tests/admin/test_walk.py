"""As a new user would: who is worst, why, by which episode; correct it, see who did, undo it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from qlmodels.store.hashing import identify
from tests.support.axe import complaints_of

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.browser,
    pytest.mark.one_major,
]

AGENT = "security-scanner"
SESSION = "00000000-0000-4000-8000-00000000a11c"
MINUTES = 2
EPISODES = 120
"""Enough for the agent type to be judged."""
STATE, ACTION = {"row": 0}, "down"


@pytest_asyncio.fixture(loop_scope="session")
async def failing(panel: Any, rows: asyncpg.Connection) -> AsyncIterator[None]:
    """An agent of one session, that fails, and the one pair that led it there."""
    now = datetime.now(UTC)
    await rows.execute(
        "insert into sessions (agent_type, session_id, session_name, agent_instance_id) "
        "values ($1, $2, 'a walk', 'one')",
        AGENT,
        SESSION,
    )
    await rows.executemany(
        "insert into trajectories (agent_type, session_id, task_id, initial_state, final_state, "
        "actions_taken, states_visited, step_rewards, total_reward, discounted_reward, "
        "execution_time_ms, success, started_at, completed_at) "
        "values ($1, $2, 'cross the lake', $3, '{}', $4, $5, '[-1]', -1, -1, 1, false, $6, $6)",
        [
            (AGENT, SESSION, STATE, [ACTION], [STATE], now - timedelta(minutes=EPISODES - number))
            for number in range(EPISODES)
        ],
    )
    await rows.execute(
        "insert into q_values (agent_type, session_id, state_hash, state_data, action_hash, "
        "action_data, q_value) values ($1, $2, $3, $4, $5, $6, 0.7)",
        AGENT,
        SESSION,
        identify(STATE, "state").hash,
        STATE,
        identify(ACTION, "action").hash,
        ACTION,
    )
    panel.app.state.admin.sources.learning.scan.forget()
    yield
    for table in ("q_values", "trajectories", "sessions"):
        await rows.execute(f"delete from {table} where agent_type = $1", AGENT)
    panel.app.state.admin.sources.learning.scan.forget()


async def test_from_the_worst_agent_to_a_corrected_value_and_back(
    page: Page, rows: asyncpg.Connection, failing: None
) -> None:
    await page.emulate_media(reduced_motion="reduce")
    began = monotonic()
    await page.goto("/admin/")
    await page.locator(".needy li").filter(has_text=AGENT).locator("a.key").click()
    await expect(page.locator("h1")).to_contain_text("0 of the last 50 episodes succeeded")
    await page.get_by_role("link", name="failed", exact=True).click()
    await expect(page.locator("h1")).to_contain_text("50 newest episodes")
    await expect(page.get_by_role("link", name="Older")).to_be_visible()
    await page.locator("table.list td.is-key a").first.click()
    await expect(page.locator("h1")).to_contain_text("step 0 cost most")
    await page.locator("#step-0").get_by_role("link", name="0.7").click()
    await page.get_by_role("link", name="Edit").click()
    await page.locator("#q_value").fill("0.9")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator(".note")).to_contain_text("Your changes were saved.")
    change = page.locator(".history li").first
    await expect(change.locator("summary")).to_contain_text("admin changed q_value")
    await expect(change.locator(".old")).to_have_text("0.7")
    await expect(change.locator(".new")).to_have_text("0.9")
    await page.locator(".note").get_by_role("button", name="Undo").click()
    await expect(page.locator(".note")).to_contain_text("Undone.")
    await expect(page.locator(".history summary").first).to_contain_text("undid transaction")
    assert monotonic() - began < MINUTES * 60
    value = "select q_value from q_values where agent_type = $1"
    assert await rows.fetchval(value, AGENT) == 0.7

    await page.get_by_role("link", name="undo this change…").nth(0).click()
    await expect(page.locator("h1")).to_have_text("Undo this change?")
    assert await complaints_of(page) == []
    await rows.execute("update q_values set q_value = 0.5 where agent_type = $1", AGENT)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator(".problem")).to_contain_text("is 0.5.")
    assert await rows.fetchval(value, AGENT) == 0.5
    await page.get_by_role("button", name="Undo anyway").click()
    await expect(page.locator(".note")).to_contain_text("Undone.")
    assert await rows.fetchval(value, AGENT) == 0.9


async def test_a_rows_hashes_and_keys_are_copied(
    page: Page, rows: asyncpg.Connection, failing: None
) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    key = await rows.fetchval("select q_value_id::text from q_values where agent_type = $1", AGENT)
    await page.goto(f"/admin/q_values/details/{AGENT};{key}")
    assert await complaints_of(page) == []
    for name, value in (("session", SESSION), ("state hash", identify(STATE, "state").hash)):
        await page.get_by_role("button", name=f"Copy {name}", exact=True).click()
        await page.wait_for_function(
            "async value => await navigator.clipboard.readText() === value", arg=value
        )


async def test_a_row_shows_the_rows_that_belong_to_it(page: Page, failing: None) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(f"/admin/sessions/details/{AGENT};{SESSION}")
    episodes = page.get_by_role("heading", name="trajectories", exact=False)
    await expect(episodes).to_have_text(f"trajectories {EPISODES}")
    inline = page.locator(".inline").filter(has=episodes)
    await expect(inline.locator("tbody tr")).to_have_count(5)
    assert await complaints_of(page) == []
    await inline.get_by_role("link", name=f"all {EPISODES} trajectories").click()
    await expect(page.locator("h1")).to_contain_text(f"trajectories {EPISODES}")
    await page.goto(f"/admin/trajectories/list?agent_type={AGENT}&instance=one")
    await expect(page.locator("h1")).to_contain_text(f"trajectories {EPISODES}")
    await page.goto(f"/admin/trajectories/list?agent_type={AGENT}&instance=two")
    await expect(page.locator(".empty")).to_contain_text("No row matches")

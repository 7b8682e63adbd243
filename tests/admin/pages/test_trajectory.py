"""An episode step by step: what was done, what it brought, what it changed; and how to find it."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect
from qlmodels_admin.pages.trajectory import picker
from qlmodels_admin.pages.trajectory.page import POINTS_A_CHART, STEPS_A_PAGE

from qlmodels.connection import connect
from qlmodels.store.adopted_hashing import (
    original_action_hash,
    original_state_hash,
    original_text,
)
from qlmodels.store.hashing import identify
from tests.support.axe import complaints_of
from tests.support.html import text_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT = "test-executor"
ENDED = datetime.now(UTC) - timedelta(hours=3)

STATES = [
    {"coverage": 0.4, "module": "auth", "flags": []},
    {"coverage": 0.5, "module": "auth", "flags": ["slow"]},
    {"coverage": 0.5, "module": "auth", "flags": ["slow"]},
]
FINAL = {"coverage": 0.5, "module": "billing", "flags": ["slow"]}
ACTIONS = ["boundary", "boundary", "fuzz"]


async def record(
    rows: asyncpg.Connection, states: Any, actions: Any, rewards: list[float], **values: Any
) -> str:
    known = {
        "agent_type": AGENT,
        "task_id": "cover auth",
        "initial_state": states[0],
        "final_state": FINAL,
        "actions_taken": actions,
        "states_visited": states,
        "step_rewards": rewards,
        "total_reward": sum(rewards),
        "discounted_reward": 0.5,
        "execution_time_ms": 1234,
        "success": False,
        "started_at": ENDED,
        "completed_at": ENDED,
        **values,
    }
    places = ", ".join(f"${number + 1}" for number in range(len(known)))
    return str(
        await rows.fetchval(
            f"insert into trajectories ({', '.join(known)}) values ({places}) "
            "returning trajectory_id::text",
            *known.values(),
        )
    )


def url(key: str, step: int | None = None) -> str:
    at = "" if step is None else f"&step={step}"
    return f"/admin/trajectory?agent_type={AGENT}&id={key}{at}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def story(rows: asyncpg.Connection) -> AsyncIterator[str]:
    """Three steps that fail, in a session, with a pair of the first of them."""
    session = await rows.fetchval(
        "insert into sessions (agent_type, agent_instance_id, session_name) "
        "values ($1, 'one', 'night run') returning session_id",
        AGENT,
    )
    state = identify(STATES[0], "state").hash
    for action, value in (("boundary", 1.25), ("fuzz", 7.5)):
        await rows.execute(
            "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, "
            "q_value) values ($1, $2, $3, $4, $5, $6)",
            AGENT,
            state,
            STATES[0],
            identify(action, "action").hash,
            action,
            value,
        )
    yield await record(
        rows,
        STATES,
        ACTIONS,
        [1.0, -3.0, 0.5],
        session_id=session,
        policy_version=4,
        priority=2.5,
        replay_count=3,
        error_message="AssertionError: 404",
        truncated=True,
        exploration_rate=0.25,
    )
    for table in ("trajectories", "rewards", "sessions", "q_values"):
        await rows.execute(f"delete from {table} where agent_type = $1", AGENT)


def column(page: Page, place: int) -> Locator:
    return page.locator(f"#step-{place}")


@pytest.mark.browser
async def test_each_step_is_a_column(page: Page, story: str) -> None:
    await page.goto(url(story))
    await expect(page.locator("h1")).to_have_text(
        f"{AGENT} failed at cover auth after 3 steps, with a return of -1.500: "
        "step 1 cost most, 3.000."
    )
    await expect(page.locator(".problem")).to_have_text("AssertionError: 404")
    await expect(page.locator(".timeline > li")).to_have_count(4)
    first, second, third = (column(page, place) for place in range(3))
    await expect(first).to_contain_text('starts in flags: [], module: "auth", coverage: 0.4')
    await expect(first).to_contain_text("reward +1.000")
    await expect(second).to_contain_text("coverage 0.4 → 0.5")
    await expect(second).to_contain_text('flags[0] not there → "slow"')
    await expect(second).to_contain_text("reward -3.000")
    await expect(second).to_contain_text("return -2.000")
    await expect(third).to_contain_text("state unchanged")
    end = page.locator(".timeline .end")
    await expect(end).to_contain_text('module "auth" → "billing"')
    await expect(end).to_contain_text("failed, cut short")
    bars = [await one.locator(".bars rect").bounding_box() for one in (first, second)]
    zero = await first.locator(".bars .zero").bounding_box()
    assert bars[0]
    assert bars[1]
    assert zero
    assert bars[0]["y"] < zero["y"] <= bars[1]["y"] + 1
    assert bars[1]["height"] == pytest.approx(3 * bars[0]["height"], rel=0.1)


@pytest.mark.browser
async def test_it_leads_to_its_pairs_session_and_policy(page: Page, story: str) -> None:
    await page.goto(url(story))
    await expect(column(page, 0)).to_contain_text("Q now 1.250 not best")
    await expect(column(page, 1)).to_contain_text("no pair")
    about = page.locator("section", has=page.get_by_role("heading", name="This episode"))
    await expect(about).to_contain_text("night run of one, development")
    await expect(about).to_contain_text("priority in replay 2.500, replayed 3 times")
    await expect(about.get_by_role("link", name="4", exact=True)).to_be_visible()
    await column(page, 0).get_by_role("link", name="1.250").click()
    await page.wait_for_url("**/q_values/details/**")


async def test_recorded_hashes_tell_the_pair(
    panel: Any, story: str, rows: asyncpg.Connection
) -> None:
    """Of clients that hash in their own way, if their rewards are rows of their own."""
    await rows.execute(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, "
        "q_value) values ($1, 'own', '1', 'way', '1', 6.125)",
        AGENT,
    )
    await rows.execute(
        "insert into rewards (agent_type, trajectory_id, state_hash, action_hash, reward_value, "
        "step) values ($1, $2, 'own', 'way', -3, 1)",
        AGENT,
        story,
    )
    async with await panel.client("viewer") as client:
        text = (await client.get(url(story))).text
    await rows.execute("delete from rewards where agent_type = $1", AGENT)
    assert "Q now 6.125" in text_of(text)


@pytest.mark.parametrize("state_hash", ["by rule", "odd"])
async def test_adopted_hashes_tell_the_pair(
    panel: Any, story: str, rows: asyncpg.Connection, state_hash: str
) -> None:
    """Of agent types that hash as the original does, and of documents known one by one."""
    if state_hash == "by rule":
        state_hash = original_state_hash(STATES[1], original_text(STATES[1]))
    else:
        async with connect(panel.owner) as owner:
            await owner.execute(
                "insert into qlmodels_private.adopted_hashes values ($1, 'state', $2, $3)",
                AGENT,
                identify(STATES[1], "state").hash,
                state_hash,
            )
    await rows.execute(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, "
        "q_value) values ($1, $2, $3, $4, $5, 6.625)",
        AGENT,
        state_hash,
        STATES[1],
        original_action_hash(ACTIONS[1], ""),
        ACTIONS[1],
    )
    await rows.execute("update agent_types set hashing = 'original' where agent_type = $1", AGENT)
    async with await panel.client("viewer") as client:
        text = (await client.get(url(story))).text
    await rows.execute("update agent_types set hashing = null where agent_type = $1", AGENT)
    async with connect(panel.owner) as owner:
        await owner.execute("delete from qlmodels_private.adopted_hashes")
    await rows.execute("delete from q_values where q_value = 6.625")
    assert "Q now 6.625" in text_of(text)


@pytest.mark.browser
async def test_keys_step_through(page: Page, story: str, rows: asyncpg.Connection) -> None:
    count = STEPS_A_PAGE + 3
    states = [{"place": place} for place in range(count + 1)]
    key = await record(rows, states, ["go"] * count, [1.0] * count, success=True)
    await page.goto(url(key, STEPS_A_PAGE - 2))
    await page.keyboard.press("ArrowRight")
    await expect(column(page, STEPS_A_PAGE - 1)).to_have_attribute("aria-current", "step")
    assert page.url.endswith(f"step={STEPS_A_PAGE - 1}")
    chosen = page.locator("[data-chosen]")
    await expect(chosen).to_contain_text(f"State in step {STEPS_A_PAGE - 1}")
    await expect(chosen).to_contain_text(f"place {STEPS_A_PAGE - 1}")
    await page.keyboard.press("ArrowRight")
    await page.wait_for_url(f"**step={STEPS_A_PAGE}")
    await expect(column(page, STEPS_A_PAGE)).to_have_attribute("aria-current", "step")
    await expect(column(page, STEPS_A_PAGE)).to_contain_text(
        f"place {STEPS_A_PAGE - 1} → {STEPS_A_PAGE}"
    )
    await page.keyboard.press("ArrowLeft")
    await page.wait_for_url(f"**step={STEPS_A_PAGE - 1}")


async def test_a_long_one_is_parted_and_says_so(
    panel: Any, story: str, rows: asyncpg.Connection
) -> None:
    count = 10_000
    rewards = [float(place % 7 == 0) for place in range(count)]
    rewards[7777] = -5.0
    key = await record(rows, list(range(count)), [0] * count, rewards, task_id="long")
    async with await panel.client("viewer") as client:
        text = (await client.get(url(key, 7777))).text
    assert "Return over all 10,000 steps" in text
    assert f"{POINTS_A_CHART} points, each the return" in text_of(text)
    assert "part of up to 50 steps" in text_of(text)
    assert text.count('id="step-') == STEPS_A_PAGE
    line = text.split(' points="')[1].split('"')[0].split(" ")
    assert len(line) == POINTS_A_CHART + 1
    assert "step 7777 cost most, 5.000" in text
    assert 'aria-current="step"' in text.split('id="step-7777"')[1][:60]


@pytest.mark.browser
async def test_the_data_is_a_table_too(page: Page, story: str) -> None:
    await page.goto(url(story))
    await page.get_by_text("The data as a table").press("Enter")
    cells = page.locator("details.data tbody tr").nth(1).locator("td")
    assert (await cells.all_inner_texts())[:4] == ["1", "boundary", "-3.000", "-2.000"]


@pytest.mark.browser
async def test_episodes_are_picked_by_url(page: Page, story: str, rows: Any) -> None:
    await record(rows, STATES, ACTIONS, [1, 1, 1], task_id="well done", success=True)
    await page.goto(f"/admin/trajectory?agent_type={AGENT}")
    await expect(page.locator("tbody")).to_contain_text("well done")
    await page.get_by_label("outcome").select_option("failed")
    await page.wait_for_url("**outcome=failed**")
    await expect(page.locator("tbody")).not_to_contain_text("well done")
    await page.locator("tbody tr").filter(has_text="404").get_by_role("link").click()
    await page.wait_for_url(f"**id={story}")
    await expect(page.locator("h1")).to_contain_text("failed at cover auth")
    await page.get_by_role("link", name=story[:8]).click()  # its row, and back
    await page.get_by_role("link", name="Step by step").click()
    await page.wait_for_url(f"**id={story}")


@pytest.mark.browser
@pytest.mark.long
async def test_they_read_well_for_everybody(page: Page, story: str) -> None:
    await page.emulate_media(reduced_motion="reduce")
    for path in (url(story), f"/admin/trajectory?agent_type={AGENT}"):
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.goto(path)
        assert await complaints_of(page) == []
        await page.set_viewport_size({"width": 390, "height": 844})
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")


async def test_documents_of_any_kind(panel: Any, story: str, rows: asyncpg.Connection) -> None:
    """No step, states that are no objects, JSON's null, fewer states than steps."""
    async with await panel.client("viewer") as client:
        for states, actions in (([], []), ([1, None], [None, [1, 2]]), (["a", {"b": 1}], ["x"])):
            key = await record(
                rows,
                states or [0],
                actions,
                [0.0] * len(actions),
                states_visited=json.loads(json.dumps(states)),
            )
            answer = await client.get(url(key))
            assert answer.status_code == 200, states
        assert "no step brought a reward" in answer.text


async def refused(client: httpx.AsyncClient, path: str) -> int:
    return (await client.get(f"/admin/trajectory?{path}")).status_code


async def test_what_there_is_not_is_refused(panel: Any, story: str) -> None:
    other = "00000000-0000-4000-8000-00000000dead"
    async with await panel.client("viewer") as client:
        for path in (
            "agent_type=nobody",
            "outcome=moon",
            "kind=moon",
            "before=noon",
            "before=2026-01-01",
            "before=0001-01-01T00:00:00%2B14:00",
            "before=2026-01-01T00:00:00Z&after=1",
            "id=7",
            f"id={story}&agent_type={AGENT}&step=x",
            f"id={story}&agent_type=%00",
        ):
            assert await refused(client, path) == 422, path
        assert await refused(client, f"id={other}&agent_type={AGENT}") == 404
        assert await refused(client, f"id={story}&agent_type=visual-tester") == 404


async def test_older_episodes_of_one_moment_are_all_listed(
    panel: Any, rows: asyncpg.Connection
) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    dated = {"started_at": moment, "completed_at": moment}
    expected = [
        await record(rows, [0], [0], [0.0], agent_type=agent, **dated)
        for agent in [AGENT, "visual-tester"]
        for _ in range(picker.PAGE_SIZE + 5)
    ]
    before = moment - timedelta(seconds=1)
    earlier = await record(rows, [0], [0], [0.0], started_at=before, completed_at=before)
    seen: list[str] = []
    path: str | None = f"?{urlencode({'before': (moment + timedelta(seconds=1)).isoformat()})}"
    async with await panel.client("viewer") as client:
        while path:
            page = (await client.get(f"/admin/trajectory{path}")).text
            seen += re.findall(r"id=([0-9a-f-]{36})", page)
            older = re.search(r'rel="next" href="(\?[^"]+)">Older', page)
            path = unescape(older[1]) if older else None
    await rows.execute(
        "delete from trajectories where trajectory_id = any($1::uuid[])", [*expected, earlier]
    )
    assert seen[: len(expected) + 1] == [*sorted(expected), earlier]

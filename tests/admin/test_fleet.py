"""The first page says what the rows say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from qlmodels_admin import fleet
from qlmodels_admin.fleet import Agent, Fleet

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT = "performance-tester"


@pytest_asyncio.fixture(loop_scope="session")
async def episodes(rows: asyncpg.Connection) -> Any:
    """200 episodes of one agent type, the later half worth 10 more."""
    now = datetime.now(UTC)
    await rows.executemany(
        "insert into trajectories (agent_type, task_id, initial_state, final_state, "
        "actions_taken, states_visited, step_rewards, total_reward, discounted_reward, "
        "execution_time_ms, success, exploration_rate, started_at, completed_at) "
        "values ($1, 't', '{}', '{}', '[]', '[]', '[]', $2, $2, 1, $3, 0.25, $4, $4)",
        [
            (AGENT, number % 7 + (10.0 if number >= 100 else 0.0), number % 2 == 0,
             now - timedelta(minutes=200 - number))
            for number in range(200)
        ],
    )  # fmt: skip
    yield
    await rows.execute("delete from trajectories where agent_type = $1", AGENT)
    await rows.execute("delete from agent_states where agent_type = $1", AGENT)


async def test_figures_come_from_the_last_episodes(panel: Any, episodes: None) -> None:
    found = await fleet.read(panel.app.state.engine)
    (agent,) = [agent for agent in found.agents if agent.name == AGENT]
    assert agent.trend == "improved"
    assert agent.mean is not None
    assert agent.before is not None
    assert agent.mean - agent.before == pytest.approx(10, abs=0.2)
    assert agent.success == 0.5
    assert agent.epsilon == 0.25
    assert len(agent.curve) == fleet.CURVE_POINTS
    assert agent.trouble is None
    assert AGENT not in {agent.name for agent in found.never_ran}


@pytest.mark.browser
async def test_who_is_in_error_needs_a_look(
    page: Page, rows: asyncpg.Connection, episodes: None
) -> None:
    await rows.execute(
        "insert into agent_states (agent_type, agent_instance_id, status, "
        "current_exploration_rate, current_learning_rate) values ($1, 'one', 'error', 0, 0)",
        AGENT,
    )
    await page.goto("/admin/")
    needy = page.locator(".needy tr").filter(has_text=AGENT)
    await expect(needy).to_contain_text("1 instance in error")
    await expect(page.locator(".headline")).to_contain_text("a look.")
    await page.locator("table.fleet tr").filter(has_text=AGENT).locator("td.number a").first.click()
    await expect(page.locator("h1")).to_contain_text("trajectories 200")


async def test_the_panel_says_as_whom_it_is_connected(panel: Any) -> None:
    client: httpx.AsyncClient
    async with await panel.client("viewer") as client:
        page = (await client.get("/admin/")).text
    assert "connected as qlpanel_test, under row-level security" in page


def agent(**values: Any) -> Agent:
    known: dict[str, Any] = {
        "name": "a", "active": True, "episodes": 9, "mean": 1.0, "before": 1.0, "success": 1.0,
        "epsilon": 0.1, "pairs": 1, "last_seen": datetime.now(UTC), "in_error": 0,
        "trend": "holds", "curve": [],
    }  # fmt: skip
    return Agent(**{**known, **values})


@pytest.mark.parametrize(
    ("agents", "headline"),
    [
        ([], "1 agent type is ready; none has played an episode yet."),
        ([agent()], "0 of 1 agent type improved over the last 100 episodes, 1 holds. "
                    "None needs a look."),
        ([agent(trend="improved"), agent(trend="fell"), agent(in_error=2)],
         "1 of 3 agent types improved over the last 100 episodes, 1 holds. 2 need a look."),
    ],
)  # fmt: skip
async def test_the_headline_is_counted(agents: list[Agent], headline: str) -> None:
    assert Fleet(agents, [agent(trend="never")], {}).headline == headline


async def test_silence_and_a_fall_are_trouble() -> None:
    old = datetime.now(UTC) - timedelta(days=3, hours=1)
    assert agent(last_seen=old).trouble == "silent for 3 d"
    assert agent(last_seen=old, active=False).trouble is None
    assert agent(trend="fell").trouble == "return fell"

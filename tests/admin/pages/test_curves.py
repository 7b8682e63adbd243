"""Curves say what the episodes say, in fewer points than there are pixels."""

import statistics
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from qlmodels_admin.db.queries import statements_of
from qlmodels_admin.pages.curves import MAX_GROUPS, POINTS_A_CURVE

from qlmodels.connection.transactions import read_transaction
from tests.support.axe import complaints_of
from tests.support.html import text_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.newest_first]

AGENT = "quality-analyzer"
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


@pytest_asyncio.fixture(loop_scope="session")
async def agent(rows: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    yield rows
    for table in ("rewards", "trajectories", "sessions", "agent_states"):
        await rows.execute(f"delete from {table} where agent_type = $1", AGENT)


async def run(rows: asyncpg.Connection, instance: str, environment: str = "staging") -> str:
    return str(
        await rows.fetchval(
            "insert into sessions (agent_type, agent_instance_id, session_name, environment, "
            "start_time) values ($1, $2, 'a run', $3, $4) returning session_id::text",
            AGENT,
            instance,
            environment,
            BEGAN,
        )
    )


async def play(
    rows: asyncpg.Connection,
    returns: Sequence[float],
    *,
    session: str | None = None,
    greedy: bool = False,
    seed: int | None = None,
) -> None:
    """Episodes of three steps, a minute each, from BEGAN on."""
    await rows.execute(
        "insert into trajectories (agent_type, session_id, task_id, initial_state, final_state, "
        "actions_taken, states_visited, step_rewards, total_reward, discounted_reward, "
        "execution_time_ms, success, is_evaluation, seed, started_at, completed_at) "
        "select $1, $2, 't', '{}', '{}', '[1, 2, 3]', '[1, 2, 3]', '[0, 0, 0]', reward, 0, 1, "
        "true, $3, $4, now(), $5::timestamptz + place * interval '1 minute' "
        "from unnest($6::float[]) with ordinality as e (reward, place)",
        AGENT,
        session,
        greedy,
        seed,
        BEGAN,
        list(returns),
    )


async def curves(panel: Any, **values: Any) -> list[Any]:
    known: dict[str, Any] = {
        "agent_type": AGENT,
        "instance": None,
        "environment": None,
        "by": "episode",
        "groups": "",
        "points": POINTS_A_CURVE,
    }
    async with read_transaction(panel.app.state.engine) as connection:
        rows = await connection.execute(
            statements_of("qlmodels_admin.pages")("curves"), {**known, **values}
        )
        return list(rows.mappings().all())


async def test_many_episodes_are_few_points_and_none_is_lost(
    agent: asyncpg.Connection, panel: Any
) -> None:
    returns = [float(number % 13) for number in range(1000)]
    await play(agent, returns)
    points = await curves(panel)
    assert len(points) == POINTS_A_CURVE
    assert sum(point["episodes"] for point in points) == 1000
    assert [point["x"] for point in points] == sorted(point["x"] for point in points)
    first, count = points[0], points[0]["episodes"]
    assert first["mean"] == pytest.approx(statistics.mean(returns[:count]))
    error = statistics.stdev(returns[:count]) / count**0.5
    assert first["error"] == pytest.approx(error)


@pytest.mark.parametrize(
    ("by", "xs"),
    [
        ("episode", [1, 2, 3]),
        ("step", [3, 6, 9]),
        ("time", [BEGAN.timestamp() + 60 * minute for minute in (1, 2, 3)]),
    ],
)
async def test_over_episodes_steps_or_time(
    agent: asyncpg.Connection, panel: Any, by: str, xs: list[float]
) -> None:
    await play(agent, [5.0, 6.0, 7.0])
    points = await curves(panel, by=by)
    assert [(point["x"], point["mean"]) for point in points] == list(
        zip(xs, [5, 6, 7], strict=True)
    )


async def test_greedy_episodes_are_a_curve_of_their_own(
    agent: asyncpg.Connection, panel: Any
) -> None:
    await play(agent, [1.0] * 10)
    await play(agent, [9.0] * 10, greedy=True)
    points = await curves(panel)
    assert {(point["is_evaluation"], point["mean"]) for point in points} == {(False, 1), (True, 9)}


async def test_instances_and_environments(agent: asyncpg.Connection, panel: Any) -> None:
    for instance, environment, level in (("a", "staging", 1.0), ("b", "production", 2.0)):
        session = await run(agent, instance, environment)
        await play(agent, [level] * 5, session=session)
    assert {point["mean"] for point in await curves(panel, instance="a")} == {1}
    assert {point["mean"] for point in await curves(panel, environment="production")} == {2}
    by_instance = await curves(panel, groups="instance")
    assert {(point["label"], point["mean"]) for point in by_instance} == {("a", 1), ("b", 2)}
    by_environment = await curves(panel, groups="environment")
    assert {point["label"] for point in by_environment} == {"staging", "production"}


async def test_a_point_over_seeds_is_their_mean_and_interval(
    agent: asyncpg.Connection, panel: Any
) -> None:
    for seed, level in ((1, 1.0), (2, 2.0), (3, 6.0)):
        await play(agent, [level] * 4, seed=seed)
    await play(agent, [100.0] * 4)  # of no seed
    points = await curves(panel, groups="seed")
    assert len(points) == 4
    for point in points:
        assert (point["parts"], point["mean"]) == (3, 3)
        assert point["error"] == pytest.approx(statistics.stdev([1, 2, 6]) / 3**0.5)


# -- the page ----------------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="session")
async def story(agent: asyncpg.Connection, panel: Any) -> AsyncIterator[asyncpg.Connection]:
    """A run that learns, a changed learning rate, greedy episodes, and rewards of two kinds."""
    session = await run(agent, "one")
    await play(agent, [number / 10 + number % 3 for number in range(300)], session=session)
    await play(agent, [20.0 + number % 2 for number in range(30)], session=session, greedy=True)
    await agent.execute("select set_config('app.panel_user', 'editor', false)")
    await agent.execute("update agent_types set learning_rate = 0.5 where agent_type = $1", AGENT)
    await agent.executemany(
        "insert into rewards (agent_type, state_hash, action_hash, reward_value, reward_type, "
        "reward_source) values ($1, 's', 'a', $2, $3, $4)",
        [(AGENT, 3.0, "terminal", "goal"), (AGENT, -1.0, "immediate", None)],
    )
    panel.app.state.admin.sources.learning.scan.forget()
    yield agent
    await agent.execute("update agent_types set learning_rate = 0.1 where agent_type = $1", AGENT)
    await agent.execute("select set_config('app.panel_user', '', false)")


URL = f"/admin/curves?agent_type={AGENT}"


@pytest.mark.browser
async def test_the_page(page: Page, story: asyncpg.Connection) -> None:
    await page.goto(URL)
    await expect(page.locator("h1")).to_contain_text(f"{AGENT} improved from")
    chart = page.locator(".chart")
    await expect(chart).to_have_attribute("data-drawn", "2")
    await expect(chart.locator("canvas")).to_be_visible()
    await expect(chart).to_contain_text("greedy")
    marks = page.locator(".marks li")
    await expect(marks.filter(has_text="learning_rate 0.1 → 0.5 by editor")).to_have_count(1)
    await expect(marks.filter(has_text="a run of one began")).to_have_count(1)
    mix = page.locator("section", has=page.get_by_text("Reward by type and source"))
    await expect(mix.locator("tbody tr").first).to_contain_text("terminal")
    await expect(mix.locator("tbody tr").first).to_contain_text("goal")
    await page.get_by_text("The data as a table").click()
    await expect(page.locator("details.data tbody tr").first).to_contain_text("training")


@pytest.mark.browser
async def test_smoothing_is_done_by_keyboard(page: Page, story: asyncpg.Connection) -> None:
    await page.goto(URL)
    slider = page.get_by_label("smoothing")
    picture = "document.querySelector('.chart canvas').toDataURL()"
    before = await page.evaluate(picture)
    await slider.focus()
    await page.keyboard.press("End")
    await expect(page.locator("output")).to_have_text("0.98")
    await page.wait_for_function(f"before => {picture} !== before", arg=before)


@pytest.mark.browser
async def test_a_choice_is_a_url(page: Page, story: asyncpg.Connection) -> None:
    await page.goto(URL)
    await page.get_by_label("over", exact=True).select_option("step")
    await page.wait_for_url("**by=step**")
    await expect(page.locator(".chart")).to_have_attribute("data-by", "step")
    await expect(page.get_by_label("agent type")).to_have_value(AGENT)


@pytest.mark.long
@pytest.mark.browser
async def test_it_reads_well_for_everybody(page: Page, story: asyncpg.Connection) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(URL)
    await page.get_by_text("The data as a table").press("Enter")
    assert await complaints_of(page) == []
    await page.set_viewport_size({"width": 390, "height": 844})
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    label = await page.locator(".chart").get_attribute("aria-label")
    assert label is not None
    assert "training from" in label


@pytest.mark.browser
async def test_who_has_no_episode_is_told_what_makes_one(page: Page) -> None:
    await page.goto("/admin/curves?agent_type=security-scanner")
    await expect(page.locator("h1")).to_have_text("security-scanner has played no episode yet.")
    await expect(page.locator(".empty").first).to_contain_text("store.record(episode)")


async def test_what_there_is_not_is_refused(panel: Any) -> None:
    async with await panel.client("viewer") as client:
        for part in ("agent_type=nobody", "by=phase", "groups=moon", "instance=%00"):
            answer = await client.get(f"/admin/curves?{part}")
            assert answer.status_code == 422, part


async def test_many_groups_are_not_all_drawn(agent: asyncpg.Connection, panel: Any) -> None:
    for number in range(MAX_GROUPS + 2):
        session = await run(agent, f"instance {number}")
        await play(agent, [1.0] * (number + 1), session=session)
    async with await panel.client("viewer") as client:
        text = (await client.get(f"{URL}&groups=instance")).text
    assert "2 more groups with fewer episodes are not drawn" in text_of(text)
    assert "instance 6, training" in text
    assert "instance 0, training" not in text

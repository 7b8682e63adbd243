"""The page that shows a policy: as a matrix, in versions, and what changed between two."""

import asyncio
import json
from collections.abc import AsyncIterator
from html import unescape
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from sqlalchemy import URL

from qlmodels import policies
from qlmodels.connection import connect
from tests.support.axe import complaints_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT = "coverage-analyzer"
PATH = f"/admin/policy?agent_type={AGENT}"
KEEP, RESTORE = "/admin/policy/keep", "/admin/policy/restore"
AUTH, FIRST = quote('{"module": "auth"}'), quote('{"n": 1}')
UPSERT = "select upsert_q_value($1, $2, $3::jsonb, $4, $5::jsonb, $6)"


async def learn(
    rows: asyncpg.Connection, state: Any, action: Any, value: float, *, visits: int = 1
) -> None:
    for _ in range(visits):
        await rows.execute(
            UPSERT, AGENT, json.dumps(state), state, json.dumps(action), action, value
        )


async def forget_versions(owner: URL) -> None:
    """Let numbers begin at 1 again, which the panel cannot."""
    async with connect(owner) as connection:
        await connection.execute("delete from qlmodels_private.policy_versions")
        await connection.execute("delete from qlmodels_private.last_versions")


async def clear(rows: asyncpg.Connection, panel: Any) -> None:
    for table in ("q_values", "trajectories"):
        await rows.execute(f"delete from {table} where agent_type = $1", AGENT)
    await forget_versions(panel.owner)


@pytest_asyncio.fixture(loop_scope="session")
async def policy(rows: asyncpg.Connection, panel: Any) -> AsyncIterator[asyncpg.Connection]:
    """Two states of module auth, one of which is uncertain, and one of module cart."""
    await clear(rows, panel)
    await learn(rows, {"module": "auth", "n": 1}, "left", 4, visits=5)
    await learn(rows, {"module": "auth", "n": 1}, "right", -8, visits=2)
    await learn(rows, {"module": "auth", "n": 2}, "left", 1)
    await learn(rows, {"module": "auth", "n": 2}, "right", 1.1)
    await learn(rows, {"module": "cart"}, "left", 0)
    yield rows
    await clear(rows, panel)


async def text_of(panel: Any, url: str, role: str = "viewer") -> str:
    async with await panel.client(role) as client:
        answer = await client.get(url)
        assert answer.status_code == 200, answer.text
        return unescape(answer.text)


@pytest.mark.browser
async def test_a_matrix_that_reads_without_colour(page: Page, policy: asyncpg.Connection) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(PATH)
    await expect(page.locator("h1")).to_have_text(
        f"{AGENT} has 3 states; in 1 of the 2 with several tried actions the best two are close."
    )
    rows = page.locator(".matrix tbody tr")
    await expect(rows).to_have_count(3)
    first = rows.nth(0)
    await expect(first.locator("th")).to_have_text('n: 1, module: "auth"')
    await expect(first.locator(".greedy")).to_have_text("4.000 best")
    await expect(first.locator(".minus-5")).to_have_text("-8.000")
    await expect(rows.nth(2).locator(".untried")).to_have_text("never tried")
    await first.locator(".greedy a").focus()
    told = page.locator("[data-told]")
    await expect(told).to_contain_text("left: 4.000, the best action, 5 visits, confidence 0.54")
    assert await complaints_of(page) == []
    await page.set_viewport_size({"width": 390, "height": 844})
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/q_values/details/**")


@pytest.mark.browser
async def test_kept_changed_compared_restored(page: Page, policy: asyncpg.Connection) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(PATH)
    await page.get_by_role("button", name="Save snapshot").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("snapshot of the policy was saved")
    await learn(policy, {"module": "auth", "n": 1}, "right", 9)
    await learn(policy, {"module": "new"}, "left", 3)
    await page.get_by_role("link", name="Compare version 1 with now").press("Enter")
    await expect(page.locator("h1")).to_have_text(
        f"From version 1 to now, 1 of 3 states of {AGENT} changed their best action; 1 pairs are "
        "new and 0 are gone."
    )
    changed = page.locator(".matrix tr").filter(has_text="changed")
    await expect(changed).to_have_count(1)
    await expect(changed.locator(".greedy small")).to_have_text("▲ -8.000")
    assert await complaints_of(page) == []
    await page.get_by_role("link", name="Restore version 1…").press("Enter")
    await expect(page.locator("#restore + .data-text")).to_contain_text(
        "1 of its 5 state-action pairs get their former values, 0 deleted pairs are created again, "
        "and 1 pairs learned since are deleted"
    )
    assert await complaints_of(page) == []
    await page.get_by_role("button", name="Restore version 1").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("The snapshot was restored")
    await expect(page.locator("h1")).to_contain_text("From version 2 to now, 1 of 3 states")
    assert await policy.fetchval(
        "select count(*) = 5 and sum(q_value::numeric) = -1.9 from q_values where agent_type = $1",
        AGENT,
    )
    logged = await policy.fetch(
        "select panel_user, note, operation from qlmodels_private.audit_log"
        " where note = 'policy version 1 restored' and table_name = 'q_values'"
    )
    assert sorted(entry["operation"] for entry in logged) == ["delete", "update"]
    assert {entry["panel_user"] for entry in logged} == {"admin"}


async def test_states_are_searched_by_json_and_ordered(
    panel: Any, policy: asyncpg.Connection
) -> None:
    found = await text_of(panel, f"{PATH}&contains={AUTH}")
    assert "has 2 states that hold this" in found
    assert ">cart<" not in found
    assert ">cart<" in await text_of(panel, PATH)
    doubtful = await text_of(panel, f"{PATH}&by=doubt")
    assert doubtful.index('n: 2, module: "auth"') < doubtful.index('n: 1, module: "auth"')
    assert "has no such state" in await text_of(panel, f"{PATH}&contains=7")
    first = "select state_hash from q_values where agent_type = $1 limit 1"
    state = quote(str(await policy.fetchval(first, AGENT)))
    assert "None of the last 200 episodes" in await text_of(panel, f"{PATH}&state={state}")
    await policy.execute(
        "insert into trajectories (agent_type, task_id, initial_state, final_state, actions_taken,"
        " states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms,"
        " success, started_at) select agent_type, 'moved it', '{}', '{}', '[1]',"
        " jsonb_build_array(state_data), '[1]', 1, 1, 1, true, now() from q_values"
        " where agent_type = $1 limit 1",
        AGENT,
    )
    assert "moved it, return 1" in await text_of(panel, f"{PATH}&state={state}")


async def test_a_version_is_shown_as_it_was(panel: Any, policy: asyncpg.Connection) -> None:
    number = await policies.keep(policy, AGENT)
    await policy.execute("delete from q_values where agent_type = $1", AGENT)
    assert "has learned nothing yet" in await text_of(panel, PATH)
    kept = await text_of(panel, f"{PATH}&version={number}&contains={FIRST}")
    assert "has 1 state that hold this" in kept
    assert "5 visits" in kept


async def test_a_comparison_is_not_that_of_former_versions(
    panel: Any, policy: asyncpg.Connection
) -> None:
    """A database that was restored from a backup may have other versions of the same numbers."""
    for value in (None, -9.0):
        await policies.keep(policy, AGENT)
        if value is not None:
            await learn(policy, {"module": "auth", "n": 1}, "left", value)
        await policies.keep(policy, AGENT)
        url = f"{PATH}&against=1&version=2"
        assert ("From version 1 to version 2, 1 of 3" in await text_of(panel, url)) == (
            value is not None
        ), value
        await forget_versions(panel.owner)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("version=99", 404),
        ("against=99", 404),
        ("version=x", 422),
        ("by=luck", 422),
        ("contains={", 422),
        ("page=0", 422),
        ("state=%00", 422),
    ],
)
async def test_what_there_is_not(panel: Any, query: str, status: int) -> None:
    async with await panel.client("viewer") as client:
        assert (await client.get(f"{PATH}&{query}")).status_code == status


async def test_who_may_keep_and_who_may_restore(panel: Any, policy: asyncpg.Connection) -> None:
    data = {"agent_type": AGENT, "version": "1"}
    await policies.keep(policy, AGENT)
    for role, keep, restore in (("viewer", 403, 403), ("editor", 303, 403), ("admin", 303, 303)):
        async with await panel.client(role) as client:
            assert (await client.post(KEEP, data=data)).status_code == keep
            assert (await client.post(RESTORE, data=data)).status_code == restore
            assert (await client.get(KEEP)).status_code == 405
            forged = await client.post(
                RESTORE, data=data, headers={"Origin": "https://evil.example"}
            )
            assert forged.status_code == 403
    async with await panel.client("admin") as client:
        for wrong in ({"version": "77"}, {"version": ""}, {"agent_type": "nobody"}):
            assert (await client.post(RESTORE, data=data | wrong)).status_code in {404, 422}
    assert len(await policies.read_versions(policy, AGENT)) == 5
    assert "Restore…" not in await text_of(panel, PATH, "editor")


@pytest.mark.long
async def test_who_holds_a_pair_is_not_waited_for_forever(
    panel: Any, policy: asyncpg.Connection
) -> None:
    await policies.keep(policy, AGENT)
    async with policy.transaction():
        await policy.execute("update q_values set q_value = 5 where agent_type = $1", AGENT)
        async with await panel.client("admin") as client, asyncio.timeout(60):
            answer = await client.post(RESTORE, data={"agent_type": AGENT, "version": "1"})
        assert answer.status_code == 409
        assert "nothing was done" in answer.text

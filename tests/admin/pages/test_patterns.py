"""How well patterns work is said as far as it can be told; and what they were made from."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from qlmodels_admin.pages.patterns import Share, lineage

from tests.support.axe import complaints_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT = "code-complexity"
URL = f"/admin/patterns?agent_type={AGENT}"


async def remember(
    rows: asyncpg.Connection,
    name: str,
    version: int,
    successes: int,
    uses: int,
    parent: Any = None,
    conditions: Any = None,
) -> UUID:
    found: Any = await rows.fetchval(
        "insert into patterns (agent_type, pattern_name, version, pattern_type, pattern_data, "
        "trigger_conditions, usage_count, success_count, failure_count, parent_pattern_id, "
        "last_used) values ($1, $2, $3, 'template', '{}', $4, $5::int, $6::int, "
        "$5::int - $6::int, $7, now()) returning pattern_id",
        AGENT,
        name,
        version,
        conditions,
        uses,
        successes,
        parent,
    )
    return UUID(str(found))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def family(rows: asyncpg.Connection) -> AsyncIterator[dict[str, UUID]]:
    """One that grew better, one that does not work, one of which little is known."""
    when = {"coverage": {"$lt": 0.5}}
    first = await remember(rows, "boundaries", 1, 40, 100)
    second = await remember(rows, "boundaries", 2, 90, 100, first, when)
    other = await remember(rows, "limits", 1, 4, 5, first)
    await remember(rows, "guessing", 1, 5, 100)
    for number in range(4):
        await rows.execute(
            "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data) "
            "values ($1, $2, $3, 'a', '1')",
            AGENT,
            f"state {number}",
            {"coverage": number / 4},
        )
    yield {"first": first, "second": second, "other": other}
    for table in ("patterns", "q_values"):
        await rows.execute(f"delete from {table} where agent_type = $1", AGENT)


async def test_wilsons_interval() -> None:
    # worked by hand: (0.8 + 0.19207) / 1.38415 less and more 0.31361 / 1.38415
    assert Share(8, 10).interval == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert Share(0, 10).interval[0] == 0
    assert Share(10, 10).interval[1] == 1
    assert Share(0, 0).interval == (0, 1)


@pytest.mark.parametrize(
    ("successes", "uses", "works"),
    [
        (60, 100, True),
        (59, 100, None),
        (40, 100, False),
        (41, 100, None),
        (3, 3, None),
        (0, 0, None),
    ],
)
async def test_it_works_where_the_interval_says_so(
    successes: int, uses: int, works: bool | None
) -> None:
    assert Share(successes, uses).works is works


async def test_a_ring_of_parents_ends() -> None:
    one, two = UUID(int=1), UUID(int=2)
    rows = [
        {
            "pattern_id": key,
            "parent_pattern_id": parent,
            "pattern_name": "ring",
            "version": 1,
            "success_count": 0,
            "failure_count": 0,
        }
        for key, parent in ((one, two), (two, one))
    ]
    assert [member.depth for member in lineage(rows)] == [0, 1]


@pytest.mark.browser
async def test_effectiveness(page: Page, family: dict[str, UUID]) -> None:
    await page.goto(URL)
    await expect(page.locator("h1")).to_have_text(
        "1 of 3 patterns works more often than not; 1 does not, first guessing of "
        f"{AGENT}; 1 cannot be judged yet."
    )
    row = page.locator("tbody tr", has=page.get_by_role("link", name="boundaries"))
    await expect(row).to_contain_text("v2")
    await expect(row).to_contain_text("90 %")
    await expect(row).to_contain_text("94 %")
    title = row.get_by_role("img").locator("title")
    await expect(title).to_have_text("90% of 100, 83% to 94%")
    await row.get_by_role("link").click()
    await page.wait_for_url(f"**pattern={family['second']}")


@pytest.mark.browser
async def test_lineage_and_where_it_is_used(page: Page, family: dict[str, UUID]) -> None:
    await page.goto(f"{URL}&pattern={family['second']}")
    await expect(page.locator("h1")).to_contain_text(
        f"boundaries v2 of {AGENT} worked in 90% of 100 uses (83% to 94%), "
        "better than boundaries v1's 40%."
    )
    names = await page.locator("tbody td.is-key").all_inner_texts()
    assert names == ["boundaries v1", "└ boundaries v2", "└ limits v1"]
    told = page.locator("tbody tr").filter(has_text="limits")
    await expect(told).to_contain_text("not distinguishable from boundaries v1")
    where = page.locator("section", has=page.get_by_role("heading", name="Where it is used"))
    await expect(where).to_contain_text("2 of the 4 states of the last 2,000 pairs")
    await where.get_by_role("link", name="coverage: 0.25").click()
    await expect(page.locator("h1")).to_contain_text("q_values 1")
    await page.goto(f"/admin/patterns/details/{AGENT};{family['second']}")
    await page.get_by_role("link", name="How well it works").click()
    await page.wait_for_url(f"**pattern={family['second']}")


@pytest.mark.browser
@pytest.mark.long
async def test_they_read_well_for_everybody(page: Page, family: dict[str, UUID]) -> None:
    await page.emulate_media(reduced_motion="reduce")
    for path in (URL, f"{URL}&pattern={family['second']}"):
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.goto(path)
        assert await complaints_of(page) == []
        await page.set_viewport_size({"width": 390, "height": 844})
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")


async def test_what_there_is_not(panel: Any, family: dict[str, UUID]) -> None:
    async with await panel.client("viewer") as client:
        empty = await client.get("/admin/patterns?agent_type=deployment-readiness")
        assert "No pattern has been remembered yet." in empty.text
        assert "store.remember_pattern" in empty.text
        for part, status in (
            ("agent_type=nobody", 422),
            (f"agent_type={AGENT}&pattern=7", 422),
            (f"agent_type=visual-tester&pattern={family['first']}", 404),
            (f"pattern={family['first']}", 404),
        ):
            assert (await client.get(f"/admin/patterns?{part}")).status_code == status, part

"""Columns of a list are chosen, put in order and kept by the browser; dates are picked."""

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT = "chaos-engineer"
PATH = "/admin/sessions/list"


@pytest_asyncio.fixture(loop_scope="session")
async def admin(panel: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with await panel.client("admin") as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def sessions(rows: asyncpg.Connection) -> AsyncIterator[None]:
    await rows.execute(
        "insert into sessions (agent_type, session_name, notes) values ($1, 'one', 'a note')", AGENT
    )
    yield
    await rows.execute("delete from sessions where agent_type = $1", AGENT)


async def shown(client: httpx.AsyncClient, url: str) -> list[str]:
    """Return the database's names of the columns that a list shows, in their order."""
    page = (await client.get(url)).text
    head = page[page.index("<thead>") : page.index("</thead>")]
    return [
        name.partition(":")[0]
        for name in re.findall(r'<th\s+scope="col"[^>]*?title="([^"]+)"', head)
    ]


async def test_columns_are_chosen_and_ordered_by_the_url(admin: httpx.AsyncClient) -> None:
    url = f"{PATH}?columns=notes&columns=session_id&columns=session_name"
    assert await shown(admin, url) == ["notes", "session_id", "session_name"]
    assert "a note</" in (await admin.get(url)).text
    # the key, which leads to the row, cannot be left out; what is no column is
    assert await shown(admin, f"{PATH}?columns=notes,nothing,notes") == ["session_id", "notes"]


async def test_columns_are_kept_by_the_browser_until_they_are_reset(panel: Any) -> None:
    async with await panel.client("admin") as client:
        declared = await shown(client, PATH)
        await client.get(f"{PATH}?columns=notes,session_id")
        assert await shown(client, f"{PATH}?agent_type={AGENT}") == ["notes", "session_id"]
        assert await shown(client, f"{PATH}?columns=session_id,status") == ["session_id", "status"]
        await client.get(f"{PATH}?columns=")
        assert await shown(client, PATH) == declared


async def test_every_column_of_every_table_can_be_shown(
    admin: httpx.AsyncClient, panel: Any
) -> None:
    views = [view for view in panel.app.state.admin.views if hasattr(view, "rows")]
    assert len(views) >= 7
    for view in views:
        answer = await admin.get(
            f"/admin/{view.identity}/list", params={"columns": ",".join(view.rows.columns)}
        )
        assert answer.status_code == 200, view.identity


async def test_the_menu_moves_a_column_and_keeps_the_filter(admin: httpx.AsyncClient) -> None:
    page = (await admin.get(f"{PATH}?agent_type={AGENT}&columns=session_id,notes,status")).text
    menu = page[page.index('id="columns"') :]
    later = re.search(r'href="([^"]+)#columns"\s+aria-label="Show notes later"', menu)
    assert later is not None
    url = PATH + later[1].replace("&amp;", "&")
    assert f"agent_type={AGENT}" in url
    assert await shown(admin, url) == ["session_id", "status", "notes"]


async def test_picked_dates_become_the_filter_of_a_time(admin: httpx.AsyncClient) -> None:
    picked = {
        "agent_type": AGENT,
        "start_time": "7 days",
        "start_time.from": "2020-01-31",
        "start_time.to": "2020-02-15",
    }
    answer = await admin.get(PATH, params=picked)
    assert answer.status_code == 303
    assert dict(httpx.URL(answer.headers["location"]).params) == {
        "agent_type": AGENT,
        "start_time": "2020-01-31..2020-02-15",
    }
    page = (await admin.get(httpx.URL(PATH).join(answer.headers["location"]))).text
    assert "No row matches" in page
    since = await admin.get(PATH, params={"start_time.from": "2020-01-31", "start_time.to": ""})
    assert httpx.URL(since.headers["location"]).params["start_time"] == "2020-01-31.."
    none = await admin.get(PATH, params={"start_time": "7 days", "start_time.from": ""})
    assert dict(httpx.URL(none.headers["location"]).params) == {"start_time": "7 days"}

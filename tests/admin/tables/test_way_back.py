"""The list that led to a row comes back as it was, and rows are called by their names."""

import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import asyncpg
import httpx
import pytest
import pytest_asyncio

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT = "chaos-engineer"
LIST = {
    "agent_type": AGENT,
    "status": "active",
    "sortBy": "session_name",
    "sort": "desc",
    "pageSize": "25",
}


@pytest_asyncio.fixture(loop_scope="session")
async def admin(panel: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with await panel.client("admin") as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def sessions(rows: asyncpg.Connection) -> AsyncIterator[None]:
    await rows.executemany(
        "insert into sessions (agent_type, session_name) values ($1, $2)",
        [(AGENT, f"walk & {number:02}") for number in range(40)],
    )
    yield
    await rows.execute("delete from sessions where agent_type = $1", AGENT)


async def second_page(admin: httpx.AsyncClient) -> str:
    """Return the URL of a filtered, sorted list's second page."""
    page = (await admin.get("/admin/sessions/list", params=LIST)).text
    (following,) = re.findall(r'rel="next"\s+href="([^"]+)"', page)
    return f"/admin/sessions/list{unescape(following)}"


def links(page: str, text: str) -> list[str]:
    """Return where the links of a page's content with a text lead to."""
    content = page[page.index('id="content"') :]
    found = re.findall(r'<a\b[^>]*?href="([^"]+)"[^>]*>([^<]*)</a', content)
    return [unescape(url) for url, label in found if label.strip() == text]


def place_of(url: str) -> tuple[str, dict[str, str]]:
    """Return a URL's path and parameters, without what it says was done."""
    parts = urlsplit(url)
    parameters = dict(parse_qsl(parts.query))
    return parts.path, {
        name: parameters[name] for name in parameters if name not in {"note", "undo"}
    }


async def first_row(admin: httpx.AsyncClient, url: str) -> tuple[str, str]:
    """Return the first row's own page, by its link, and the link to edit it."""
    page = (await admin.get(url)).text
    (own, *_) = re.findall(r'<a class="key" href="([^"]+)"', page)
    return unescape(own), links(page, "edit")[0]


async def test_every_way_leads_back_to_the_list_as_it_was(
    admin: httpx.AsyncClient, read_form: Any
) -> None:
    url = await second_page(admin)
    own, edit = await first_row(admin, url)
    details = (await admin.get(own)).text
    assert place_of(links(details, "sessions")[0]) == place_of(url)
    assert links(details, "Edit") == [edit]
    form = (await admin.get(edit)).text
    assert place_of(links(form, "sessions")[0]) == place_of(url)
    assert links(form, "Cancel") == [own]

    values = read_form(form) | {"session_name": "renamed", "save": "Save"}
    (action,) = re.findall(r'<form\s+method="post"\s+action="([^"]+edit[^"]+)"', form)
    saved = await admin.post(unescape(action), data=values)
    assert saved.status_code == 303
    assert place_of(saved.headers["location"]) == place_of(own)
    after = (await admin.get(saved.headers["location"])).text
    assert "Your changes were saved." in after
    assert place_of(links(after, "sessions")[0]) == place_of(url)

    asked = re.findall(r'action="([^"]+/delete[^"]*)"', details)
    gone = {"pk": read_form(details)["pk"], "_confirmed": "1"}
    deleted = await admin.post(unescape(asked[0]), data=gone)
    assert place_of(deleted.headers["location"]) == place_of(url)
    assert "note=deleted" in deleted.headers["location"]


async def test_a_new_row_takes_the_filters_values(admin: httpx.AsyncClient, read_form: Any) -> None:
    page = (await admin.get("/admin/sessions/list", params=LIST)).text
    (create,) = links(page, "New row")
    form = (await admin.get(create)).text
    given = read_form(form)
    assert (given["agent_type"], given["status"]) == (AGENT, "active")
    assert place_of(links(form, "Cancel")[0]) == ("/admin/sessions/list", LIST)
    values = given | {"session_name": "made here", "save": "Save and add another"}
    values.pop("session_name.null")
    again = await admin.post(create, data=values)
    assert again.status_code == 303
    assert place_of(again.headers["location"]) == place_of(create)
    found = (await admin.get("/admin/sessions/list", params=LIST | {"search": "made here"})).text
    assert "made here</" in found

    filters = {
        "agent_type": AGENT,
        "state_data": '{"a": 1.10}',
        "q_value": "7",
        "visit_count": "3..",
        "last_updated": "7 days",
        "session_id": "null",
        "state_hash": "00ff",
    }
    page = (await admin.get("/admin/q_values/list", params=filters)).text
    given = read_form((await admin.get(links(page, "New row")[0])).text)
    assert given["agent_type"] == AGENT
    assert given["state_data"].split() == ["{", '"a":', "1.10", "}"]
    assert (float(given["q_value"]), given["state_hash"]) == (7.0, "00ff")
    assert (given["session_id"], given["visit_count"]) == ("", "1")


async def test_a_list_that_is_made_up_harms_nothing(admin: httpx.AsyncClient) -> None:
    own, _ = await first_row(admin, await second_page(admin))
    path = urlsplit(own).path
    for made_up in ("x\r\nSet-Cookie: a=b", "//evil.example", "a=" + "b" * 9000, "%ff&&=", ""):
        answer = await admin.get(path, params={"_list": made_up})
        assert answer.status_code == 200
        (back, *_) = links(answer.text, "sessions")
        assert urlsplit(back).path == "/admin/sessions/list"
        assert not urlsplit(back).netloc


async def test_rows_have_titles_of_their_own(
    admin: httpx.AsyncClient, rows: asyncpg.Connection
) -> None:
    numbers = [
        await rows.fetchval(
            "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data) "
            "values ($1, $2, '{\"row\": 3}', 'a', '\"down\"') returning q_value_id",
            AGENT,
            f"{number}",
        )
        for number in range(2)
    ]
    titles = []
    for number in numbers:
        for page in ("details", "edit"):
            text = (await admin.get(f"/admin/q_values/{page}/{AGENT};{number}")).text
            (title,) = re.findall("<title>(.+)</title>", text)
            (heading,) = re.findall(r"<h1[^>]*>(.+?)</h1>", text, re.DOTALL)
            assert "row: 3 → down" in heading
            assert f"q_values {number}" in title
            titles.append(title)
    assert len(set(titles)) == len(titles)
    await rows.execute("delete from q_values where agent_type = $1", AGENT)

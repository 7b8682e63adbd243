"""What a user typed outlives an ended session, another user's, and a database that is away."""

from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser
from qlmodels_admin import create_app
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from qlmodels_admin.values import encode_key
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.admin.conftest import ORIGIN, PASSWORD, Panel, serve

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

EDIT = "/admin/agent_types/edit/quality-gate"
NOTE = "A long note, <b>kept</b> & 'quoted' \"twice\",\r\nwith a second line and ünïcödé 🦊."


class Hidden(HTMLParser):
    """The hidden fields of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "input" and named.get("type") == "hidden":
            self.fields.append((str(named["name"]), str(named["value"])))


def hidden(page: str) -> dict[str, str]:
    parser = Hidden()
    parser.feed(page)
    return dict(parser.fields)


async def description(rows: asyncpg.Connection) -> Any:
    return await rows.fetchval(
        "select description from agent_types where agent_type = 'quality-gate'"
    )


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(panel: Panel) -> AsyncIterator[httpx.AsyncClient]:
    async with await panel.client() as client:
        yield client


async def opened_form(panel: Panel, read_form: Any, user: str = "admin") -> dict[str, str]:
    """The form as the user's page has it, and then typed into."""
    async with await panel.client(user) as client:
        form: dict[str, str] = read_form((await client.get(EDIT)).text)
    return {**form, "description": NOTE}


@pytest.mark.parametrize("user", ["admin", "editor"])
async def test_a_form_outlives_its_session(
    panel: Panel, visitor: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, user: str
) -> None:
    before = await description(rows)
    form = await opened_form(panel, read_form)
    ended = await visitor.post(EDIT, data=form)
    assert ended.status_code == 401
    assert NOTE not in ended.text
    carried = hidden(ended.text)
    assert carried["_path"] == EDIT
    wrong = await visitor.post(
        "/admin/login", data={**carried, "username": user, "password": "wrong"}
    )
    assert wrong.status_code == 400
    assert hidden(wrong.text) == carried
    signed = await visitor.post(
        "/admin/login", data={**carried, "username": user, "password": PASSWORD}
    )
    assert signed.status_code == 200
    assert SESSION_COOKIE in signed.headers["set-cookie"]
    shown = await visitor.post(EDIT, data=hidden(signed.text))
    reason = "You were signed out" if user == "admin" else "opened by admin and you are signed in"
    assert reason in shown.text
    filled = read_form(shown.text)
    assert filled["description"] == NOTE
    assert filled["_opened"] == form["_opened"], "the version of the row that was opened"
    assert await description(rows) == before, "signing in saves nothing"
    assert (await visitor.post(EDIT, data=filled)).status_code == 303
    assert await description(rows) == NOTE.replace("\r\n", "\n")
    await rows.execute(
        "update agent_types set description = $1 where agent_type = 'quality-gate'", before
    )


async def test_a_form_of_another_user_is_shown_first(
    panel: Panel, rows: asyncpg.Connection, read_form: Any
) -> None:
    before = await description(rows)
    form = await opened_form(panel, read_form, "admin")
    async with await panel.client("editor") as editor:
        shown = await editor.post(EDIT, data=form)
        assert "opened by admin and you are signed in as editor" in shown.text
        assert read_form(shown.text)["description"] == NOTE
    assert await description(rows) == before


async def test_what_is_not_a_rows_form_is_confirmed(
    panel: Panel, visitor: httpx.AsyncClient, rows: asyncpg.Connection
) -> None:
    key = str(
        await rows.fetchval(
            "insert into sessions (agent_type) values ('quality-gate') returning session_id"
        )
    )
    row_key = encode_key(("quality-gate", key))
    exists = "select true from sessions where session_id::text = $1"
    ended = await visitor.post("/admin/sessions/delete", data={"pk": row_key, "_confirmed": "1"})
    signed = await visitor.post(
        "/admin/login",
        data={**hidden(ended.text), "username": "admin", "password": PASSWORD},
    )
    unsent = await visitor.post("/admin/sessions/delete", data=hidden(signed.text))
    assert unsent.status_code == 409
    assert "Not sent yet" in unsent.text
    assert key in unsent.text
    assert await rows.fetchval(exists, key)
    sent = await visitor.post("/admin/sessions/delete", data=hidden(unsent.text))
    assert sent.status_code == 303
    assert not await rows.fetchval(exists, key)


async def test_a_form_outlives_a_database_that_is_away(panel: Panel, read_form: Any) -> None:
    form = await opened_form(panel, read_form)
    app = create_app(panel.login.set(port=9))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://localhost",
        headers=ORIGIN,
        cookies={SESSION_COOKIE: await panel.token("admin")},
    ) as client:
        away = await client.post(EDIT, data=form)
    await app.state.engine.dispose()
    assert away.status_code == 503
    again = hidden(away.text)
    assert again.items() >= {"description": NOTE, "_user": "admin"}.items()
    async with await panel.client("viewer") as client:
        assert (await client.post(EDIT, data=again)).status_code == 403


async def test_passwords_and_what_is_too_large_are_not_carried(visitor: httpx.AsyncClient) -> None:
    ended = await visitor.post("/admin/account", data={"old": "first secret", "new": "second"})
    assert ended.status_code == 401
    assert "secret" not in ended.text
    assert "_fields" not in hidden(ended.text)
    large = await visitor.post(EDIT, data={"description": "x" * 1024 * 1024})
    assert large.status_code == 413
    files = await visitor.post("/admin/sessions/import", files={"file": b"{}"})
    assert files.status_code == 401


@pytest.mark.parametrize(
    "path", ["https://evil.example/admin/", "//evil.example/admin/", "/elsewhere", "", "\\\\evil"]
)
@pytest.mark.parametrize("fields", ['[["a", "<script>alert(1)</script>"]]', "[", "{}", "[1]", "9"])
async def test_no_forged_fields_lead_elsewhere(
    visitor: httpx.AsyncClient, path: str, fields: str
) -> None:
    data = {"username": "viewer", "password": PASSWORD, "_path": path, "_fields": fields}
    signed = await visitor.post("/admin/login", data=data)
    assert signed.status_code in (200, 303)
    assert "evil" not in signed.text
    assert "<script>alert" not in signed.text
    if signed.status_code == 200:
        assert 'action="/admin/"' in signed.text


@pytest.mark.parametrize("script", [True, False])
async def test_a_person_types_and_is_signed_out(
    panel: Panel, browser: Browser, rows: asyncpg.Connection, script: bool
) -> None:
    before = await description(rows)
    context = await browser.new_context(base_url=panel.url, java_script_enabled=script)
    await context.add_cookies(
        [{"name": SESSION_COOKIE, "value": await panel.token("admin"), "url": panel.url + "/admin"}]
    )
    page = await context.new_page()
    await page.goto(EDIT)
    await page.fill("#description", "typed for a long time")
    await context.clear_cookies()
    await page.click("button[value=Save]")
    await page.fill("#username", "admin")
    await page.fill("#password", PASSWORD)
    await page.click("button:has-text('Sign in')")
    if not script:
        await page.click("text=Show the form")
    await page.wait_for_selector("text=nothing was changed yet")
    assert await page.input_value("#description") == "typed for a long time"
    assert await description(rows) == before
    await page.click("button[value=Save]")
    await page.wait_for_url("**/details/quality-gate**")
    assert await description(rows) == "typed for a long time"
    await rows.execute(
        "update agent_types set description = $1 where agent_type = 'quality-gate'", before
    )
    await context.close()


async def test_a_link_on_another_site_leads_to_its_page(panel: Panel, browser: Browser) -> None:
    """The cookie is SameSite=Strict, so that the browser does not send it with such a link."""
    target = f"{panel.url}/admin/sessions/list?search=a%26b"

    async def page_of_links(_: Any) -> HTMLResponse:
        return HTMLResponse(f'<a href="{target}">the sessions</a>')

    async with serve(Starlette(routes=[Route("/", page_of_links)])) as site:
        context = await browser.new_context()
        await context.add_cookies(
            [
                {
                    "name": SESSION_COOKIE,
                    "value": await panel.token("viewer"),
                    "url": f"{panel.url}/admin",
                    "sameSite": "Strict",
                }
            ]
        )
        page = await context.new_page()
        await page.goto(site.replace("127.0.0.1", "localhost"))
        await page.click("text=the sessions")
        await page.wait_for_selector("h1:has-text('Sessions')")
        assert page.url == target
        await context.clear_cookies()
        await page.goto(site.replace("127.0.0.1", "localhost"))
        await page.click("text=the sessions")
        await page.wait_for_url("**/admin/login?next=**")
        await context.close()

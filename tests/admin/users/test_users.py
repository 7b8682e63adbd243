"""Admins make, change and remove users in the panel, after giving their password again."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect
from qlmodels_admin.auth.sessions import SESSION_COOKIE

from qlmodels.connection import connect
from qlmodels.logins import add_user, find_user, hash_password
from tests.admin.conftest import PASSWORD, Panel

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

NAME = "Zoë & <b>Co</b>/Ⅳ"
"""Needs escaping in HTML and in URLs."""

LINK = re.compile(r'value="(http://localhost/admin/sign-in\?token=[\w-]+)"')


@pytest_asyncio.fixture(loop_scope="session")
async def owner(panel: Panel) -> AsyncIterator[asyncpg.Connection]:
    """With a user to work on; those that a test adds are removed."""
    async with connect(panel.owner) as connection:
        known = "select array_agg(name) from qlmodels_admin.users"
        before = await connection.fetchval(known)
        await add_user(connection, NAME, "viewer", hash_password(PASSWORD))
        yield connection
        await connection.execute(
            "delete from qlmodels_admin.users where name <> all ($1::text[])", before
        )


@pytest_asyncio.fixture(loop_scope="session")
async def admin(panel: Panel, owner: asyncpg.Connection) -> AsyncIterator[httpx.AsyncClient]:
    """One who gave their password."""
    async with await panel.client("admin") as client:
        await confirm(client, owner)
        yield client


async def confirm(client: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
    await owner.execute("delete from qlmodels_admin.sign_in_attempts")
    nobody = {"user": "nobody", "password": PASSWORD}
    assert "no panel user" in (await client.post("/admin/users/activate", data=nobody)).text


async def act(client: httpx.AsyncClient, name: str, **form: str) -> httpx.Response:
    return await client.post(f"/admin/users/{name}", data={"user": NAME, **form})


async def shown(client: httpx.AsyncClient) -> str:
    page = await client.get("/admin/users/user", params={"user": NAME})
    assert page.status_code == 200
    return page.text


async def logged(owner: asyncpg.Connection) -> tuple[str, str, str]:
    """Who made the last change, of what, and why."""
    row = await owner.fetchrow(
        "select panel_user, table_name, note from qlmodels_private.audit_log "
        "order by entry_id desc limit 1"
    )
    assert row is not None
    return row["panel_user"], row["table_name"], row["note"]


# -- who may, and after what -------------------------------------------------------------------


async def test_users_are_for_admins_who_give_their_password(
    panel: Panel, owner: asyncpg.Connection
) -> None:
    await owner.execute("delete from qlmodels_admin.sign_in_attempts")
    async with await panel.client("editor") as editor:
        assert "/admin/users" not in (await editor.get("/admin/")).text
        assert (await editor.get("/admin/users")).status_code == 403
        assert (await act(editor, "remove", password=PASSWORD)).status_code == 403
    async with await panel.client("admin") as admin:
        assert 'href="/admin/users"' in (await admin.get("/admin/")).text
        asked = await act(admin, "role", role="editor")
        assert asked.status_code == 409
        assert "Confirm that it is you" in asked.text
        assert 'name="role" value="editor"' in asked.text
        wrong = await act(admin, "role", role="editor", password="wrong")
        assert "The present password is wrong." in wrong.text
        assert (await find_user(owner, NAME)).role == "viewer"
        right = await act(admin, "role", role="editor", password=PASSWORD)
        assert right.status_code == 303
        assert (await act(admin, "role", role="admin")).status_code == 303, "within ten minutes"
        assert (await find_user(owner, NAME)).role == "admin"
        await owner.execute(
            "update qlmodels_admin.sessions set confirmed_at = now() - interval '11 minutes' "
            "where user_name = 'admin'"
        )
        assert (await act(admin, "role", role="viewer")).status_code == 409
    async with await panel.client("admin") as another_browser:
        assert (await act(another_browser, "role", role="viewer")).status_code == 409


async def test_guesses_at_the_password_are_limited(panel: Panel, owner: asyncpg.Connection) -> None:
    await owner.execute("delete from qlmodels_admin.sign_in_attempts")
    async with await panel.client("admin") as admin:
        for _ in range(5):
            assert (await act(admin, "remove", password="wrong")).status_code == 409
        limited = await act(admin, "remove", password=PASSWORD)
        assert limited.status_code == 429
        assert "Too many wrong passwords" in limited.text
    await owner.execute("delete from qlmodels_admin.sign_in_attempts")
    assert (await find_user(owner, NAME)).is_active


async def test_an_admin_without_a_password_chooses_one_first(
    panel: Panel, owner: asyncpg.Connection
) -> None:
    await add_user(owner, "by link", "admin")
    async with await panel.client("by link") as admin:
        asked = await act(admin, "remove", password="anything")
        assert asked.status_code == 409
        assert "You have no password." in asked.text
        assert (await find_user(owner, NAME)).is_active


# -- what is done ------------------------------------------------------------------------------


async def test_a_user_is_added_and_comes_in_by_a_link(
    panel: Panel, admin: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    added = await admin.post("/admin/users/add", data={"user": "colleague", "role": "viewer"})
    assert added.status_code == 200
    link = LINK.search(added.text)
    assert link is not None
    assert (await logged(owner))[::2] == ("admin", "add user")
    async with await panel.client() as colleague:
        token = link[1].partition("token=")[2]
        assert (await colleague.post("/admin/sign-in", data={"token": token})).status_code == 303
        assert "colleague" in (await colleague.get("/admin/account")).text
    assert "colleague" in (await admin.get("/admin/users")).text


@pytest.mark.parametrize(
    ("name", "role", "said"),
    [
        ("admin", "viewer", "There is a panel user &#39;admin&#39; already"),
        ("", "viewer", "1 to 100 characters"),
        ("x" * 101, "viewer", "1 to 100 characters"),
        ("two\nlines", "viewer", "1 to 100 characters"),
        ("someone", "root", "&#39;root&#39; is not a role"),
        ("someone", "", "is not a role"),
    ],
)
async def test_what_is_not_a_user_is_refused(
    admin: httpx.AsyncClient, name: str, role: str, said: str
) -> None:
    refused = await admin.post("/admin/users/add", data={"user": name, "role": role})
    assert refused.status_code == 422
    assert said in refused.text


async def test_a_role_counts_at_the_next_request(
    panel: Panel, admin: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    async with await panel.client(NAME) as user:
        assert (await user.get("/admin/sessions/create")).status_code == 403
        assert (await act(admin, "role", role="editor")).status_code == 303
        assert (await user.get("/admin/sessions/create")).status_code == 200
    assert await logged(owner) == ("admin", "qlmodels_admin.users", "change role")


async def test_deactivating_ends_sessions_and_activating_revives_none(
    panel: Panel, admin: httpx.AsyncClient
) -> None:
    async with await panel.client(NAME) as user, await panel.client() as visitor:
        assert (await act(admin, "deactivate")).status_code == 303
        assert (await user.get("/admin/")).status_code == 303
        refused = await act(admin, "link")
        assert "Activate the user first" in refused.text
        form = {"username": NAME, "password": PASSWORD}
        assert (await visitor.post("/admin/login", data=form)).status_code == 400
        assert (await act(admin, "activate")).status_code == 303
        assert (await user.get("/admin/")).status_code == 303
        assert (await visitor.post("/admin/login", data=form)).status_code == 303


async def test_a_reset_password_does_not_work_any_more(
    panel: Panel, admin: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    async with await panel.client(NAME) as user, await panel.client() as visitor:
        reset = await act(admin, "reset")
        assert reset.status_code == 200
        assert LINK.search(reset.text)
        assert (await user.get("/admin/")).status_code == 303
        form = {"username": NAME, "password": PASSWORD}
        assert (await visitor.post("/admin/login", data=form)).status_code == 400
    assert not (await find_user(owner, NAME)).has_password


async def test_sessions_are_seen_and_ended(
    panel: Panel, admin: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    async with await panel.client() as there, await panel.client(NAME) as here:
        there.headers["User-Agent"] = "Lynx/2.9 <script>"
        form = {"username": NAME, "password": PASSWORD}
        assert (await there.post("/admin/login", data=form)).status_code == 303
        page = await shown(admin)
        assert "Lynx/2.9 &lt;script&gt;" in page
        assert "127.0.0.1" in page
        first = re.findall(r'name="session" value="(\w+)"', page)[0]
        assert (await act(admin, "sign-out", session=first)).status_code == 303
        assert await logged(owner) == ("admin", "qlmodels_admin.sessions", "end sessions")
        assert (await there.get("/admin/")).status_code == 303
        assert (await here.get("/admin/")).status_code == 200
        assert (await act(admin, "sign-out")).status_code == 303
        assert (await here.get("/admin/")).status_code == 303


async def test_a_removed_user_is_out_and_their_history_stays(
    panel: Panel, admin: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    async with await panel.client(NAME) as user:
        removed = await act(admin, "remove")
        assert removed.status_code == 303
        assert "The user was removed" in (await admin.get(removed.headers["location"])).text
        assert (await user.get("/admin/")).status_code == 303
    gone = await admin.get("/admin/users/user", params={"user": NAME})
    assert gone.status_code == 404
    kept = (
        "select array_agg(distinct operation) @> '{insert,delete}' from qlmodels_private.audit_log "
        "where row_key ->> 'name' = $1"
    )
    assert await owner.fetchval(kept, NAME)


async def test_a_user_is_connected_to_an_identity_and_disconnected(
    admin: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    identity = {"issuer": "https://id.example", "subject": "u1"}
    assert (await act(admin, "connect", **identity)).status_code == 303
    user = await find_user(owner, NAME)
    assert (user.issuer, user.subject, user.has_password) == ("https://id.example", "u1", False)
    for name in ("reset", "link", "role"):
        refused = await act(admin, name, role="admin")
        assert refused.status_code == 422, name
        assert "isconnect the user first" in refused.text, name
    other = {"user": "viewer", **identity}
    taken = await admin.post("/admin/users/connect", data=other)
    assert "Another user of the panel is connected" in taken.text
    assert (await act(admin, "connect", issuer="https://id.example")).status_code == 422
    assert (await act(admin, "disconnect")).status_code == 303
    assert (await find_user(owner, NAME)).issuer is None


@pytest.mark.parametrize("name", ["role", "deactivate", "remove"])
async def test_of_two_admins_who_remove_each_other_at_once_one_stays(
    panel: Panel, admin: httpx.AsyncClient, owner: asyncpg.Connection, name: str
) -> None:
    await add_user(owner, "second", "admin", hash_password(PASSWORD))
    async with await panel.client("second") as second:
        await confirm(second, owner)
        answers = await asyncio.gather(
            admin.post(f"/admin/users/{name}", data={"user": "second", "role": "viewer"}),
            second.post(f"/admin/users/{name}", data={"user": "admin", "role": "viewer"}),
        )
    left = "select count(*) from qlmodels_admin.users where role = 'admin' and is_active"
    admins = await owner.fetchval(left)
    await owner.execute(
        "insert into qlmodels_admin.users (name, role, password_hash) values ('admin', 'admin', $1)"
        " on conflict (name) do update set role = 'admin', is_active = true",
        hash_password(PASSWORD),
    )
    assert admins == 1, answers
    assert 303 in {answer.status_code for answer in answers}


# -- in a browser ------------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="session", params=[True, False], ids=["script", "no script"])
async def context(
    request: pytest.FixtureRequest, browser: Browser, panel: Panel
) -> AsyncIterator[BrowserContext]:
    """An admin's, with and without script, on a phone."""
    context = await browser.new_context(
        base_url=panel.url,
        java_script_enabled=request.param,
        viewport={"width": 390, "height": 844},
    )
    token = await panel.token("admin")
    await context.add_cookies(
        [{"name": SESSION_COOKIE, "value": token, "url": f"{panel.url}/admin"}]
    )
    yield context
    await context.close()


async def is_too_wide(page: Page) -> bool:
    wide: Any = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return bool(wide)


@pytest.mark.browser
async def test_a_colleague_is_let_in_watched_and_shut_out(
    context: BrowserContext, owner: asyncpg.Connection
) -> None:
    await owner.execute("delete from qlmodels_admin.sign_in_attempts")
    page = await context.new_page()
    await page.goto("/admin/users")
    assert not await is_too_wide(page)
    await page.get_by_label("Name").fill("colleague")
    await page.get_by_role("button", name="Add user").click()
    await page.get_by_label("Password of admin").fill(PASSWORD)
    await page.keyboard.press("Enter")
    link = await page.get_by_label("Send this link").input_value()
    assert "/admin/sign-in?token=" in link
    await page.get_by_role("link", name="To the user's page").click()
    assert not await is_too_wide(page)
    await expect(page.locator(".top")).to_contain_text("Viewer, active.")
    await page.get_by_role("link", name="What this user changed").click()
    await expect(page.locator("h1")).to_contain_text("History")
    await page.go_back()
    await page.get_by_role("button", name="Deactivate").click()
    await expect(page.get_by_role("status")).to_contain_text("The user was changed.")
    await page.get_by_text("Remove colleague…").click()
    await page.get_by_role("button", name="Remove user").click()
    await expect(page.get_by_role("status")).to_contain_text("The user was removed.")
    assert not await owner.fetchval(
        "select true from qlmodels_admin.users where name = 'colleague'"
    )

"""Signing in and out, and who may do what."""

import re
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from playwright.async_api import expect
from qlmodels_admin import create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth.sessions import SESSION_COOKIE

from qlmodels.connection import connect
from qlmodels.errors import ConfigurationError
from qlmodels.logins import PasswordUnfit, hash_password
from qlmodels.logins.panel_users import (
    NoSuchUser,
    UserExists,
    add_user,
    anyone_can_sign_in,
    create_sign_in_link,
    token_hash,
)

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

PASSWORD = "correct horse battery staple"


@pytest_asyncio.fixture(loop_scope="session")
async def owner(panel: Any) -> Any:
    async with connect(panel.owner) as connection:
        yield connection


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(panel: Any) -> Any:
    async with await panel.client() as client:
        yield client


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def no_attempts(owner: asyncpg.Connection) -> None:
    """Failures of one test do not make the next one wait."""
    await owner.execute("delete from qlmodels_admin.sign_in_attempts")


# -- links and passwords -----------------------------------------------------------------------


@pytest.mark.browser
async def test_a_link_signs_in_once_and_a_password_can_be_chosen(
    pages: Any, panel: Any, owner: asyncpg.Connection
) -> None:
    await add_user(owner, "newcomer", "admin")
    token = await create_sign_in_link(owner, "newcomer")
    page = await pages(None)
    await page.goto(f"/admin/sign-in?token={token}")
    await expect(page.locator(".side-foot")).to_contain_text("newcomer admin")
    await page.goto("/admin/account")
    await page.get_by_label("New password").fill("four random words do")
    await page.get_by_role("button", name="Set password").click()
    await expect(page.get_by_role("status")).to_contain_text("Your password was set.")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()

    await page.goto(f"/admin/sign-in?token={token}")
    await expect(page.get_by_role("alert")).to_contain_text("This link was used already")
    await page.goto("/admin/rewards/list?agent_type=quality-gate")
    await page.get_by_label("Name").fill("newcomer")
    await page.get_by_label("Password").fill("four random words do")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("h1")).to_contain_text("rewards")
    await page.get_by_role("button", name="Sign out").click()
    await owner.execute("delete from qlmodels_admin.users where name = 'newcomer'")


async def test_opening_a_link_changes_nothing(
    visitor: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    token = await create_sign_in_link(owner, "admin")
    for _ in range(2):
        answer = await visitor.get("/admin/sign-in", params={"token": token})
        assert answer.status_code == 200
        assert SESSION_COOKIE not in answer.headers.get("set-cookie", "")
    answer = await visitor.post("/admin/sign-in", data={"token": token})
    assert answer.status_code == 303
    answer = await visitor.post("/admin/sign-in", data={"token": token})
    assert answer.status_code == 400


async def test_an_old_link_and_one_of_an_inactive_user_sign_nobody_in(
    visitor: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    await add_user(owner, "left", "editor")
    inactive = await create_sign_in_link(owner, "left")
    await owner.execute("update qlmodels_admin.users set is_active = false where name = 'left'")
    old = await create_sign_in_link(owner, "admin")
    await owner.execute(
        "update qlmodels_admin.sign_in_links set expires_at = now() where token_hash = $1",
        token_hash(old),
    )
    for token in (inactive, old, "", "x" * 5000):
        answer = await visitor.post("/admin/sign-in", data={"token": token})
        assert answer.status_code == 400
    await owner.execute("delete from qlmodels_admin.users where name = 'left'")


async def test_users_are_made_by_the_owner(owner: asyncpg.Connection) -> None:
    assert await anyone_can_sign_in(owner)
    with pytest.raises(UserExists, match="'admin' already"):
        await add_user(owner, "admin", "viewer")
    with pytest.raises(NoSuchUser, match="'nobody'"):
        await create_sign_in_link(owner, "nobody")
    with pytest.raises(PasswordUnfit, match="5 characters"):
        hash_password("short")


async def test_the_panel_cannot_make_itself_above_row_security(panel: Any) -> None:
    async with connect(panel.login) as connection:
        row = await connection.fetchrow(
            "select rolsuper, rolbypassrls, rolcreaterole from pg_roles "
            "where rolname = current_user"
        )
    assert row is not None
    assert not any(row)


# -- the cookie --------------------------------------------------------------------------------


async def test_the_cookie_is_strict_and_its_token_is_not_stored(
    panel: Any, visitor: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    answer = await visitor.post("/admin/login", data={"username": "admin", "password": PASSWORD})
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "Path=/admin;" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie  # plain HTTP on this machine
    token = visitor.cookies[SESSION_COOKIE]
    stored = await owner.fetch("select token_hash from qlmodels_admin.sessions")
    assert token_hash(token) in {row["token_hash"] for row in stored}
    assert token.encode() not in {row["token_hash"] for row in stored}


async def test_elsewhere_the_cookie_is_secure(panel: Any, read_form: Any) -> None:
    app = create_app(panel.login, background=False, hosts=["panel.example"])
    transport = httpx.ASGITransport(app)
    try:
        async with httpx.AsyncClient(
            transport=transport,
            base_url="https://panel.example",
            headers={"Origin": "https://panel.example"},
        ) as client:
            form = read_form((await client.get("/admin/login")).text)
            answer = await client.post(
                "/admin/login", data={**form, "username": "admin", "password": PASSWORD}
            )
        assert "Secure" in answer.headers["set-cookie"]
    finally:
        await close_app(app)


async def test_signing_out_ends_the_session(panel: Any) -> None:
    async with await panel.client("admin") as client:
        token = client.cookies[SESSION_COOKIE]
        assert (await client.get("/admin/")).status_code == 200
        assert (await client.get("/admin/logout")).status_code == 405
        assert (await client.post("/admin/logout")).status_code == 303
        client.cookies.set(SESSION_COOKIE, token)
        assert (await client.get("/admin/")).status_code == 303


@pytest.mark.parametrize(
    "ends",
    [
        "update qlmodels_admin.sessions set expires_at = now()",
        "update qlmodels_admin.sessions set created_at = now() - interval '13 hours'",
    ],
    ids=["unused", "old"],
)
async def test_a_session_ends_by_itself(panel: Any, owner: asyncpg.Connection, ends: str) -> None:
    await add_user(owner, "idle", "viewer")
    async with await panel.client("idle") as client:
        assert (await client.get("/admin/")).status_code == 200
        await owner.execute(f"{ends} where user_name = 'idle'")
        assert (await client.get("/admin/")).status_code == 303
    await owner.execute("delete from qlmodels_admin.users where name = 'idle'")


async def test_use_renews_a_session(panel: Any, owner: asyncpg.Connection) -> None:
    left = "select max(expires_at) - now() from qlmodels_admin.sessions where user_name = 'editor'"
    async with await panel.client("editor") as client:
        await owner.execute(
            "update qlmodels_admin.sessions set expires_at = now() + interval '5 minutes' "
            "where user_name = 'editor'"
        )
        await client.get("/admin/")
        remains: Any = await owner.fetchval(left)
        assert remains.total_seconds() > 3500


async def test_setting_a_password_ends_other_sessions(
    panel: Any, owner: asyncpg.Connection
) -> None:
    await add_user(owner, "changer", "viewer", hash_password(PASSWORD))
    async with (
        await panel.client("changer") as here,
        await panel.client("changer") as there,
        await panel.client("viewer") as other,
    ):
        wrong = await here.post("/admin/account", data={"old": "no", "new": "another password"})
        assert wrong.status_code == 422
        assert "The present password is wrong." in wrong.text
        short = await here.post("/admin/account", data={"old": PASSWORD, "new": "short"})
        assert "choose one of 12 to 200" in short.text
        right = await here.post("/admin/account", data={"old": PASSWORD, "new": "another password"})
        assert right.status_code == 303
        assert (await here.get("/admin/")).status_code == 200
        assert (await there.get("/admin/")).status_code == 303
        assert (await other.get("/admin/")).status_code == 200
    await owner.execute("delete from qlmodels_admin.users where name = 'changer'")


async def test_who_has_no_password_sets_the_first_and_who_is_barred_is_out(
    panel: Any, owner: asyncpg.Connection, visitor: httpx.AsyncClient
) -> None:
    await add_user(owner, "newcomer", "viewer")
    async with await panel.client("newcomer") as client:
        first = await client.post("/admin/account", data={"old": "", "new": "another password"})
        assert first.status_code == 303
        form = {"username": "newcomer", "password": "another password"}
        assert (await visitor.post("/admin/login", data=form)).status_code == 303
        await owner.execute(
            "update qlmodels_admin.users set is_active = false where name = 'newcomer'"
        )
        assert (await client.get("/admin/")).status_code == 303
        assert (await visitor.post("/admin/login", data=form)).status_code == 400
    await owner.execute("delete from qlmodels_admin.users where name = 'newcomer'")


@pytest.mark.parametrize(
    ("base", "host", "is_secure"),
    [
        ("http://localhost", "localhost", False),
        ("http://127.0.0.1", "127.0.0.1", False),
        ("https://localhost", "localhost", True),
        ("http://panel.example", "panel.example", True),
    ],
)
async def test_cookies_are_for_https_but_on_this_machine(
    panel: Any, base: str, host: str, is_secure: bool
) -> None:
    app = create_app(panel.login, background=False, hosts=[host])
    form = {"username": "admin", "password": PASSWORD}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base) as client:
        answer = await client.post("/admin/login", data=form, headers={"Origin": base})
    await close_app(app)
    assert ("Secure" in answer.headers["set-cookie"]) == is_secure


# -- guessing ----------------------------------------------------------------------------------


async def test_a_wrong_name_and_a_wrong_password_look_the_same(
    visitor: httpx.AsyncClient,
) -> None:
    answers = [
        await visitor.post("/admin/login", data={"username": name, "password": "wrong"})
        for name in ("admin", "nobody", "x\x00y", "y" * 3000)
    ]
    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.text for answer in answers}) == 1


async def test_guessing_must_wait(visitor: httpx.AsyncClient) -> None:
    for _ in range(5):
        answer = await visitor.post("/admin/login", data={"username": "admin", "password": "x"})
        assert answer.status_code == 400
    right = {"username": "admin", "password": PASSWORD}
    answer = await visitor.post("/admin/login", data=right)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 200
    other = await visitor.post("/admin/login", data={"username": "viewer", "password": PASSWORD})
    assert other.status_code == 303


async def test_a_right_password_clears_the_wrong_ones_before_it(
    visitor: httpx.AsyncClient,
) -> None:
    for _ in range(3):
        for word in ("x", "y", "z", PASSWORD):
            answer = await visitor.post(
                "/admin/login", data={"username": "viewer", "password": word}
            )
            assert answer.status_code == (303 if word == PASSWORD else 400)


async def test_guesses_at_links_must_wait(visitor: httpx.AsyncClient) -> None:
    for _ in range(20):
        answer = await visitor.post("/admin/sign-in", data={"token": "guess"})
        assert answer.status_code == 400
    answer = await visitor.post("/admin/sign-in", data={"token": "guess"})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 200


async def test_guesses_at_the_own_password_must_wait(panel: Any) -> None:
    async with await panel.client("viewer") as client:
        for word in ["wrong"] * 5:
            answer = await client.post("/admin/account", data={"old": word, "new": PASSWORD})
            assert "The present password is wrong." in answer.text
        answer = await client.post("/admin/account", data={"old": PASSWORD, "new": PASSWORD})
    assert "Too many wrong passwords" in answer.text


@pytest.mark.browser
async def test_whoever_guesses_reads_how_long_to_wait(pages: Any) -> None:
    page = await pages(None)
    for word in (*["wrong"] * 5, PASSWORD):
        await page.goto("/admin/login")
        await page.get_by_label("Name").fill("admin")
        await page.get_by_label("Password").fill(word)
        await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("Too many wrong passwords: try again")
    await page.goto("/admin/")
    await expect(page).to_have_url(re.compile("/admin/login"))


# -- roles -------------------------------------------------------------------------------------

TABLES = (
    "agent_types",
    "sessions",
    "q_values",
    "trajectories",
    "rewards",
    "patterns",
    "agent_states",
)
KEY = "quality-gate%3B00000000-0000-4000-8000-000000000000"

ROUTES = {
    ("GET", "list"): {"viewer", "editor", "admin"},
    ("GET", f"details/{KEY}"): {"viewer", "editor", "admin"},
    ("GET", "export/csv"): {"viewer", "editor", "admin"},
    ("GET", "export/json"): {"viewer", "editor", "admin"},
    ("GET", "create"): {"editor", "admin"},
    ("POST", "create"): {"editor", "admin"},
    ("GET", f"edit/{KEY}"): {"editor", "admin"},
    ("POST", f"edit/{KEY}"): {"editor", "admin"},
    ("POST", "delete"): {"admin"},
    ("DELETE", f"delete?pks={KEY}"): set(),
    ("GET", "import"): {"editor", "admin"},
    ("POST", "import"): {"editor", "admin"},
    ("GET", "ajax/lookup?name=a&term=b"): set(),
}


@pytest.mark.parametrize("role", ["viewer", "editor", "admin", None])
async def test_every_route_asks_for_the_role(panel: Any, role: str | None) -> None:
    async with await panel.client(role) as client:
        for table in TABLES:
            for (method, route), roles in ROUTES.items():
                answer = await client.request(method, f"/admin/{table}/{route}")
                if role is None:
                    assert answer.status_code in ({303} if method == "GET" else {401}), route
                elif role in roles:
                    assert answer.status_code in {200, 404, 422}, (route, answer.text)
                else:
                    assert answer.status_code in {400, 403, 405}, route


@pytest.mark.browser
@pytest.mark.parametrize(
    ("role", "edit", "delete"), [("viewer", 0, 0), ("editor", 1, 0), ("admin", 1, 1)]
)
async def test_pages_offer_what_the_role_may_do(
    pages: Any, role: str, edit: int, delete: int
) -> None:
    page = await pages(role)
    await page.goto("/admin/agent_types/details/quality-gate")
    await expect(page.locator("h1")).to_have_text("quality-gate")
    await expect(page.get_by_role("link", name="Edit", exact=True)).to_have_count(edit)
    await expect(page.get_by_role("button", name="Delete")).to_have_count(delete)


async def test_a_role_that_was_taken_away_is_gone_at_once(
    panel: Any, owner: asyncpg.Connection
) -> None:
    await add_user(owner, "shrinking", "admin")
    async with await panel.client("shrinking") as client:
        assert (await client.get("/admin/patterns/create")).status_code == 200
        await owner.execute(
            "update qlmodels_admin.users set role = 'viewer' where name = 'shrinking'"
        )
        assert (await client.get("/admin/patterns/create")).status_code == 403
        await owner.execute(
            "update qlmodels_admin.users set is_active = false where name = 'shrinking'"
        )
        assert (await client.get("/admin/")).status_code == 303
    await owner.execute("delete from qlmodels_admin.users where name = 'shrinking'")


async def test_without_a_login_of_its_own_there_is_no_panel() -> None:
    with pytest.raises(ConfigurationError, match="QLMODELS_PANEL_URL is not set"):
        create_app()

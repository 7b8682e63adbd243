"""Sign-in by npm's oidc-provider on another site, in Chromium."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from playwright.async_api import Request as PageRequest
from qlmodels_admin import create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth.sessions import SESSION_COOKIE

from qlmodels.connection import connect
from tests.admin.conftest import PASSWORD, Panel, serve
from tests.support.openid import NodeProvider, free_port, node_provider, provider_at

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.one_major,
    pytest.mark.browser,
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def url() -> str:
    """Where the panel is served, and the provider is told that it is."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def provider(url: str) -> Any:
    with node_provider(url) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def signing_in(panel: Panel, url: str, provider: NodeProvider) -> AsyncIterator[Panel]:
    """A panel whose users may sign in at the provider."""
    openid = provider_at(provider.issuer, url, name="the test's provider")
    app = create_app(panel.login, openid=openid)
    async with serve(app, port=int(url.rpartition(":")[2])) as served:
        assert served == url
        yield Panel(app, url, panel.owner)
    await close_app(app)


@pytest_asyncio.fixture(loop_scope="session")
async def owner(panel: Panel) -> AsyncIterator[asyncpg.Connection]:
    async with connect(panel.owner) as connection:
        yield connection
        await connection.execute("delete from qlmodels_admin.users where issuer is not null")


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, signing_in: Panel) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=signing_in.url)
    yield await context.new_page()
    await context.close()


async def sign_in(page: Page, user: str, path: str = "/admin/sessions/list?search=a%26b") -> None:
    """Up to where the provider sends the browser back."""
    await page.goto(path)
    await page.get_by_role("link", name="Sign in with the test's provider").click()
    await at_provider(page, user)


async def at_provider(page: Page, user: str) -> None:
    await page.get_by_placeholder("Enter any login").fill(user)
    await page.get_by_placeholder("and password").fill("any")
    await page.get_by_role("button", name="Sign-in").click()
    consent = page.get_by_role("button", name="Continue")
    await expect(
        consent.or_(page.locator("#content")).or_(page.locator(".door")).first
    ).to_be_visible()
    if await consent.count():
        await consent.click()


async def test_a_user_signs_in_and_arrives_at_the_page(
    page: Page, provider: NodeProvider, owner: asyncpg.Connection, signing_in: Panel
) -> None:
    provider.set_groups("vera", "everybody", "fleet-readers")
    await sign_in(page, "vera")
    await page.wait_for_url("**/admin/sessions/list?search=a%26b")
    await expect(page.locator(".side-foot")).to_contain_text("vera viewer")
    cookies = {
        cookie.get("name"): cookie
        for cookie in await page.context.cookies(signing_in.url + "/admin/oidc/callback")
    }
    assert cookies[SESSION_COOKIE].get("sameSite") == "Strict"
    assert "qlmodels_oidc" not in cookies, "it is of one use"
    user = await owner.fetchrow("select * from qlmodels_admin.users where name = 'vera'")
    assert user is not None
    assert (user["issuer"], user["subject"]) == (provider.issuer, "vera")
    await page.goto("/admin/account")
    await expect(page.locator("#content")).to_contain_text(f"You sign in at {provider.issuer}")
    assert await page.locator("input[type=password]").count() == 0


async def test_a_code_counts_once(
    page: Page, provider: NodeProvider, owner: asyncpg.Connection
) -> None:
    answers: list[PageRequest] = []
    page.on("request", lambda sent: answers.append(sent) if "/oidc/callback" in sent.url else None)
    provider.set_groups("vera", "fleet-readers")
    await sign_in(page, "vera")
    await expect(page.locator(".side-foot")).to_contain_text("vera viewer")
    (answer,) = answers
    headers = {"Cookie": (await answer.all_headers())["cookie"]}
    async with httpx.AsyncClient(timeout=60) as client:
        replayed = await client.get(answer.url, headers=headers)
    assert replayed.status_code == 403
    assert "The provider refused the code of this sign-in." in replayed.text
    assert SESSION_COOKIE not in replayed.headers["set-cookie"]


async def test_the_role_is_read_again_at_each_sign_in(
    page: Page, provider: NodeProvider, owner: asyncpg.Connection
) -> None:
    provider.set_groups("wolf", "fleet-writers")
    await sign_in(page, "wolf")
    await expect(page.locator(".side-foot")).to_contain_text("wolf editor")
    provider.set_groups("wolf", "fleet-readers", "fleet-admins")
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_role("link", name="Sign in with").click()
    await expect(page.locator(".side-foot")).to_contain_text("wolf admin")
    provider.set_groups("wolf", "everybody")
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_role("link", name="Sign in with").click()
    await expect(page.get_by_role("alert")).to_contain_text("None of your groups")
    left = "select count(*) from qlmodels_admin.sessions where user_name = 'wolf'"
    assert await owner.fetchval(left) == 0


async def test_a_local_user_of_the_same_name_is_not_taken_over(
    page: Page, provider: NodeProvider, owner: asyncpg.Connection
) -> None:
    provider.set_groups("admin", "fleet-readers")
    await sign_in(page, "admin")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("Another user of the panel is called admin")
    await expect(alert).to_contain_text(f"issuer {provider.issuer}, subject admin")
    local = await owner.fetchrow("select * from qlmodels_admin.users where name = 'admin'")
    assert local is not None
    assert (local["role"], local["issuer"]) == ("admin", None)


async def test_one_signs_out_at_the_provider_by_a_link(
    page: Page, provider: NodeProvider, owner: Any
) -> None:
    provider.set_groups("otto", "fleet-readers")
    await sign_in(page, "otto", "/admin/")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("status")).to_contain_text("You are signed out.")
    await page.get_by_role("link", name="Sign out of the test's provider too").click()
    await page.get_by_role("button", name="Yes, sign me out").click()
    await page.wait_for_url("**/admin/login*")
    await page.get_by_role("link", name="Sign in with").click()
    await expect(page.get_by_placeholder("Enter any login")).to_be_visible()


async def test_a_typed_form_is_shown_after_signing_in_by_the_provider(
    page: Page, provider: NodeProvider, owner: asyncpg.Connection
) -> None:
    provider.set_groups("wilma", "fleet-writers")
    await sign_in(page, "wilma", "/admin/agent_types/edit/quality-gate")
    await page.wait_for_url("**/edit/quality-gate")
    await page.fill("#description", "typed for a long time")
    await page.context.clear_cookies(name=SESSION_COOKIE)
    await page.click("button[value=Save]")
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="Sign in with").click()
    other = await opened.value
    await expect(other.locator(".side-foot")).to_contain_text("wilma editor")
    await page.get_by_role("button", name="I am signed in").click()
    await expect(page.locator("#description")).to_have_value("typed for a long time")
    description = "select description from agent_types where agent_type = 'quality-gate'"
    assert await owner.fetchval(description) != "typed for a long time"


async def test_an_admin_of_the_provider_signs_in_again_before_changing_users(
    page: Page, provider: NodeProvider, owner: asyncpg.Connection
) -> None:
    provider.set_groups("wanda", "fleet-admins")
    await sign_in(page, "wanda", "/admin/users")
    await page.get_by_label("Name").fill("colleague")
    await page.get_by_role("button", name="Add user").click()
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("alert")).to_contain_text("Sign in again")
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="Sign in with").click()
    other = await opened.value
    await at_provider(other, "wanda")
    await expect(other.locator(".side-foot")).to_contain_text("wanda admin")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_label("Send this link to colleague")).to_be_visible()
    await owner.execute("delete from qlmodels_admin.users where name = 'colleague'")


async def test_a_local_admin_works_while_the_provider_is_down(
    panel: Panel, browser: Browser
) -> None:
    issuer = f"http://localhost:{free_port()}"
    url = f"http://127.0.0.1:{free_port()}"
    app = create_app(panel.login, openid=provider_at(issuer, url))
    async with serve(app, port=int(url.rpartition(":")[2])):
        context = await browser.new_context(base_url=url)
        page = await context.new_page()
        await page.goto("/admin/")
        await page.get_by_role("link", name="Sign in with").click()
        await expect(page.get_by_role("alert")).to_contain_text("does not answer")
        await page.get_by_label("Name").fill("admin")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.locator(".side-foot")).to_contain_text("admin")
        await context.close()
    await close_app(app)

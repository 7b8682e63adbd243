"""Changes come from pages of the panel: in answers to plain clients, and in a real browser."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright
from qlmodels_admin import create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from qlmodels_admin.web.same_origin import parse_origin
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from qlmodels.errors import ConfigurationError
from tests.admin.conftest import CHROMIUM, PASSWORD, serve

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

ROUTES = [
    "agent_types/edit/quality-gate",
    "agent_types/create",
    "agent_types/delete",
    "logout",
    "login",
    "account",
    "sign-in",
]
FOREIGN: list[tuple[dict[str, str], str]] = [
    ({"Sec-Fetch-Site": "cross-site"}, "cross-site"),
    ({"Sec-Fetch-Site": "same-site"}, "same-site"),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, "cross-site"),
    ({"Sec-Fetch-Site": ""}, "Sec-Fetch-Site"),
    ({"Origin": "https://evil.example"}, "'https://evil.example'"),
    ({"Origin": "null"}, "'null'"),
    ({"Origin": "https://localhost"}, "'https://localhost'"),
    ({"Origin": "http://localhost:8001"}, "'http://localhost:8001'"),
    ({"Origin": "http://localhost.evil.example"}, "evil"),
    ({"Origin": "http://localhost@evil.example"}, "evil"),
    ({"Origin": "http://localhost/admin"}, "'http://localhost/admin'"),
    ({"Origin": "http://[::1"}, "'http://[::1'"),
    ({"Origin": "http://localhost:port"}, "port"),
    ({}, "Origin none"),
]
OWN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Origin": "http://localhost"},
    {"Origin": "http://localhost:80"},
    {"Origin": "HTTP://LOCALHOST"},
]


@pytest_asyncio.fixture(loop_scope="session")
async def admin(panel: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with await panel.client("admin") as client:
        del client.headers["Origin"]
        yield client


@pytest.mark.parametrize(("headers", "reason"), FOREIGN, ids=str)
async def test_nothing_is_taken_from_elsewhere(
    admin: httpx.AsyncClient, headers: dict[str, str], reason: str
) -> None:
    for route in ROUTES:
        answer = await admin.post(
            f"/admin/{route}", headers=headers, data={"pk": "quality-gate", "_confirmed": "1"}
        )
        assert answer.status_code == 403, route
        assert reason in answer.text
        assert "nothing was changed" in answer.text


@pytest.mark.parametrize("headers", OWN, ids=str)
async def test_requests_of_the_panel_itself_pass(
    admin: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await admin.post("/admin/agent_types/delete", headers=headers)
    assert answer.status_code == 422


async def test_a_refusal_names_what_was_expected_and_the_setting(admin: httpx.AsyncClient) -> None:
    answer = await admin.post("/admin/login", headers={"Origin": "https://fleet.example"})
    assert "'https://fleet.example' where 'http://localhost' is expected" in answer.text
    assert "create_app(origins=[...])" in answer.text


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://fleet.example", ("https", "fleet.example", 443)),
        ("http://10.0.0.5:8000", ("http", "10.0.0.5", 8000)),
        ("http://[::1]:8000", ("http", "::1", 8000)),
        ("null", None),
        ("", None),
        ("fleet.example", None),
        ("https://fleet.example/", None),
        ("https://user@fleet.example", None),
        ("https://fleet.example?x", None),
        ("https://:443", None),
        ("ftp://fleet.example", None),
    ],
)
async def test_an_origin_is_scheme_host_and_port(text: str, origin: Any) -> None:
    assert parse_origin(text) == origin
    if origin is None:
        with pytest.raises(ConfigurationError, match="is not an origin"):
            create_app("postgresql://qlpanel_x@localhost/x", origins=[text])


async def test_behind_a_proxy_that_ends_tls_and_rewrites_the_host(panel: Any) -> None:
    """What browsers send reaches the panel; scheme and host of the request do not."""
    app = create_app(panel.login, background=False, origins=["https://fleet.example"])
    transport = httpx.ASGITransport(app)
    form = {"username": "viewer", "password": PASSWORD}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as proxied:
        for headers, status in [
            ({"Origin": "https://fleet.example"}, 303),
            ({"Origin": "https://fleet.example", "Sec-Fetch-Site": "same-origin"}, 303),
            ({"Origin": "http://127.0.0.1:8000"}, 303),
            ({"Origin": "http://fleet.example"}, 403),
            ({"Origin": "https://fleet.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ]:
            answer = await proxied.post("/admin/login", data=form, headers=headers)
            assert answer.status_code == status, headers
    await close_app(app)


async def test_scheme_comes_from_trusted_proxies_alone(panel: Any) -> None:
    headers = {"X-Forwarded-Proto": "https", "Origin": "https://localhost"}
    form = {"username": "viewer", "password": PASSWORD}
    for trusted, status in (("127.0.0.1", 303), ("10.9.9.9", 403)):
        app = create_app(panel.login, background=False)
        async with (
            serve(app, forwarded_allow_ips=trusted) as url,
            httpx.AsyncClient(
                base_url=url, headers={**headers, "Host": "localhost"}, timeout=60
            ) as client,
        ):
            assert (await client.post("/admin/login", data=form)).status_code == status
        await close_app(app)


# -- in Chromium -------------------------------------------------------------------------------

SESSIONS = "select count(*) from sessions"

ATTACKS = {
    "form": """<form method="post" action="{url}"><input name="agent_type" value="quality-gate">
        </form><script>document.forms[0].submit()</script>""",
    "fetch": """<script>fetch("{url}", {{method: "post", mode: "no-cors", credentials: "include",
        headers: {{"Content-Type": "application/x-www-form-urlencoded"}},
        body: "agent_type=quality-gate"}}).finally(() => document.title = "sent")</script>""",
    "framed form": """<iframe name="inside"></iframe><form method="post" action="{url}"
        target="inside"><input name="agent_type" value="quality-gate"></form>
        <script>document.forms[0].submit()</script>""",
    "form of a page without referrer": """<meta name="referrer" content="no-referrer">
        <form method="post" action="{url}"><input name="agent_type" value="quality-gate"></form>
        <script>document.forms[0].submit()</script>""",
}


@asynccontextmanager
async def attacker(url: str, attack: str) -> AsyncIterator[str]:
    async def page(_: Request) -> Response:
        return HTMLResponse(ATTACKS[attack].format(url=f"{url}/admin/sessions/create"))

    async with serve(Starlette(routes=[Route("/", page)])) as site:
        yield site


@asynccontextmanager
async def signed_in(browser: Browser, panel: Any, url: str) -> AsyncIterator[Page]:
    context = await browser.new_context()
    await context.add_cookies(
        [
            {
                "name": SESSION_COOKIE,
                "value": await panel.token("admin"),
                "url": url,
                "secure": True,
                "sameSite": "None",  # as if the cookie itself were no defence
            }
        ]
    )
    yield await context.new_page()
    await context.close()


def settle(answered: asyncio.Future[int | None], request: Any, status: int | None) -> None:
    if request.method == "POST" and not answered.done():
        answered.set_result(status)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_no_other_site_changes_anything(
    panel: Any, browser: Browser, rows: Any, attack: str, host: str
) -> None:
    """127.0.0.1 is the panel's own site, by another port; localhost is another site."""
    before = await rows.fetchval(SESSIONS)
    async with attacker(panel.url, attack) as site, signed_in(browser, panel, panel.url) as page:
        answered = asyncio.get_running_loop().create_future()
        page.on("response", lambda answer: settle(answered, answer.request, answer.status))
        page.on("requestfailed", lambda request: settle(answered, request, None))
        await page.goto(site.replace("127.0.0.1", host))
        async with asyncio.timeout(60):
            assert await answered in (403, None), "Chromium keeps a refusal from scripts"
    assert await rows.fetchval(SESSIONS) == before


async def test_forms_work_where_the_host_sends_no_referrer(panel: Any, browser: Browser) -> None:
    """Where a page sends no referrer, browsers give its forms the origin "null"."""
    inner = create_app(panel.login, background=False)
    outer = Starlette(routes=[Mount("/fleet", inner)])

    class NoReferrer:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def changed(message: Any) -> None:
                if message["type"] == "http.response.start":
                    kept = [h for h in message["headers"] if h[0].lower() != b"referrer-policy"]
                    message["headers"] = [*kept, (b"referrer-policy", b"no-referrer")]
                await send(message)

            await self.app(scope, receive, changed)

    async with serve(NoReferrer(outer)) as url:  # type: ignore[arg-type]
        await sign_in(browser, f"{url}/fleet/admin/")
    await close_app(inner)


async def test_plain_http_by_a_name_that_is_not_loopback(panel: Any) -> None:
    """There browsers send no Sec-Fetch-Site, so that Origin decides alone."""
    app = create_app(panel.login, background=False, hosts=["fleet.test"])
    async with (
        serve(app) as url,
        chromium("--host-resolver-rules=MAP fleet.test 127.0.0.1") as browser,
    ):
        page = await browser.new_page()
        await page.goto(f"http://fleet.test:{url.rpartition(':')[2]}/admin/login")
        await page.fill("#username", "viewer")
        await page.fill("#password", PASSWORD)
        async with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
            await page.click("button")
        answer = await sent.value
        headers = await answer.request.all_headers()
        assert "sec-fetch-site" not in headers
        assert headers["origin"].startswith("http://fleet.test:")
        assert answer.status == 303
    await close_app(app)


@asynccontextmanager
async def chromium(*arguments: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", *arguments]
        )
        yield browser
        await browser.close()


async def sign_in(browser: Browser, url: str) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(url)
    await page.fill("#username", "viewer")
    await page.fill("#password", PASSWORD)
    await page.click("text=Sign in")
    await page.wait_for_url(url)
    await context.close()

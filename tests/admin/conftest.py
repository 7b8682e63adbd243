"""One database, one server and one browser for all tests of the panel."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from qlmodels_admin import create_app
from qlmodels_admin.auth import sessions
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from sqlalchemy import URL
from starlette.applications import Starlette

from qlmodels.connection import connect
from qlmodels.logins import hash_password
from qlmodels.logins.panel_users import PanelRole, add_user

CHROMIUM = "/usr/bin/chromium"
BROWSER_WAIT_MS = 30_000
"""Milliseconds until something that does not happen fails a test, on a busy machine too."""

DATABASE = "panel"
PASSWORD = "correct horse battery staple"
ORIGIN = {"Origin": "http://localhost"}
"""The header of clients without a browser, which may change something by it."""

ROLES: tuple[PanelRole, ...] = ("viewer", "editor", "admin")


expect.set_options(timeout=BROWSER_WAIT_MS)


@dataclass(frozen=True)
class Panel:
    """The application, and where it is served."""

    app: Starlette
    url: str
    owner: URL

    @property
    def login(self) -> URL:
        """The panel's own."""
        return self.owner.set(username="qlpanel_test", password=PASSWORD)

    async def token(self, user: str) -> str:
        """Signs `user` in: what their cookie holds."""
        async with self.app.state.engine.begin() as connection:
            return await sessions.begin(connection, user)

    async def client(self, user: str | None = None) -> httpx.AsyncClient:
        """A client without a browser, signed in as `user`."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://localhost", headers=ORIGIN
        )
        if user is not None:
            client.cookies.set(SESSION_COOKIE, await self.token(user))
        return client


class Server(uvicorn.Server):
    """Leaves the signals to pytest."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serve(app: Starlette, port: int = 0, **options: Any) -> AsyncIterator[str]:
    """By uvicorn, on a port of its own."""
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # as `qlmodels up` does it
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    server = Server(uvicorn.Config(app, log_level="warning", ws="none", **options))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listener.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def panel(cluster: Any) -> AsyncIterator[Panel]:
    owner = cluster.template.set(database=DATABASE)
    async with connect(cluster.template.set(database="postgres")) as maintenance:
        await maintenance.execute(
            f"create database {DATABASE} template {cluster.template.database}"
        )
    async with connect(owner) as connection:
        known = hash_password(PASSWORD)
        for role in ROLES:
            await add_user(connection, role, role, known)
    app = create_app(owner.set(username="qlpanel_test", password=PASSWORD), background=False)
    async with serve(app) as url:
        yield Panel(app, url, owner)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def rows(panel: Panel) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the panel's login, to make rows and to look at them."""
    async with connect(panel.login) as connection:
        for name in ("json", "jsonb"):
            await connection.set_type_codec(
                name, schema="pg_catalog", encoder=json.dumps, decoder=json.loads
            )
        yield connection


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        await browser.close()


Pages = Callable[[PanelRole | None], Awaitable[Page]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def contexts(browser: Browser, panel: Panel) -> dict[PanelRole | None, BrowserContext]:
    """One browser profile a role, so that style sheets are loaded once."""
    found: dict[PanelRole | None, BrowserContext] = {}
    for role in (*ROLES, None):
        found[role] = await browser.new_context(base_url=panel.url, reduced_motion="reduce")
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def pages(
    contexts: dict[PanelRole | None, BrowserContext], panel: Panel
) -> AsyncIterator[Pages]:
    """Opens pages, signed in as a role or not at all; none may break its security policy."""
    opened: list[Page] = []
    complaints: list[str] = []

    async def open_page(role: PanelRole | None) -> Page:
        if role is not None:  # a former test may have ended the last session
            token = await panel.token(role)
            await contexts[role].add_cookies(
                [{"name": SESSION_COOKIE, "value": token, "url": f"{panel.url}/admin"}]
            )
        page = await contexts[role].new_page()
        opened.append(page)
        page.set_default_timeout(BROWSER_WAIT_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: complaints.append(message.text) if message.type == "error" else None,
        )
        return page

    yield open_page
    for page in opened:
        await page.close()
    assert [text for text in complaints if "Failed to load resource" not in text] == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(pages: Pages) -> Page:
    return await pages("admin")


PASTE = """(editor, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    const paste = { clipboardData, bubbles: true, cancelable: true };
    editor.dispatchEvent(new ClipboardEvent("paste", paste));
}"""

Fill = Callable[[Page, str, str], Awaitable[None]]


@pytest.fixture(scope="session")
def fill() -> Fill:
    """Type into a field, or into the editor that stands in its place."""

    async def fill_field(page: Page, name: str, value: str) -> None:
        await page.wait_for_load_state("load")
        editor = page.locator(f".editor[data-for={name}] .cm-content")
        if not await editor.count():
            await page.locator(f"#{name}").fill(value)
            return
        await editor.press("ControlOrMeta+a")
        await editor.evaluate(PASTE, value)

    return fill_field


@dataclass
class HtmlForm(HTMLParser):
    """What a browser would send of a page's form, if nobody touched it."""

    values: list[tuple[str, str]] = field(default_factory=list)
    _textarea: str | None = None
    _select: str | None = None

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        name = found.get("name", "")
        match tag:
            case "input" if name:
                ticked = found.get("type") not in {"checkbox", "radio"} or "checked" in found
                if ticked:
                    text = found.get("value", "on" if found.get("type") == "checkbox" else "")
                    self._add(name, text.replace("\r", "").replace("\n", ""))
            case "textarea":
                self._textarea = name
                self._add(name, "")
            case "select":
                self._select = name
            case "option" if self._select and "selected" in found:
                self._add(self._select, found["value"])
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea is not None:
            name, text = self.values.pop()
            text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\n")
            self._add(name, text.replace("\n", "\r\n"))
            self._textarea = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            name, text = self.values.pop()
            self._add(name, text + data)

    def _add(self, name: str, value: str) -> None:
        self.values.append((name, value))


@pytest.fixture(scope="session")
def read_form() -> Any:
    """The fields of the page's form, as a dictionary."""

    def read(page: str) -> dict[str, str]:
        parser = HtmlForm()
        content = page[max(0, page.find('id="content"')) :]
        parser.feed(content[content.index('method="post"') :])
        return dict(parser.values)

    return read

"""The examples of docs/panel.md as printed, each in an application and a database of its own."""

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from qlmodels_admin import create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth import sessions
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from sqlmodel import SQLModel
from starlette.applications import Starlette

from qlmodels.connection import connect
from qlmodels.ddl.build import statements
from qlmodels.logins import hash_password
from qlmodels.logins.panel_users import add_user
from tests.conftest import PASSWORD, Database
from tests.support.markdown import blocks

PAGE = Path(__file__).parents[2] / "docs" / "panel.md"
EXAMPLES = [block for block in blocks(PAGE) if block.language == "python"]
URL_SHOWN = '"postgresql://qlpanel_ops:password@127.0.0.1/fleet"'

pytestmark = pytest.mark.one_major


def example(word: str) -> str:
    (found,) = [block.text for block in EXAMPLES if word in block.text]
    return found


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run an example with this database's URL in place of the one that is printed."""
    url = database.url("qlpanel_test").render_as_string(hide_password=False)
    before, mappers = {*SQLModel.metadata.tables}, {*SQLModel._sa_registry.mappers}

    def run_example(word: str) -> dict[str, Any]:
        module = ModuleType("example_of_the_panel_page")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(example(word).replace(URL_SHOWN, repr(url)), vars(module))
        return vars(module)

    yield run_example
    for name in {*SQLModel.metadata.tables} - before:
        SQLModel.metadata.remove(SQLModel.metadata.tables[name])
    for mapper in {*SQLModel._sa_registry.mappers} - mappers:
        SQLModel._sa_registry._dispose_manager_and_mapper(mapper.class_manager)
    SQLModel.metadata.info.clear()


async def signed_in(app: Any, panel: Starlette, database: Database) -> httpx.AsyncClient:
    async with connect(database.owner) as owner:
        await add_user(owner, "ada", "admin", hash_password(PASSWORD))
    async with panel.state.engine.begin() as connection:
        token = await sessions.begin(connection, "ada")
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://localhost",
        cookies={SESSION_COOKIE: token},
        headers={"Origin": "http://localhost"},
    )


async def create_tables(database: Database, metadata: Any) -> None:
    async with connect(database.owner) as owner:
        for statement in statements(metadata):
            await owner.execute(statement)


async def obey(client: httpx.AsyncClient, database: Database, path: str) -> None:
    """Run what the page of a table says that it needs."""
    commands = re.findall(r"<pre><code>(.*?)</code></pre>", (await client.get(path)).text)
    assert commands
    async with connect(database.owner) as owner:
        for command in commands:
            await owner.execute(command)


async def test_mounted(run: Any, database: Database) -> None:
    names = run("class Gadget(")
    panel = names["panel"]
    async with await signed_in(names["app"], panel, database) as client:
        missing = await client.get("/fleet/admin/gadget/list")
        assert "There is no table public.gadget in this database." in missing.text
        await create_tables(database, SQLModel.metadata)
        await obey(client, database, "/fleet/admin/gadget/list")
        made = await client.post("/fleet/admin/gadget/create", data={"name": "lamp"})
        assert made.status_code == 303, made.text
        for path in ("gadget", "plain"):
            listed = await client.get(f"/fleet/admin/{path}/list")
            assert listed.status_code == 200
            assert "lamp" in listed.text
            assert f'href="/fleet/admin/{path}/list"' in listed.text
    await close_app(panel)


async def test_tables_of_ones_own(run: Any, database: Database) -> None:
    names = run("class Author(")
    await create_tables(database, names["Base"].metadata)
    views = [names["AuthorView"], names["BookView"]]
    app = create_app(database.url("qlpanel_test"), background=False, views=views)
    async with await signed_in(app, app, database) as client:
        for table in ("authors", "books"):
            await obey(client, database, f"/admin/{table}/list")
        author = await client.post("/admin/authors/create", data={"name": "Ada"})
        assert author.status_code == 303, author.text
        assert "undo=" in author.headers["location"]
        book = await client.post("/admin/books/create", data={"title": "one", "author_id": "1"})
        assert book.status_code == 303, book.text
        listed = (await client.get("/admin/books/list")).text
        assert ">Ada</a>" in listed
        assert "ONE" in listed
        assert (
            "/admin/books/list?author_id=1" in (await client.get("/admin/authors/details/1")).text
        )
    await close_app(app)


async def test_your_applications_own_users(run: Any) -> None:
    panel = run("def panel_user(")["panel"]
    transport = httpx.ASGITransport(panel)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        listed = await client.get("/admin/sessions/list", headers={"X-User": "mary"})
        assert listed.status_code == 200
        assert "mary" in listed.text
        sent = await client.get("/admin/sessions/list")
        assert sent.headers["location"].startswith("/sign-in?next=")
    await close_app(panel)


async def test_an_openid_provider(run: Any) -> None:
    panel = run("OpenIDProvider(")["panel"]
    transport = httpx.ASGITransport(panel)
    async with httpx.AsyncClient(transport=transport, base_url="https://fleet.example") as client:
        page = await client.get("/admin/login")
        assert page.status_code == 200
        assert "Sign in with" in page.text
    await close_app(panel)


async def test_a_view_in_the_place_of_the_panels_own(run: Any, database: Database) -> None:
    view = run("class PatternView(")["PatternView"]
    app = create_app(database.url("qlpanel_test"), background=False, views=[view])
    async with await signed_in(app, app, database) as client:
        listed = (await client.get("/admin/patterns/list")).text
        assert listed.count('href="/admin/patterns/list"') == 1
        asked = await client.get("/admin/patterns/act/trust")
        assert asked.status_code == 200
        assert "Set confidence" in asked.text
    await close_app(app)


async def test_an_action_of_ones_own(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run("class Halve(")
    assert "Halve priorities" in capsys.readouterr().out


async def test_a_server_with_limits_of_time(run: Any) -> None:
    names = run("import uvicorn")
    names["server"].config.load()
    assert names["server"].config.http_protocol_class is names["TimedHTTPProtocol"]
    await close_app(names["panel"])


async def test_a_table_that_is_audited(run: Any, database: Database) -> None:
    run("class Tool(")
    await create_tables(database, SQLModel.metadata)
    async with connect(database.owner) as owner:
        await owner.execute("insert into tools values ('saw', 1)")
        logged = "select count(*) from qlmodels_private.audit_log where table_name = 'tools'"
        assert await owner.fetchval(logged) == 1


def test_every_example_is_run() -> None:
    words = Path(__file__).read_text("utf-8")
    run_here = re.findall(r'run\("([^"]+)"\)', words)
    elsewhere = ("standardwebhooks", "prune_audit_log")
    for block in EXAMPLES:
        assert any(word in block.text for word in (*run_here, *elsewhere)), block.name

"""Tables of the user's own beside the seven: exact as a TableView, or as sqladmin shows them."""

import asyncio
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx
import pytest
import pytest_asyncio
from qlmodels_admin import SetValues, TableView, create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth import sessions
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from qlmodels_admin.rows.filters import Search
from qlmodels_admin.tables import Viewer
from sqladmin import ModelView, action
from sqlalchemy import Column, Integer, Select, Text
from sqlalchemy.orm import DeclarativeBase
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from qlmodels.connection import connect
from qlmodels.errors import ConfigurationError
from tests.admin.conftest import ORIGIN

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]


class Base(DeclarativeBase):
    pass


class Tool(Base):
    __tablename__ = "tools"

    name = Column(Text, primary_key=True)
    uses = Column(Integer, nullable=False, server_default="0")


class Plain(Base):
    __tablename__ = "plain"

    name = Column(Text, primary_key=True)
    note = Column(Text)


class ToolView(TableView, model=Tool):
    column_list = ("name", "uses")
    column_sortable_list = ("name", "uses")
    search = Search(texts=("name",))
    create_fields = ("name", "uses")
    edit_fields = ("uses",)

    @action("double", "Double")
    async def double(self, request: Request) -> Response:
        return PlainTextResponse(f"doubled {request.query_params['pks']}")


class PlainView(ModelView, model=Plain):
    column_list = ("name", "note")
    form_include_pk = True

    @action("shout", "Shout")
    async def shout(self, request: Request) -> Response:
        return PlainTextResponse(f"shouted {request.query_params['pks']}")


NAMES = [
    "plain",
    "with, comma",
    "a/b/c",
    "semi;colon",
    "back\\slash",
    "per%20cent",
    "?query=1",
    "#mark",
    ".",
    "..",
    "../up",
    "ünï",
    " spaces ",
    "quo\"te'",
    "<b>bold</b>",
    "trailing/",
    "a//b",
    "%2F",
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(panel: Any) -> Any:
    """The panel with both tables."""
    async with connect(panel.owner) as owner:
        for table, column in (("tools", "uses int not null default 0"), ("plain", "note text")):
            await owner.execute(f"create table {table} (name text primary key, {column})")
            await owner.execute(
                f"grant select, insert, update, delete on {table} to qlmodels_panel"
            )
    app = create_app(panel.login, background=False, views=[ToolView, PlainView])
    yield app
    await close_app(app)
    async with connect(panel.owner) as owner:
        await owner.execute("drop table tools, plain")


async def client_of(app: Starlette, role: str) -> httpx.AsyncClient:
    async with app.state.engine.begin() as connection:
        token = await sessions.begin(connection, role)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://localhost",
        cookies={SESSION_COOKIE: token},
        headers=ORIGIN,
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def admin(app: Starlette) -> Any:
    async with await client_of(app, "admin") as client:
        yield client


@pytest.mark.parametrize("name", NAMES)
async def test_a_row_of_any_key_is_made_changed_and_deleted(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, name: str
) -> None:
    made = await admin.post("/admin/tools/create", data={"name": name, "uses": "1"})
    assert made.status_code == 303, made.text
    details = await admin.get(made.headers["location"])
    assert details.status_code == 200
    edit = made.headers["location"].replace("/details/", "/edit/").partition("?")[0]
    form = read_form((await admin.get(edit)).text)
    assert (await admin.post(edit, data={**form, "uses": "7"})).status_code == 303
    assert await rows.fetchval("select uses from tools where name = $1", name) == 7
    listed = await admin.get("/admin/tools/list")
    assert f'href="{edit}"' in listed.text
    ask = await admin.post("/admin/tools/delete", data=read_form(details.text))
    assert ask.status_code == 200
    gone = await admin.post("/admin/tools/delete", data=read_form(ask.text))
    assert gone.status_code == 303, gone.text
    assert await rows.fetchval("select count(*) from tools where name = $1", name) == 0


async def test_actions_take_a_post_alone(admin: httpx.AsyncClient) -> None:
    assert (await admin.get("/admin/tools/action/double?pks=a")).status_code == 405
    assert (await admin.post("/admin/tools/action/double?pks=a")).text == "doubled a"
    foreign = {"Sec-Fetch-Site": "cross-site"}
    answer = await admin.post("/admin/tools/action/double?pks=a", headers=foreign)
    assert answer.status_code == 403


MAY = {
    ("GET", "list"): ("viewer", "editor", "admin"),
    ("GET", "export/csv"): ("viewer", "editor", "admin"),
    ("GET", "create"): ("editor", "admin"),
    ("POST", "action/{action}?pks=a"): ("editor", "admin"),
}
"""Routes of a table of one's own, and the roles that may."""


@pytest.mark.parametrize(("table", "action"), [("tools", "double"), ("plain", "shout")])
@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
async def test_roles_hold_for_own_tables(
    app: Starlette, role: str, table: str, action: str
) -> None:
    refused = set()
    async with await client_of(app, role) as client:
        for method, route in MAY:
            url = f"/admin/{table}/{route.format(action=action)}"
            if (await client.request(method, url)).status_code == 403:
                refused.add(route)
    assert refused == {route for (_, route), roles in MAY.items() if role not in roles}


async def test_sqladmins_own_views_work_beside_ours(
    admin: httpx.AsyncClient, rows: asyncpg.Connection
) -> None:
    listed = await admin.get("/admin/plain/list")
    assert listed.status_code == 200
    assert "main.js" in listed.text
    form = {"name": "one", "note": "a", "save": "Save"}
    assert (await admin.post("/admin/plain/create", data=form)).status_code == 302
    key = quote("one")
    assert (await admin.get(f"/admin/plain/details/{key}")).status_code == 200
    edited = await admin.post(f"/admin/plain/edit/{key}", data={**form, "note": "b"})
    assert edited.status_code == 302
    assert await rows.fetchval("select note from plain") == "b"
    assert (await admin.delete(f"/admin/plain/delete?pks={key}")).status_code == 200
    assert await rows.fetchval("select count(*) from plain") == 0


async def test_another_panel_does_not_take_the_views_over(
    panel: Any, admin: httpx.AsyncClient
) -> None:
    other = create_app(panel.login.set(port=1), background=False, views=[ToolView, PlainView])
    assert (await admin.get("/admin/tools/list")).status_code == 200
    assert (await admin.get("/admin/plain/list")).status_code == 200
    async with await panel.client("viewer") as client:
        assert (await client.get("/admin/sessions/list")).status_code == 200
    await close_app(other)


async def test_rows_that_a_view_hides_are_in_no_list_export_or_action(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, panel: Any, read_form: Any
) -> None:
    class HidingToolView(ToolView, model=Tool):
        actions = (SetValues(name="uses", label="Set uses…", asks=["uses"]),)

        def visible_rows(self, user: Viewer) -> Select[Any]:
            return super().visible_rows(user).where(Tool.name != f"hidden from {user.name}")

    names = ("hidden from admin", "hidden from editor")
    await rows.executemany("insert into tools (name) values ($1)", [(name,) for name in names])
    app = create_app(panel.login, background=False, views=[HidingToolView])
    admin = httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://localhost",
        cookies=admin.cookies,
        headers=admin.headers,
    )
    async with admin as client:
        for path in ("list", "export/csv", "act/uses"):
            text = (await client.get(f"/admin/tools/{path}")).text
            assert "hidden from editor" in text, path
            assert "hidden from admin" not in text, path
        asked = await client.post("/admin/tools/act/uses", data={"uses": "9"})
        run = asked.headers["location"]
        form = read_form((await client.get(run)).text)
        assert (await client.post(f"{run}/start", data=form)).status_code == 303
        await asyncio.gather(*app.state.admin.runner._tasks.values())
    await close_app(app)
    found = await rows.fetch("select name, uses from tools order by name")
    assert [tuple(row) for row in found] == [*zip(names, (0, 9), strict=True)]
    await rows.execute("delete from tools")


async def test_a_view_that_overrides_list_query_is_refused(panel: Any) -> None:
    class HidingView(ToolView, model=Tool):
        def list_query(self, request: Request) -> Select[Any]:
            return super().list_query(request).distinct()

    with pytest.raises(ConfigurationError, match="HidingView has list_query"):
        create_app(panel.login, background=False, views=[HidingView])

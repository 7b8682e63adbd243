"""Any failure is a page with an ID that is in the log, and says nothing else."""

import logging
import re
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import httpx
import pytest
import pytest_asyncio
from qlmodels_admin import TableView, create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from sqladmin import BaseView, ModelView, action, expose
from sqlalchemy import Column, Select, Text, text
from sqlalchemy.orm import DeclarativeBase
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from wtforms import Form

from qlmodels.connection import connect
from tests.admin.conftest import ORIGIN, Panel

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

SECRET = "the reason is not for users"
FAILURES: dict[str, type[Exception]] = {
    "error": ValueError,
    "file": FileNotFoundError,
    "refused": ConnectionRefusedError,
    "late": TimeoutError,
}


class Base(DeclarativeBase):
    pass


class Brittle(Base):
    __tablename__ = "brittle"

    name = Column(Text, primary_key=True)
    note = Column(Text)


def failing(item: Any, _: str) -> str:
    raise FAILURES.get(item.name, RuntimeError)(SECRET)


class FormatterView(TableView, model=Brittle):
    identity = "formatter"
    column_list = ("name", "note")
    column_formatters: ClassVar[dict[Any, Any]] = {Brittle.note: failing}
    column_formatters_detail: ClassVar[dict[Any, Any]] = {"note": failing}

    @action("burst", "Burst")
    async def burst(self, request: Request) -> Response:  # noqa: ARG002
        raise RuntimeError(SECRET)


class SqlView(TableView, model=Brittle):
    identity = "sql"

    def visible_rows(self, user: Any) -> Select[Any]:
        return super().visible_rows(user).where(text("no_such_function(name)"))


class FormView(TableView, model=Brittle):
    identity = "form"

    class form_base_class(Form):  # noqa: N801  # as sqladmin calls it
        def validate(self, extra_validators: Any = None) -> bool:  # noqa: ARG002
            raise RuntimeError(SECRET)


class PlainView(ModelView, model=Brittle):
    column_list = ("name", "note")
    column_formatters: ClassVar[dict[Any, Any]] = {"note": failing}


class PageView(BaseView):
    name = "Page"

    @expose("/page", identity="page")
    async def page(self, request: Request) -> Response:  # noqa: ARG002
        raise RuntimeError(SECRET)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(panel: Panel) -> AsyncIterator[Starlette]:
    async with connect(panel.owner) as owner:
        await owner.execute("create table brittle (name text primary key, note text)")
        await owner.execute("grant all on brittle to qlmodels_panel")
        await owner.executemany(
            "insert into brittle values ($1, 'x')", [(name,) for name in FAILURES]
        )
    views = [FormatterView, SqlView, FormView, PlainView, PageView]
    app = create_app(panel.login, background=False, views=views)
    yield app
    await close_app(app)
    async with connect(panel.owner) as owner:
        await owner.execute("drop table brittle")


def client_of(app: Starlette, token: str, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://localhost",
        cookies={SESSION_COOKIE: token},
        headers={**ORIGIN, **headers},
    )


REQUESTS = [
    ("GET", "/admin/formatter/list"),
    *(("GET", f"/admin/formatter/details/{name}") for name in FAILURES),
    ("POST", "/admin/formatter/action/burst?pks=error"),
    ("GET", "/admin/sql/list"),
    ("GET", "/admin/sql/export/csv"),
    ("POST", "/admin/form/create"),
    ("GET", "/admin/brittle/list"),
    ("GET", "/admin/page"),
]


@pytest.mark.parametrize(("method", "path"), REQUESTS)
@pytest.mark.parametrize("prefix", ["", "/fleet"])
async def test_a_failure_is_a_page_with_an_id_that_is_in_the_log(
    app: Starlette,
    panel: Panel,
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
    prefix: str,
) -> None:
    host = Starlette(routes=[Mount(prefix, app)]) if prefix else app
    caplog.set_level(logging.ERROR)
    data = {"name": "typed by hand"} if method == "POST" else None
    async with client_of(host, await panel.token("admin")) as client:
        answer = await client.request(method, prefix + path, data=data)
    assert answer.status_code == 500
    found = re.search(r"request ID <code>([^<]+)</code>", answer.text)
    assert found is not None
    assert answer.headers["X-Request-ID"] == found[1]
    (record,) = [item for item in caplog.records if found[1] in item.getMessage()]
    assert record.exc_info is not None
    for part in (SECRET, "Traceback", "no_such_function", "does not answer"):
        assert part not in answer.text
    assert "This request failed." in answer.text
    assert f'href="{prefix}/admin/"' in answer.text
    assert f"{prefix}/admin/statics/" in answer.text
    if "/create" in path:
        assert "typed by hand" in answer.text


@pytest.mark.parametrize("headers", [{"Accept": "application/json"}, {"Sec-Fetch-Dest": "empty"}])
async def test_a_script_is_told_in_json(
    app: Starlette, panel: Panel, headers: dict[str, str]
) -> None:
    async with client_of(app, await panel.token("admin"), **headers) as client:
        answer = await client.get("/admin/page")
    assert answer.status_code == 500
    assert answer.json() == {
        "error": "This request failed.",
        "request_id": answer.headers["X-Request-ID"],
    }


async def test_a_proxys_id_is_the_one_that_is_shown(app: Starlette, panel: Panel) -> None:
    async with client_of(app, await panel.token("admin"), **{"X-Request-ID": "edge-7"}) as client:
        assert "<code>edge-7</code>" in (await client.get("/admin/page")).text


@pytest.mark.parametrize(
    "changed", [{"port": 9}, {"host": "no.such.invalid"}, {"password": "wrong"}, {"database": "x"}]
)
async def test_a_database_that_is_away_is_said_to_be_away(
    panel: Panel, changed: dict[str, Any]
) -> None:
    app = create_app(panel.login.set(**changed), background=False)
    async with client_of(app, "x" * 43) as client:
        page = await client.get("/admin/sessions/list")
        told = await client.get("/admin/sessions/list", headers={"Accept": "application/json"})
    await close_app(app)
    assert page.status_code == told.status_code == 503
    assert "The database does not answer now." in page.text
    assert told.json() == {"error": "The database does not answer now. Try again."}

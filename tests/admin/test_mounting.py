"""The panel alone, inside other applications, behind proxies, twice in one process."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from qlmodels_admin import TableView, create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth import sessions
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from qlmodels_admin.rows.filters import Search
from sqladmin import ModelView
from sqlalchemy import Column, Text
from sqlalchemy.orm import DeclarativeBase
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from qlmodels.connection import connect
from tests.admin.conftest import ORIGIN, PASSWORD, serve

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]


@asynccontextmanager
async def signed_in(outer: Any, inner: Starlette, **options: Any) -> AsyncIterator[Any]:
    """A client of `outer`, in which `inner` is, or which it is itself."""
    async with inner.state.engine.begin() as connection:
        token = await sessions.begin(connection, "admin")
    transport = httpx.ASGITransport(outer, **options)
    try:
        async with httpx.AsyncClient(
            transport=transport,
            base_url="http://localhost",
            cookies={SESSION_COOKIE: token},
            headers=ORIGIN,
        ) as client:
            yield client
    finally:
        await close_app(inner)


async def walk(client: httpx.AsyncClient, base: str) -> None:
    """Every address of a page leads below `base`, and to an answer; forms come back there."""
    page = await client.get(f"{base}/sessions/list")
    assert page.status_code == 200
    found = set(re.findall(r'(?:href|src|action)="([^"?]+)[^"]*"', page.text))
    local = {url for url in found if not url.startswith("#")}
    assert len(local) > 15
    for url in local:
        assert url.startswith(f"{base}/"), url
        if not url.endswith(("/logout", "/delete", "/csv", "/json")):
            assert (await client.get(url)).status_code == 200, url
    made = await client.post(
        f"{base}/sessions/create", data={"agent_type": "chaos-engineer", "task_count": "1"}
    )
    assert made.status_code == 303, made.text
    assert made.headers["location"].startswith(f"{base}/sessions/details/")
    assert (await client.get(made.headers["location"])).status_code == 200
    token = client.cookies[SESSION_COOKIE]
    client.cookies.clear()
    sent = await client.get(f"{base}/sessions/list")
    assert sent.headers["location"].startswith(f"{base}/login?next=")
    assert (await client.get(sent.headers["location"])).status_code == 200
    signed = await client.post(
        f"{base}/login",
        data={"username": "viewer", "password": PASSWORD, "next": f"{base}/"},
    )
    assert signed.headers["location"] == f"{base}/"
    assert f"Path={base};" in signed.headers["set-cookie"]
    client.cookies.clear()
    client.cookies.set(SESSION_COOKIE, token)


async def test_alone(panel: Any) -> None:
    app = create_app(panel.login, background=False)
    async with signed_in(app, app) as client:
        await walk(client, "/admin")


async def _theirs(request: Request) -> Response:
    return PlainTextResponse("theirs")


@pytest.mark.parametrize("name", [None, "fleet"])
async def test_inside_a_starlette_application(panel: Any, name: str | None) -> None:
    inner = create_app(panel.login, background=False)
    outer = Starlette(
        routes=[
            Route("/", _theirs, name="admin:index"),
            Mount("/tools/fleet", inner, name=name),
        ]
    )
    async with signed_in(outer, inner) as client:
        assert (await client.get("/")).text == "theirs"
        await walk(client, "/tools/fleet/admin")


async def test_inside_a_fastapi_application(panel: Any) -> None:
    inner = create_app(panel.login, background=False)
    outer = FastAPI()
    outer.mount("/fleet", inner)

    @outer.get("/items")
    async def items() -> list[int]:
        return [1]

    async with signed_in(outer, inner) as client:
        assert (await client.get("/items")).json() == [1]
        await walk(client, "/fleet/admin")


async def test_inside_an_application_behind_a_proxy(panel: Any) -> None:
    inner = create_app(panel.login, background=False)
    outer = Starlette(routes=[Mount("/tools", inner)])
    async with signed_in(outer, inner, root_path="/proxied") as client:
        await walk(client, "/proxied/tools/admin")


async def test_behind_a_proxy_that_takes_its_prefix_off(panel: Any) -> None:
    """As nginx's `proxy_pass http://127.0.0.1:8000/` does; uvicorn's root_path puts it back."""
    app = create_app(panel.login, background=False, hosts=["fleet.example"])
    async with app.state.engine.begin() as connection:
        token = await sessions.begin(connection, "admin")
    forwarded = {
        "Host": "fleet.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Host": "evil.example",
    }
    async with (
        serve(app, root_path="/fleet") as url,
        httpx.AsyncClient(
            base_url=url, headers=forwarded, cookies={SESSION_COOKIE: token}
        ) as client,
    ):
        page = await client.get("/admin/sessions/list")
        assert page.status_code == 200
        assert 'href="/fleet/admin/q_values/list"' in page.text
        assert "evil" not in page.text
        own = {"Origin": "https://fleet.example"}
        made = await client.post(
            "/admin/sessions/create", data={"agent_type": "chaos-engineer"}, headers=own
        )
        assert made.headers["location"].startswith("/fleet/admin/sessions/details/")
        foreign = {"Origin": "https://evil.example"}
        for headers in (foreign, {**foreign, "X-Forwarded-Host": "evil.example"}):
            refused = await client.post(
                "/admin/sessions/create", data={"agent_type": "chaos-engineer"}, headers=headers
            )
            assert refused.status_code == 403
        client.cookies.clear()
        signed = await client.post(
            "/admin/login",
            data={"username": "viewer", "password": PASSWORD},
            headers=own,
        )
        assert "Path=/fleet/admin;" in signed.headers["set-cookie"]
        assert "Secure" in signed.headers["set-cookie"]
        answer = await client.get("/admin/login", headers={"Host": "evil.example"})
        assert answer.status_code == 400
    await close_app(app)


class Base(DeclarativeBase):
    pass


class Gadget(Base):
    __tablename__ = "gadgets"
    name = Column(Text, primary_key=True)


class GadgetView(TableView, model=Gadget):
    column_list = ("name",)
    search = Search(texts=("name",))


class PlainGadgetView(ModelView, model=Gadget):
    column_list = ("name",)


async def test_views_of_ones_own_are_added_as_sqladmin_has_it(panel: Any) -> None:
    async with connect(panel.owner) as owner:
        await owner.execute("create table gadgets (name text primary key)")
        await owner.execute("insert into gadgets values ('sonic')")
        await owner.execute("grant select on gadgets to qlmodels_panel")
    app = create_app(panel.login, background=False)
    app.state.admin.add_view(GadgetView)
    app.state.admin.add_view(PlainGadgetView)
    async with signed_in(app, app) as client:
        for identity in ("gadgets", "gadget"):
            listed = await client.get(f"/admin/{identity}/list")
            assert listed.status_code == 200
            assert "sonic" in listed.text
        assert 'href="/admin/gadgets/list"' in (await client.get("/admin/")).text
    async with connect(panel.owner) as owner:
        await owner.execute("drop table gadgets")


async def test_two_panels_in_one_process_keep_apart(panel: Any) -> None:
    """One under each path, each with its own database; the second one's is not there."""
    here, there = (
        create_app(panel.login, background=False),
        create_app(panel.login.set(port=1), background=False),
    )
    outer = Starlette(routes=[Mount("/here", here), Mount("/there", there)])
    async with signed_in(outer, here) as client:
        await walk(client, "/here/admin")
        answer = await client.get(
            "/there/admin/sessions/list", headers={"Cookie": f"{SESSION_COOKIE}=x"}
        )
        assert answer.status_code == 503
        assert "/here/" not in answer.text
    await close_app(there)

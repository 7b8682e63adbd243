"""The users of an application that mounts the panel, in place of the panel's own."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from qlmodels_admin import PanelUser, create_app
from qlmodels_admin.auth import authentication
from starlette.requests import Request

from tests.admin.conftest import ORIGIN, Panel, serve

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

EDIT = "/tools/admin/agent_types/edit/quality-gate"


HEARTBEAT = """
insert into agent_states
       (agent_type, agent_instance_id, current_exploration_rate, current_learning_rate)
values ('quality-gate', 'followed', 0.1, 0.1)
    on conflict (agent_type, agent_instance_id) do update
   set total_tasks = agent_states.total_tasks + 1
"""


class Directory:
    """The users of the application, by the name in a header."""

    def __init__(self) -> None:
        self.roles: dict[str, Any] = {"ada": "admin", "vera": "viewer", "eve": "root"}
        self.asked = 0

    async def user_of(self, request: Request) -> PanelUser | None:
        self.asked += 1
        name = request.headers.get("X-User")
        if name == "broken":
            raise RuntimeError("the directory is away")
        if name == "text":
            return "ada"  # type: ignore[return-value]
        return PanelUser(name, self.roles[name]) if name in self.roles else None


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def directory() -> Directory:
    return Directory()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def host(panel: Panel, directory: Directory) -> AsyncIterator[FastAPI]:
    inner = create_app(
        panel.login,
        authenticate=directory.user_of,
        sign_in_url="/sign-in?from=panel",
        account_url="/me",
    )
    outer = FastAPI()
    outer.mount("/tools", inner)
    yield outer
    await inner.state.engine.dispose()


def client_of(host: FastAPI, name: str | None) -> httpx.AsyncClient:
    headers = ORIGIN if name is None else {**ORIGIN, "X-User": name}
    transport = httpx.ASGITransport(host)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)


async def test_a_users_name_is_in_the_audit_log_and_in_no_table(
    host: FastAPI, rows: asyncpg.Connection, read_form: Any
) -> None:
    async with client_of(host, "ada") as ada:
        page = await ada.get(EDIT)
        assert 'href="/me"' in page.text
        assert "Sign out" not in page.text
        form = read_form(page.text)
        saved = await ada.post(EDIT, data={**form, "description": "by ada"})
        assert saved.status_code == 303
        undo = saved.headers["location"].partition("undo=")[2]
        undone = await ada.post(f"/tools/admin/undo?transaction={undo}", data={"_confirmed": "1"})
        assert undone.status_code == 303, undone.text
    names = "select distinct panel_user from qlmodels_private.audit_log where panel_user = 'ada'"
    assert await rows.fetchval(names) == "ada"
    assert not await rows.fetchval("select true from qlmodels_admin.users where name = 'ada'")


async def test_roles_are_those_of_the_application(host: FastAPI, directory: Directory) -> None:
    async with client_of(host, "vera") as vera:
        assert (await vera.get("/tools/admin/sessions/list")).status_code == 200
        asked = directory.asked
        assert (await vera.get(EDIT)).status_code == 403
        assert directory.asked == asked + 1, "asked on every request, and once"
        directory.roles["vera"] = "editor"
        assert (await vera.get(EDIT)).status_code == 200
        del directory.roles["vera"]
        assert (await vera.get(EDIT)).status_code == 303
    directory.roles["vera"] = "viewer"


async def test_without_a_user_one_is_sent_to_the_application(host: FastAPI) -> None:
    async with client_of(host, None) as visitor:
        page = await visitor.get("/tools/admin/sessions/list?search=a")
        assert page.headers["location"] == (
            "/sign-in?from=panel&next=%2Ftools%2Fadmin%2Fsessions%2Flist%3Fsearch%3Da"
        )
        sent = await visitor.post(EDIT, data={"description": "typed"})
        assert sent.status_code == 401
        assert 'value="typed"' in sent.text
        assert 'href="/sign-in?from=panel"' in sent.text
        for own in ("login", "logout", "account", "sign-in"):
            answers = [await visitor.get(f"/tools/admin/{own}")]
            answers.append(await visitor.post(f"/tools/admin/{own}", data={"a": "b"}))
            assert {answer.status_code for answer in answers} <= {401, 404, 405}, own


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("eve", "role 'root' is not one of admin, editor, viewer"),
        ("broken", "the directory is away"),
        ("text", "returned a str"),
    ],
)
async def test_what_is_no_user_is_refused_and_logged(
    host: FastAPI, caplog: pytest.LogCaptureFixture, name: str, reason: str
) -> None:
    async with client_of(host, name) as client:
        with caplog.at_level(logging.ERROR):
            answer = await client.get("/tools/admin/sessions/list")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?")
    assert reason in caplog.text


async def test_an_action_over_a_list_is_done_for_its_user(
    host: FastAPI, rows: asyncpg.Connection
) -> None:
    key = await rows.fetchval(
        "insert into sessions (agent_type) values ('quality-gate') returning session_id::text"
    )
    async with client_of(host, "ada") as ada:
        path = f"/tools/admin/sessions/act/delete?session_id={key}"
        asked = await ada.post(path)
        assert asked.status_code == 303, asked.text
        run = asked.headers["location"]
        async with asyncio.timeout(60):
            await ada.post(f"{run}/start")
            while await rows.fetchval("select true from sessions where session_id::text = $1", key):
                await ada.get(run)
        role = await rows.fetchval(
            "select user_role from qlmodels_admin.action_runs where user_name = 'ada'"
        )
        assert role == "admin"


@pytest.mark.parametrize("then", ["editor", None])
async def test_an_open_stream_ends_with_its_users_role(
    host: FastAPI,
    directory: Directory,
    rows: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    then: str | None,
) -> None:
    monkeypatch.setattr(authentication, "RECHECK_INTERVAL_S", 0.0)
    directory.roles["wanda"] = "viewer"
    async with (
        serve(host) as url,
        httpx.AsyncClient(base_url=url, headers={"X-User": "wanda"}, timeout=60) as wanda,
        wanda.stream("GET", "/tools/admin/fleet/stream") as events,
        asyncio.timeout(60),
    ):
        lines = events.aiter_lines()
        assert (await anext(lines)).startswith("retry")
        directory.roles["wanda"] = then
        await rows.execute(HEARTBEAT)
        async for _ in lines:  # each event is followed by another, until the stream ends
            await rows.execute(HEARTBEAT)

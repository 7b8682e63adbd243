"""Clients that read slowly or not at all: with real sockets, over uvicorn."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
import pytest_asyncio
from qlmodels_admin import create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from qlmodels_admin.web import slow_clients
from qlmodels_admin.web.slow_clients import PatientStream
from starlette.applications import Starlette

from tests.admin.conftest import serve

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

EXPORT = "/admin/sessions/export/json?agent_type=chaos-engineer&search=slow"
ROWS = 1500
"""Of 16 KB each, which no socket's buffers hold."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def many(rows: asyncpg.Connection) -> AsyncIterator[None]:
    await rows.execute(
        "insert into sessions (agent_type, session_name, metadata) select 'chaos-engineer', "
        "'slow', jsonb_build_object('filling', repeat(md5(n::text), 500)) "
        "from generate_series(1, $1) as n",
        ROWS,
    )
    yield
    await rows.execute("delete from sessions where session_name = 'slow'")


@pytest_asyncio.fixture(loop_scope="session")
async def app(panel: Any, many: None) -> AsyncIterator[Starlette]:
    app = create_app(panel.login, background=False)
    async with app.router.lifespan_context(app):
        yield app


class Reader:
    """A client that asked for an export and reads its head alone."""

    def __init__(self, url: str, token: str) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.setblocking(False)
        self._url = urlsplit(url)
        self._token = token

    async def ask(self, path: str = EXPORT) -> bytes:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, ("127.0.0.1", self._url.port))
        lines = [
            f"GET {path} HTTP/1.1",
            "Host: localhost",
            f"Cookie: {SESSION_COOKIE}={self._token}",
        ]
        await loop.sock_sendall(self._socket, "\r\n".join([*lines, "", ""]).encode())
        return await loop.sock_recv(self._socket, 1024)

    async def rest(self) -> bytes:
        """All that still comes before the connection is closed."""
        loop, found = asyncio.get_running_loop(), bytearray()
        with contextlib.suppress(ConnectionResetError):
            while piece := await loop.sock_recv(self._socket, 65536):
                found += piece
        return bytes(found)

    def close(self) -> None:
        self._socket.close()


async def until(is_so: Callable[[], Any], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while True:
            found = is_so()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.05)


async def test_slow_readers_hold_no_connection_and_no_transaction(
    panel: Any, app: Starlette, rows: asyncpg.Connection
) -> None:
    token = await panel.token("viewer")
    async with serve(app, lifespan="off") as url, contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=url, cookies={SESSION_COOKIE: token}, timeout=60)
        )
        readers = [Reader(url, token) for _ in range(12)]
        for reader in readers:
            stack.callback(reader.close)
        for head in await asyncio.gather(*(reader.ask() for reader in readers)):
            assert head.startswith(b"HTTP/1.1 200 ")

        async def is_idle() -> bool:
            found = await rows.fetchval(
                "select count(*) from pg_stat_activity where usename = current_user "
                "and pid <> pg_backend_pid() and state <> 'idle'"
            )
            return not found

        await until(is_idle)
        assert app.state.engine.pool.checkedout() == 0
        for path in ("/readyz", "/admin/sessions/list", "/admin/rewards/list", "/admin/login"):
            began = time.perf_counter()
            assert (await client.get(path)).status_code == 200
            assert time.perf_counter() - began < 5
        whole = (await client.get(EXPORT)).text
        assert len(whole.splitlines()) == ROWS


async def test_beyond_their_number_exports_are_refused_at_once(panel: Any, app: Starlette) -> None:
    token = await panel.token("viewer")
    spools = app.state.admin.exports.spools
    async with serve(app, lifespan="off") as url, contextlib.AsyncExitStack() as stack:
        readers = [Reader(url, token) for _ in range(spools.at_once)]
        for reader in readers:
            stack.callback(reader.close)
        await asyncio.gather(*(reader.ask() for reader in readers))
        async with httpx.AsyncClient(
            base_url=url, cookies={SESSION_COOKIE: token}, timeout=60
        ) as client:
            answer = await client.get(EXPORT)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            assert "Try again" in answer.text
            for reader in readers[:3]:  # their clients are gone, and so are their files
                reader.close()

            async def is_free() -> bool:
                return (await client.get(EXPORT)).status_code == 200

            await until(is_free)
        await until(lambda: spools.kept < len(readers) * 16_000 * ROWS)


async def test_a_client_that_takes_nothing_is_cut_off(panel: Any, app: Starlette) -> None:
    token = await panel.token("viewer")
    spools = app.state.admin.exports.spools
    spools.stalled = 0.3
    async with serve(app, lifespan="off") as url:
        reader = Reader(url, token)
        await reader.ask()
        await until(lambda: spools.kept > 0)
        await until(lambda: spools.kept == 0)
        assert not (await reader.rest()).endswith(b"0\r\n\r\n")
        reader.close()


async def test_what_is_not_read_takes_no_more_room_than_it_may(panel: Any, app: Starlette) -> None:
    token = await panel.token("viewer")
    spools = app.state.admin.exports.spools
    spools.largest = 8 * 1024**2
    async with serve(app, lifespan="off") as url:
        reader = Reader(url, token)
        await reader.ask()
        await until(lambda: spools.kept > 4 * 1024**2)
        assert spools.kept <= spools.largest
        assert not (await reader.rest()).endswith(b"0\r\n\r\n")
        reader.close()
        await until(lambda: spools.kept == 0)
        async with httpx.AsyncClient(
            base_url=url, cookies={SESSION_COOKIE: token}, timeout=60
        ) as client:
            spools.spared = 1024**6
            assert (await client.get(EXPORT)).status_code == 503


async def test_a_stream_ends_where_its_client_takes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slow_clients, "STALL_TIMEOUT_S", 0.05)
    ended = asyncio.Event()

    async def news() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"news"
        finally:
            ended.set()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    await asyncio.wait_for(PatientStream(news()).stream_response(send), 5)
    assert ended.is_set()


# -- readiness ---------------------------------------------------------------------------------


async def test_without_a_free_connection_pages_say_so(panel: Any, app: Starlette) -> None:
    async with await panel.client("viewer") as known:
        transport = httpx.ASGITransport(app)
        async with (
            contextlib.AsyncExitStack() as stack,
            httpx.AsyncClient(
                transport=transport,
                base_url="http://localhost",
                cookies=known.cookies,
                headers={"Origin": "http://localhost"},
            ) as client,
        ):
            for _ in range(10):
                await stack.enter_async_context(app.state.engine.connect())
            began = time.perf_counter()
            ready, page, post = await asyncio.gather(
                client.get("/readyz"),
                client.get("/admin/sessions/list"),
                client.post("/admin/sessions/create"),
            )
            assert time.perf_counter() - began < 8
    assert [ready.status_code, page.status_code, post.status_code] == [503] * 3
    assert ready.json()["reason"]
    assert "retry-after" in page.headers
    assert "retry-after" in post.headers


async def test_readiness_is_an_answer_whatever_a_check_does(panel: Any) -> None:
    async def broken(_: Any) -> None:
        raise RuntimeError("the cache is cold")

    async def hanging(_: Any) -> None:
        await asyncio.Event().wait()

    for check in (broken, hanging):
        app = create_app(panel.login, background=False, ready=[check])
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            began = time.perf_counter()
            answers = await asyncio.gather(*(client.get("/readyz") for _ in range(20)))
            assert time.perf_counter() - began < 8
            assert {answer.status_code for answer in answers} == {503}
            assert "cold" not in answers[0].text
        await close_app(app)

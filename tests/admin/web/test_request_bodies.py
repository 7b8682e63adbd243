"""How much a request may bring: with real sockets, against a server in a process of its own."""

import asyncio
import contextlib
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from qlmodels_admin import create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from qlmodels_admin.web import request_bodies

from tests.admin.conftest import serve

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

MB = 1024 * 1024
MULTIPART = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


@dataclass
class Served:
    """A panel in a process of its own."""

    port: int
    pid: int

    def memory(self) -> int:
        """The most that it ever had resident, in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) * 1024

    def files(self) -> int:
        """Bytes of the files that it has open, those without a name among them."""
        found = 0
        for link in Path(f"/proc/{self.pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if str(link.readlink()).startswith(tempfile.gettempdir()):
                    found += link.stat().st_size
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def served(panel: Any) -> AsyncIterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = panel.login.set(drivername="postgresql").render_as_string(hide_password=False)
    command = ("-m", "uvicorn", "--factory", "qlmodels_admin:create_app", "--port", str(port))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        env={**os.environ, "QLMODELS_PANEL_URL": url},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await asyncio.wait_for(_is_up(port), 60)
        yield Served(port, process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _is_up(port: int) -> None:
    while True:
        with contextlib.suppress(OSError):
            if await send(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n") == 200:
                return
        await asyncio.sleep(0.05)


async def send(port: int, head: bytes, *pieces: bytes, times: int = 1) -> int:
    """Send as much as the server takes; the status of its answer."""
    loop = asyncio.get_running_loop()

    async def pour() -> None:
        with contextlib.suppress(OSError):
            for piece in (head, *pieces * times):
                await loop.sock_sendall(client, piece)

    with socket.socket() as client:
        client.setblocking(False)
        await loop.sock_connect(client, ("127.0.0.1", port))
        pouring = asyncio.create_task(pour())
        try:
            async with asyncio.timeout(60):
                answer = await loop.sock_recv(client, 4096)
        finally:
            pouring.cancel()
            await asyncio.wait([pouring])
    return int(answer.split()[1])


def head(path: str, kind: str, *, length: int | None, **headers: str) -> bytes:
    """Of a POST; without length the body is chunked."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Origin: http://localhost"]
    lines.append(f"Content-Type: {kind}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines.append("Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def signed_in(token: str) -> dict[str, str]:
    return {"Cookie": f"{SESSION_COOKIE}={token}"}


FORM = "application/x-www-form-urlencoded"
LARGE = 800 * MB


@pytest.mark.parametrize(
    ("path", "kind", "length", "headers", "status"),
    [
        ("/admin/login", MULTIPART, LARGE, {}, 415),
        ("/admin/login", MULTIPART, None, {}, 415),
        ("/admin/sign-in", MULTIPART, None, {}, 415),
        ("/admin/login", "application/json", None, {}, 415),
        ("/admin/login", FORM, LARGE, {}, 413),
        ("/admin/login", FORM, None, {}, 413),
        ("/admin/logout", FORM, None, {}, 413),
        ("/admin/account", FORM, LARGE, {}, 413),
        ("/admin/account", FORM, None, {}, 413),
        ("/admin/q_values/import", MULTIPART, LARGE, {}, 401),
        ("/admin/q_values/import", MULTIPART, None, {"Cookie": f"{SESSION_COOKIE}=guess"}, 401),
        ("/admin/nowhere/login", MULTIPART, None, {}, 401),
        ("/admin/q_values/edit/a%2Flogin", MULTIPART, None, {}, 401),
    ],
)
async def test_a_visitors_body_is_refused_before_it_is_read(
    served: Served, path: str, kind: str, length: int | None, headers: dict[str, str], status: int
) -> None:
    before = served.memory()
    piece = PART + b"a" * MB if kind == MULTIPART else b"a" * MB
    piece = piece if length else chunk(piece)
    sent = head(path, kind, length=length, **headers)
    assert await send(served.port, sent, piece, times=800) == status
    assert served.files() == 0
    assert served.memory() - before < 8 * MB


async def test_bodies_of_visitors_that_are_held_open_fill_nothing(served: Served) -> None:
    before = served.memory()
    paths = ["/admin/login", "/admin/sign-in", "/admin/account", "/admin/q_values/import"] * 5
    answers = await asyncio.gather(
        *(
            send(served.port, head(path, kind, length=60 * MB), PART + b"a" * MB, times=59)
            for path, kind in zip(paths, [FORM, MULTIPART] * 10, strict=True)
        )
    )
    assert set(answers) <= {401, 413, 415}
    assert served.files() == 0
    assert served.memory() - before < 16 * MB


async def test_who_is_signed_in_has_limits_by_role_and_route(panel: Any, served: Served) -> None:
    tokens = {role: signed_in(await panel.token(role)) for role in ("viewer", "editor")}
    for role, path, kind, size, status in (
        ("viewer", "/admin/q_values/import", MULTIPART, request_bodies.SMALL.most + 1, 413),
        ("viewer", "/admin/q_values/import", MULTIPART, 100, 403),
        ("viewer", "/admin/account", FORM, LARGE, 413),
        ("editor", "/admin/patterns/create", FORM, request_bodies.FORM.most + 1, 413),
        ("editor", "/admin/patterns/create", FORM, request_bodies.FORM.most, 422),
        ("editor", "/admin/q_values/import", MULTIPART, request_bodies.FILE.most + 1, 413),
    ):
        whole = (PART if kind == MULTIPART else b"a=").ljust(
            min(size, request_bodies.FILE.most + 1), b"a"
        )
        if kind == MULTIPART and size < request_bodies.FILE.most:
            whole = whole[:-7] + b"\r\n--x--"
        for length in (size, None):
            pieces = [whole] if length else [chunk(whole), chunk(b"")]
            answer = await send(
                served.port, head(path, kind, length=length, **tokens[role]), *pieces, times=1
            )
            assert answer == status, (role, path, size, length)
    assert served.files() == 0


async def test_a_get_brings_no_body(served: Served) -> None:
    sent = b"GET /admin/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n"
    assert await send(served.port, sent, b"a" * MB, times=100) == 413


async def test_a_body_that_trickles_is_cut_off(panel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "GRACE_S", 0.5)
    token = signed_in(await panel.token("editor"))
    port = urlsplit(panel.url).port
    for path, headers in (("/admin/login", {}), ("/admin/patterns/create", token)):
        for length in (1000, None):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(head(path, FORM, length=length, **headers))
            answer = asyncio.create_task(reader.readline())
            async with asyncio.timeout(60):
                while not answer.done():
                    writer.write(b"a" if length else chunk(b"a"))
                    await asyncio.wait([answer], timeout=0.02)
            assert b" 408 " in answer.result()
            writer.close()


async def test_few_large_bodies_are_read_at_once(panel: Any) -> None:
    token = signed_in(await panel.token("editor"))
    app = create_app(panel.login, background=False)
    async with serve(app) as url, contextlib.AsyncExitStack() as stack:
        port = urlsplit(url).port or 0
        stack.push_async_callback(close_app, app)
        long = head("/admin/patterns/create", FORM, length=2 * request_bodies.SMALL.most, **token)
        small = head("/admin/patterns/create", FORM, length=1, **token)
        answers = []
        for _ in range(request_bodies.FORM.at_once + 3):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(long + b"a" * (request_bodies.SMALL.most + 1))
            answers.append((asyncio.create_task(reader.readline()), writer))
        while sum(answer.done() for answer, _ in answers) < 3:
            waiting = [answer for answer, _ in answers if not answer.done()]
            await asyncio.wait(waiting, timeout=20, return_when=asyncio.FIRST_COMPLETED)
        assert all(b" 503 " in answer.result() for answer, _ in answers if answer.done())
        assert await send(port, small, b"a") == 422
        for answer, writer in answers:
            if not answer.done():
                writer.write(b"a" * (request_bodies.SMALL.most - 1))
                assert b" 422 " in await answer
        assert await send(port, long, b"a" * (2 * request_bodies.SMALL.most)) == 422

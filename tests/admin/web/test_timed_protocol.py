"""Clients that send a request slowly or never, or read nothing of an answer: over real sockets."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from typing import ClassVar

import httpx
import pytest
from qlmodels_admin import TimedHTTPProtocol
from qlmodels_admin.web.timed_protocol import MAX_INCOMPLETE_PER_ADDRESS
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.admin.conftest import serve

pytestmark = pytest.mark.one_major

WAIT_S = 60
"""Seconds in which something must happen on a busy machine."""

LARGE = 8 * 1024 * 1024
"""Bytes of an answer that no socket's buffers hold."""

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Impatient(TimedHTTPProtocol):
    header_timeout_s = 0.3
    read_timeout_s = 0.3


async def answer(request: Request) -> PlainTextResponse:
    return PlainTextResponse("read", headers={"X-Length": str(len(await request.body()))})


async def large(request: Request) -> PlainTextResponse:
    return PlainTextResponse("." * LARGE)


@asynccontextmanager
async def served(protocol: type[TimedHTTPProtocol]) -> AsyncIterator[tuple[str, int]]:
    routes = [Route("/", answer, methods=["GET", "POST"]), Route("/large", large)]
    async with serve(Starlette(routes=routes), http=protocol) as url:
        yield "127.0.0.1", httpx.URL(url).port or 0


async def rest(reader: asyncio.StreamReader) -> bytes:
    """What still comes until the server closes the connection."""
    found = bytearray()
    async with asyncio.timeout(WAIT_S):
        try:
            while piece := await reader.read(65536):
                found += piece
        except ConnectionResetError:
            pass
    return bytes(found)


@pytest.mark.parametrize(
    "sent", [b"", b"G", REQUEST[:-2], b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9"]
)
async def test_a_connection_without_a_whole_header_is_closed(sent: bytes) -> None:
    async with served(Impatient) as address:
        reader, writer = await asyncio.open_connection(*address)
        with closing(writer):
            writer.write(sent)
            assert await rest(reader) == b""


async def test_bytes_that_trickle_in_do_not_renew_the_time() -> None:
    async with served(Impatient) as address:
        reader, writer = await asyncio.open_connection(*address)
        with closing(writer):

            async def trickle() -> None:
                writer.write(b"GET / HTTP/1.1\r\nX-Filling: ")
                while not writer.is_closing():
                    writer.write(b".")
                    await asyncio.sleep(0.05)

            trickling = asyncio.create_task(trickle())
            assert await rest(reader) == b""
            trickling.cancel()


async def test_the_second_request_of_a_connection_has_the_same_time() -> None:
    async with served(Impatient) as address:
        reader, writer = await asyncio.open_connection(*address)
        with closing(writer):
            writer.write(REQUEST)
            assert (await reader.readuntil(b"read")).startswith(b"HTTP/1.1 200")
            writer.write(REQUEST[:-2])
            assert await rest(reader) == b""


async def test_a_body_after_an_early_answer_does_not_hold_the_connection() -> None:
    async with served(Impatient) as address:
        reader, writer = await asyncio.open_connection(*address)
        with closing(writer):
            writer.write(b"POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n")
            assert b"405" in await reader.readline()
            writer.write(b"x")
            assert b"Method Not Allowed" in await rest(reader)


async def test_a_client_that_reads_nothing_is_left() -> None:
    class Watched(Impatient):
        lost: ClassVar[asyncio.Event] = asyncio.Event()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self.lost.set()

    async with served(Watched) as address:
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(client, address)
            await loop.sock_sendall(client, REQUEST.replace(b"/ ", b"/large ", 1))
            async with asyncio.timeout(WAIT_S):
                await Watched.lost.wait()
            reader, writer = await asyncio.open_connection(sock=client)
            assert 0 < len(await rest(reader)) < LARGE
            writer.close()


@contextmanager
def half_open(address: tuple[str, int], number: int, sent: bytes) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        clients = []
        for _ in range(number):
            client = stack.enter_context(socket.create_connection(address))
            client.sendall(sent)
            clients.append(client)
        yield clients


@pytest.mark.parametrize(
    "sent", [b"GET /", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\nhalf"]
)
async def test_of_too_many_begun_requests_of_an_address_the_oldest_is_closed(sent: bytes) -> None:
    async with served(TimedHTTPProtocol) as address:
        with half_open(address, MAX_INCOMPLETE_PER_ADDRESS + 1, sent) as clients:
            reader, writer = await asyncio.open_connection(sock=clients[0])
            assert await rest(reader) == b""
            writer.close()
            async with httpx.AsyncClient(timeout=WAIT_S) as browser:
                answered = await browser.get(f"http://127.0.0.1:{address[1]}/")
            assert answered.text == "read"
            clients[-1].setblocking(False)
            with pytest.raises(BlockingIOError):
                clients[-1].recv(1)


@pytest.fixture
def few_files() -> Iterator[int]:
    """The limit of open files of this process, lowered to little more than it has open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = 900
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, hard))
    yield few
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_half_open_requests_of_many_addresses_leave_open_files(few_files: int) -> None:
    async with served(TimedHTTPProtocol) as (_, port):
        with ExitStack() as stack:
            clients = []
            for number in range(few_files // 3 + 1):
                client = stack.enter_context(socket.socket())
                client.bind((f"127.0.1.{number // 50 + 1}", 0))
                await asyncio.get_running_loop().run_in_executor(
                    None, client.connect, ("127.0.0.1", port)
                )
                client.sendall(b"GET /")
                clients.append(client)
            reader, writer = await asyncio.open_connection(sock=clients[0])
            assert await rest(reader) == b""
            writer.close()
            async with httpx.AsyncClient(timeout=WAIT_S) as browser:
                assert (await browser.get(f"http://127.0.0.1:{port}/")).text == "read"

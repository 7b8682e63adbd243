"""The embedded server is started again beside the panel, so often, and the demo ends with `up`."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from asyncpg.exceptions import PostgresError

from qlmodels.cli import supervision
from qlmodels.cli.supervision import serve_supervised
from qlmodels.embedded import EmbeddedServer, ServerFailed
from tests.support.serving import QLMODELS, running

pytestmark = [pytest.mark.one_major, pytest.mark.long]


def postmaster(home: Path) -> int:
    """The server's process, 0 where there is none."""
    try:
        return int((home / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, IndexError, ValueError):
        return 0


def until(fact: Callable[[], object]) -> None:
    """Poll a fact of the outside world until it holds."""
    deadline = time.monotonic() + 60
    while not fact():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(it) for it in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def answers(url: str) -> bool:
    async def ask() -> bool:
        try:
            agent = await asyncpg.connect(url, timeout=5)
        except (OSError, PostgresError):
            return False
        await agent.close()
        return True

    return asyncio.run(ask())


def test_a_server_that_is_killed_comes_back_where_it_was(
    folder: Path, environment: dict[str, str]
) -> None:
    data = folder / "data" / "data"
    with running(environment, folder, "--no-demo"):
        told = subprocess.run(
            [*QLMODELS, "login", "url", "ql_test-generator"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        os.kill(killed := postmaster(data), signal.SIGKILL)
        until(lambda: not is_alive(killed))
        until(lambda: answers(told.stdout.strip()))
        assert postmaster(data) != killed


async def test_it_is_started_again_so_often(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "SUPERVISION_INTERVAL_S", 0.05)
    monkeypatch.setattr(supervision, "MAX_RESTARTS", 1)
    ended: list[bool] = []

    async def serving() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    server = EmbeddedServer(folder / "data", durable=False)
    with server:
        supervised = asyncio.create_task(serve_supervised(serving(), server))
        for _ in range(2):
            killed = postmaster(folder / "data" / "data")
            os.kill(killed, signal.SIGKILL)
            await asyncio.to_thread(until, partial(_moved_on, supervised, server, killed, folder))
        with pytest.raises(ServerFailed, match="died 2 times within 10 minutes"):
            await supervised
        assert ended == [True]
        server.start_again()  # for the end of the block, which stops it


def _moved_on(
    supervised: "asyncio.Task[None]", server: EmbeddedServer, killed: int, folder: Path
) -> bool:
    if supervised.done():
        return True
    return postmaster(folder / "data" / "data") != killed and server.answers()


def test_the_demo_ends_with_what_started_it(folder: Path, environment: dict[str, str]) -> None:
    """Killed, so that it can end nothing itself."""
    command = [*QLMODELS, "up", "--demo", "--port", _free_port()]
    with subprocess.Popen(command, cwd=folder, env=environment, process_group=0) as up:
        until(lambda: any(_is_demo(pid) for pid in children(up.pid)))
        [demo] = [pid for pid in children(up.pid) if _is_demo(pid)]
        up.kill()
    until(lambda: not is_alive(demo))
    with EmbeddedServer(folder / "data"):
        pass


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _is_demo(pid: int) -> bool:
    with suppress(OSError):
        return b"demo" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return False

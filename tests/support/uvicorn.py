"""The panel behind uvicorn as a process of its own, with the login of a test's database."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.conftest import Database

WAIT_S = 300.0
STOP_S = 20.0
"""Seconds; five are said, on a quiet machine. A stream ends by itself after 300."""


@asynccontextmanager
async def serving(
    folder: Path, database: Database, *arguments: str, **environment: str
) -> AsyncIterator[str]:
    """Serve an application in `folder` at the yielded address; ended by SIGTERM, in time."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = database.url("qlpanel_test").set(drivername="postgresql")
    address = url.render_as_string(hide_password=False)
    environment |= {"PANEL": address, "QLMODELS_PANEL_URL": address}
    server = _start(folder, environment, "--port", str(port), *arguments)
    try:
        async with asyncio.timeout(WAIT_S):
            await _listening(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        began = time.monotonic()
        server.send_signal(signal.SIGTERM)
        server.wait(WAIT_S)
        assert time.monotonic() - began < STOP_S


def _start(
    folder: Path, environment: Mapping[str, str], *arguments: str
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "uvicorn", *arguments]
    return subprocess.Popen(command, cwd=folder, env={**os.environ, **environment})


async def _listening(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return

"""Both panels as servers of their own, and what they need of memory."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from qlmodels_admin.auth import sessions
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from sqlalchemy import URL

from benchmarks.databases import Databases
from benchmarks.panel.results import Row
from qlmodels.connection import connect, create_engine
from qlmodels.logins.panel_users import add_user

SIDES = ("sqladmin", "ours")


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[str]
    client: httpx.AsyncClient

    def memory(self, *, peak: bool = False) -> float:
        """MB in use now, or at most since `forget_peak`."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        name = "VmHWM:" if peak else "VmRSS:"
        return next(int(line.split()[1]) for line in status.splitlines() if name in line) / 1024

    def open_files(self) -> int:
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())

    def forget_peak(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", "ascii")


@dataclass(frozen=True)
class Sides:
    servers: dict[str, Server]

    def get(self, side: str, url: str) -> Callable[[], Awaitable[None]]:
        """Asks for a page, which is to be there."""

        async def ask() -> None:
            (await self.servers[side].client.get(url)).raise_for_status()

        return ask

    async def idle(self) -> list[Row]:
        for side, url in (("sqladmin", "/admin/"), ("ours", "/admin/")):
            await self.get(side, url)()
        found = {side: server.memory() for side, server in self.servers.items()}
        return [Row("memory, idle", found["sqladmin"], found["ours"], unit="MB")]


async def sign_in(served: Databases, database: str) -> str:
    """Make a user of the panel; what its cookie holds."""
    async with connect(served.owner.set(database=database)) as owner:
        await add_user(owner, "bench", "admin", None)
    engine = create_engine(served.panel(database))
    async with engine.begin() as connection:
        token = await sessions.begin(connection, "bench")
    await engine.dispose()
    return token


@asynccontextmanager
async def serving(side: str, url: URL, token: str, exported: int = 0) -> AsyncIterator[Server]:
    """A panel in a process of its own, and a client that is signed in."""
    environment = {
        **os.environ,
        "PANEL_URL": url.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False),
        "EXPORTED": str(exported),
    }
    process = subprocess.Popen(  # noqa: ASYNC220  # nothing else runs yet
        [sys.executable, "-m", "benchmarks.panel.serve", side],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None  # noqa: S101  # it is a pipe
        base = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        async with httpx.AsyncClient(
            base_url=base, cookies={SESSION_COOKIE: token}, timeout=600
        ) as client:
            yield Server(process, client)
    finally:
        process.terminate()
        process.wait()


@asynccontextmanager
async def start(served: Databases, database: str, exported: int) -> AsyncIterator[Sides]:
    token = await sign_in(served, database)
    async with AsyncExitStack() as stack:
        yield Sides(
            {
                side: await stack.enter_async_context(
                    serving(side, served.panel(database), token, exported)
                )
                for side in SIDES
            }
        )

"""Our database and the baseline's on one throwaway server, with the same rows."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Literal

import asyncpg
from sqlalchemy import URL

from benchmarks.clients import Seat
from benchmarks.world import AGENTS, World, digest, text
from qlmodels import logins, migrate
from qlmodels.connection import connect
from qlmodels.ddl import metadata
from qlmodels.ddl.build import statements
from qlmodels.embedded import (
    OWNER,
    Binaries,
    EmbeddedServer,
    RunningServer,
    password_for,
    provision,
)
from qlmodels.logins.scram import verifier

CLIENTS = 18
UNGUARDED = "ql_unguarded"
BASELINE = "bench_baseline"
PANEL = "qlpanel_bench"

Side = Literal["baseline", "ours", "ours, no RLS"]


@dataclass(frozen=True)
class Databases:
    """`owner` is the non-superuser who owns them all; every login of the run has `password`."""

    server: RunningServer
    owner: URL
    password: str = field(repr=False)
    embedded: EmbeddedServer

    def restart(self) -> None:
        """End every connection; the server comes back on its port."""
        self.embedded.__exit__()
        self.embedded.__enter__()

    def superuser(self, database: str) -> URL:
        return self.server.url(self.server.superuser, self.server.password, database)

    def panel(self, database: str) -> URL:
        return self.server.url(PANEL, self.password, database)

    def seats(
        self, side: Side, database: str, world: World, agent: str | None = None
    ) -> list[Seat]:
        """A place for each client: an agent type each, or one for all."""
        seats = []
        for number in range(CLIENTS):
            agent_type = agent or AGENTS[number % len(AGENTS)]
            login = {"baseline": BASELINE, "ours": f"ql_{agent_type}"}.get(side, UNGUARDED)
            url = self.server.url(login, self.password, database)
            seats.append(Seat(number, url, agent_type, world))
        return seats

    async def make_ours(self, name: str, world: World, *, index_first: bool = False) -> None:
        """As a migration makes it, by the owner, and agents with logins of their own."""
        await self._create(name, OWNER)
        async with connect(self.owner.set(database=name)) as owner:
            async with owner.transaction():
                for statement in [*statements(metadata), sql("seed_agent_types", "qlmodels.ddl")]:
                    await owner.execute(statement)
            await self._login_agents(owner)
        async with connect(self.superuser(name)) as superuser:
            await superuser.execute(f"grant service_role to {UNGUARDED}")
            await load_pairs(superuser, world, index_first=index_first)

    async def make_panel(self, name: str, pairs: int) -> None:
        """Ours, with rows as uneven as a panel meets them."""
        await self._create(name, OWNER)
        url = self.owner.set(database=name)
        await asyncio.to_thread(migrate.upgrade, url)
        async with connect(url) as owner:
            await self._login_agents(owner)
        async with connect(self.superuser(name)) as superuser:
            indexes = await _drop_indexes(superuser)
            await superuser.execute(sql("panel_rows"), pairs)
            for definition in indexes:
                await superuser.execute(definition)
            await superuser.execute("vacuum (analyze)")

    async def make_baseline(self, name: str, world: World, *, index_first: bool = False) -> None:
        await self._create(name, BASELINE)
        async with connect(
            self.owner.set(username=BASELINE, password=self.password, database=name)
        ) as owner:
            await owner.execute(sql("baseline"))
            await owner.executemany(
                "insert into agent_types (agent_type, display_name) values ($1, $1)",
                [(agent,) for agent in AGENTS],
            )
        async with connect(self.superuser(name)) as superuser:
            await load_pairs(superuser, world, index_first=index_first)

    async def drop(self, *names: str) -> None:
        async with connect(self.superuser("postgres")) as superuser:
            for name in names:
                await superuser.execute(f"drop database {name} with (force)")

    async def checkpoint(self) -> None:
        async with connect(self.superuser("postgres")) as superuser:
            await superuser.execute("checkpoint")

    async def _create(self, name: str, owner: str) -> None:
        async with connect(self.superuser("postgres")) as superuser:
            await superuser.execute(f"create database {name} owner {owner}")

    async def _login_agents(self, owner: asyncpg.Connection) -> None:
        known = {login.name for login in await logins.list_logins(owner)}
        if PANEL not in known:
            await logins.create(owner, "panel", PANEL.removeprefix("qlpanel_"), self.password)
        for agent in AGENTS:
            if f"ql_{agent}" not in known:
                await logins.create(
                    owner, "agent", agent, self.password, connection_limit=2 * CLIENTS
                )


@contextmanager
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="benchmarks-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@asynccontextmanager
async def serve(
    folder: Path, binaries: Binaries, settings: Mapping[str, str]
) -> AsyncIterator[Databases]:
    """A durable server with PostgreSQL's own settings but for these."""
    embedded = EmbeddedServer(folder, binaries=binaries, durable=True, settings=settings)
    with embedded as server:
        owner = await provision(server)
        yield Databases(server, owner, await _prepare_logins(server), embedded)


async def _prepare_logins(server: RunningServer) -> str:
    """The password of every login of the run, the same after a restart."""
    password = password_for(server.home, "bench")
    url = server.url(server.superuser, server.password, "postgres")
    async with connect(url) as superuser, superuser.transaction():
        await superuser.execute(
            "select set_config('qlmodels.verifier', $1, true)", verifier(password)
        )
        await superuser.execute(sql("logins"))
    return password


async def load_pairs(superuser: asyncpg.Connection, world: World, *, index_first: bool) -> None:
    """COPY, which row-level security refuses to whom it binds; indexes before or after."""
    expires_at = datetime.now(UTC) + timedelta(days=30)
    records = (
        (agent, digest(state), text(state), digest(action), text(action), value, expires_at)
        for agent, state, action, value in world.all_pairs()
    )
    indexes = [] if index_first else await _drop_indexes(superuser)
    await superuser.copy_records_to_table(
        "q_values",
        records=records,
        columns=(
            "agent_type",
            "state_hash",
            "state_data",
            "action_hash",
            "action_data",
            "q_value",
            "expires_at",
        ),
    )
    for definition in indexes:
        await superuser.execute(definition)
    await superuser.execute("vacuum (analyze) q_values")


async def _drop_indexes(superuser: asyncpg.Connection) -> list[str]:
    """Those of q_values that no constraint needs; their definitions."""
    indexes = await superuser.fetch(sql("plain_indexes"))
    for index in indexes:
        await superuser.execute(f"drop index {index['name']}")
    return [index["definition"] for index in indexes]


def sql(name: str, package: str = "benchmarks") -> str:
    return (resources.files(package) / "sql" / f"{name}.sql").read_text("utf-8")

"""Real servers of both majors, one template database on each, one clone of it for each test."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from qlmodels import logins, migrate
from qlmodels.connection import connect
from qlmodels.embedded import (
    DATABASE,
    Binaries,
    EmbeddedServer,
    RunningServer,
    all_binaries,
    provision,
)
from tests.support import temporary

for name in list(os.environ):
    if name == "DATABASE_URL" or name.startswith(("SUPABASE_", "QLMODELS_", "PG")):
        del os.environ[name]

PASSWORD = "correct horse battery staple"

TEST_LOGINS: tuple[tuple[logins.LoginKind, str, tuple[str, ...]], ...] = (
    ("agent", "test-generator", ()),
    ("agent", "security-scanner", ()),
    ("fleet", "test", ("test-generator", "quality-gate")),
    ("panel", "test", ()),
)


@dataclass(frozen=True)
class Database:
    """A database of a test's own; `owner` may migrate it and is no superuser."""

    server: RunningServer
    owner: URL
    name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.owner.database)

    def url(self, login: str) -> URL:
        """For one of TEST_LOGINS by its whole name, or any login that has PASSWORD."""
        return self.owner.set(username=login, password=PASSWORD)

    @property
    def superuser(self) -> URL:
        return self.server.url(self.server.superuser, self.server.password, self.name)


@dataclass(frozen=True)
class Cluster:
    """A throwaway server; `template` is the migrated database that tests clone."""

    running: RunningServer
    template: URL


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of temporary files; workers inherit it."""
    if not hasattr(config, "workerinput"):
        files = ExitStack()
        files.enter_context(temporary.in_memory())
        kept = files.enter_context(tempfile.TemporaryDirectory(prefix="qlkept"))
        os.environ["XDG_CACHE_HOME"] = kept
        config.add_cleanup(files.close)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI everything that the tests need is there: a skipped test is a failed one."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("skipped tests: in CI that is a failure", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("share", "a share of the selected tests, another one for each seed")
    group.addoption("--share", type=int, default=1, metavar="N", help="run one test in N")
    group.addoption("--share-seed", default="0", help="which of them; CI prints its own")
    group.addoption(
        "--conditions",
        choices=["one", "all"],
        default="one",
        help="in how many ways the database is opened to attacks",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep a share of the tests; the pages' blocks first, for they take longest."""
    share, seed = int(config.getoption("share") or 1), str(config.getoption("share_seed"))
    others = [item for item in items if not is_in_share(item.nodeid, share, seed)]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if is_in_share(item.nodeid, share, seed)]
    items.sort(key=lambda item: item.path.name != "test_readme.py")


def is_in_share(nodeid: str, share: int, seed: str) -> bool:
    """Return whether `seed` selects the test, as it does one in `share`."""
    return int.from_bytes(sha256(f"{seed} {nodeid}".encode()).digest()[:8]) % share == 0


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that needs a database or a server on the newest major; on the others in `long`."""
    for fixture in {"cluster", "binaries"} & set(metafunc.fixturenames):
        majors: list[Any] = [*_installed()]
        if metafunc.definition.get_closest_marker("one_major"):
            majors = majors[:1]
        elif metafunc.definition.get_closest_marker("newest_first"):
            majors[1:] = [pytest.param(major, marks=pytest.mark.slow) for major in majors[1:]]
        else:
            majors[1:] = [pytest.param(major, marks=pytest.mark.long) for major in majors[1:]]
        metafunc.parametrize(
            fixture, majors, indirect=True, scope="session", ids=lambda found: f"pg{found.major}"
        )


_installed = cache(all_binaries)
"""Each of them is started to tell its version."""


@pytest.fixture(scope="session")
def binaries(request: pytest.FixtureRequest) -> Binaries:
    found: Binaries = request.param
    return found


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    binaries: Binaries = request.param
    home = Path(tempfile.mkdtemp(prefix="qlt"))
    try:
        with EmbeddedServer(home, binaries=binaries, durable=False) as running:
            owner = asyncio.run(provision(running))
            migrate.upgrade(owner)
            asyncio.run(make_test_logins(owner))
            yield Cluster(running, owner)
    finally:
        shutil.rmtree(home)


async def make_test_logins(owner: URL) -> None:
    async with connect(owner) as connection:
        for kind, name, may_act_as in TEST_LOGINS:
            limit = 60 if kind == "panel" else None  # tests serve several panels at a time
            login = await logins.create(
                connection, kind, name, PASSWORD, may_act_as=may_act_as, connection_limit=limit
            )
            await connection.execute(f'comment on role "{login}" is null')  # of each clone, too


_numbers = count()


@asynccontextmanager
async def fresh_database(cluster: Cluster, origin: str) -> AsyncIterator[Database]:
    """`origin` ends the CREATE DATABASE: "template qlmodels", or nothing."""
    name = f"test_{next(_numbers)}"
    running = cluster.running
    superuser = running.url(running.superuser, running.password, "postgres")
    async with connect(cluster.template.set(database="postgres")) as maintenance:
        await maintenance.execute(f"create database {name} {origin}")
    try:
        yield Database(running, cluster.template.set(database=name))
    finally:
        async with connect(superuser) as maintenance:  # who alone may end sessions of others
            await maintenance.execute(f"drop database {name} with (force)")


@pytest.fixture
def template() -> str:
    """The database that `database` is a clone of."""
    return DATABASE


@pytest.fixture
async def database(cluster: Cluster, template: str) -> AsyncIterator[Database]:
    """A clone of the migrated database, with the fleet's agent types and TEST_LOGINS."""
    async with fresh_database(cluster, f"template {template}") as database:
        async with connect(database.owner) as owner:  # a clone loses the database's own grants
            await owner.execute(f"revoke temporary on database {database.name} from public")
        yield database


@pytest.fixture
async def empty_database(cluster: Cluster) -> AsyncIterator[Database]:
    """A database with nothing in it, for migrations."""
    async with fresh_database(cluster, "") as database:
        yield database


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that the server's account may pass through."""
    with tempfile.TemporaryDirectory(prefix="qlt") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    """A home of its own, and nothing configured."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "QLMODELS_HOME": f"{folder}/data"}

"""Data of an earlier major version are taken over, or stay as they are."""

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asyncpg.exceptions import PostgresError

from qlmodels import migrate
from qlmodels.connection import connect
from qlmodels.embedded import (
    Binaries,
    EmbeddedServer,
    NotUpgradable,
    RunningServer,
    all_binaries,
    find_binaries,
    provision,
)
from tests.embedded.conftest import copy

UPGRADER = Path(__file__).with_name("upgrader.py")
OLD, NEW = min(all_binaries(), key=lambda one: one.major), find_binaries()

pytestmark = [
    pytest.mark.one_major,
    pytest.mark.long,
    pytest.mark.skipif(OLD.major == NEW.major, reason="one major version of PostgreSQL is here"),
]

FACTS = {
    "rows": "select array_agg(agent_type order by agent_type) from agent_types",
    "roles": (
        "select array_agg(rolname || coalesce(rolpassword, '') order by rolname) from pg_authid"
        " where rolname !~ '^pg_'"
    ),
    "grants": (
        "select array_agg(relname || acl::text order by relname, acl::text) from pg_class"
        " cross join lateral aclexplode(relacl) as acl"
        " where relnamespace = 'public'::regnamespace and relkind = 'r'"
        " and acl.grantee <> relowner"
    ),
    "event triggers": "select array_agg(evtname) from pg_event_trigger",
    "extensions": "select array_agg(extname::text order by extname) from pg_extension",
    "work_mem": "show work_mem",
    "statement_timeout": "show statement_timeout",
    "checksums": "show data_checksums",
    "statistics": "select count(*) from pg_stats where schemaname = 'public'",
    "documents": "select md5(string_agg(q::text, ',' order by q_value_id)) from q_values as q",
}


def facts(server: RunningServer) -> dict[str, Any]:
    async def read() -> dict[str, Any]:
        url = server.url(server.superuser, server.password, "qlmodels")
        async with connect(url) as connection:
            return {name: await connection.fetchval(query) for name, query in FACTS.items()}

    return asyncio.run(read())


def fill(server: RunningServer) -> None:
    owner = asyncio.run(provision(server))
    migrate.upgrade(owner)

    async def write() -> None:
        async with connect(owner) as connection:
            await connection.execute(
                "insert into q_values (agent_type, state_hash, state_data, action_hash,"
                " action_data) select 'test-generator', n::text, to_jsonb(n), 'a', '1'"
                " from generate_series(1, 2000) as n; analyze q_values"
            )
        async with connect(server.url(server.superuser, server.password, "postgres")) as superuser:
            await superuser.execute("alter system set statement_timeout = '55min'")

    asyncio.run(write())


@pytest.fixture(scope="module")
def filled() -> Iterator[Path]:
    """A stopped home of the old version; of copies each test has its own."""
    with tempfile.TemporaryDirectory(prefix="qlt") as name:
        folder = Path(name)
        folder.chmod(0o711)
        home = folder / "home"
        with EmbeddedServer(home, binaries=OLD, durable=False) as server:
            fill(server)
        with (home / "data" / "postgresql.conf").open("a") as settings:
            settings.write("work_mem = '7MB'\n")
        yield home


@pytest.fixture
def old_home(home: Path, filled: Path) -> Path:
    return copy(filled, home)


def opened(home: Path, binaries: Binaries | None = None, *, upgrade: bool = False) -> Any:
    return EmbeddedServer(home, binaries=binaries, durable=False, upgrade=upgrade)


def test_everything_is_kept(old_home: Path) -> None:
    with opened(old_home, OLD) as server:
        before, port = facts(server), server.port
    with opened(old_home, NEW, upgrade=True) as server:
        assert server.major == NEW.major
        assert server.port == port
        after = facts(server)
        owner = asyncio.run(provision(server))
        migrate.check(owner)
    assert after["statistics"] >= before["statistics"] > 0
    assert {**after, "statistics": 0} == {**before, "statistics": 0}
    former = old_home / f"data.{OLD.major}"
    assert (former / "PG_VERSION").read_text().strip() == str(OLD.major)
    assert sorted(path.name for path in old_home.glob("data*")) == ["data", former.name]
    with opened(old_home) as server:
        assert server.major == NEW.major


def test_the_former_data_can_be_taken_back(old_home: Path) -> None:
    with opened(old_home, NEW, upgrade=True):
        pass
    (old_home / "data").rename(old_home / "data.new-version")
    (old_home / f"data.{OLD.major}").rename(old_home / "data")
    with opened(old_home) as server:
        assert server.major == OLD.major
        assert facts(server)["work_mem"] == "7MB"


def test_a_missing_extension_is_refused_before_anything_is_touched(old_home: Path) -> None:
    async def add(server: RunningServer) -> None:
        url = server.url(server.superuser, server.password, "qlmodels")
        async with connect(url) as connection:
            await connection.execute("create extension adminpack")

    with opened(old_home, OLD) as server:
        try:
            asyncio.run(add(server))
        except PostgresError:
            pytest.skip(f"PostgreSQL {OLD.major} has no extension that {NEW.major} lacks")
        before = facts(server)
    with pytest.raises(NotUpgradable, match="use adminpack, which PostgreSQL"):
        opened(old_home, NEW, upgrade=True).__enter__()
    assert sorted(path.name for path in old_home.glob("data*")) == ["data"]
    with opened(old_home) as server:
        assert server.major == OLD.major
        assert facts(server) == before


def kill_upgrades(home: Path, filled: Path, times: int) -> list[int]:
    """The major versions that were found whole after an upgrade was killed."""
    chance = random.Random(times)
    command: list[str | Path] = [sys.executable, UPGRADER, home]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    began = time.monotonic()
    subprocess.run(command, env=environment, check=True, timeout=300)
    longest = time.monotonic() - began
    with opened(home) as server:
        whole = {**facts(server), "statistics": 0}
    found = []
    for _ in range(times):
        subprocess.run(["rm", "-rf", home], check=True)  # noqa: S607
        copy(filled, home)
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as upgrader:
            try:
                upgrader.wait(chance.uniform(0.1, 1.1) * longest)
            except subprocess.TimeoutExpired:
                upgrader.kill()
        with opened(home) as server:
            assert {**facts(server), "statistics": 0} == whole
            found.append(server.major)
        assert not list(home.glob("data.up*"))
        assert not (home / "data.source").exists()
    with opened(home, NEW, upgrade=True) as server:
        assert {**facts(server), "statistics": 0} == whole
        assert server.major == NEW.major
    return found


def test_killed_anywhere_one_of_both_is_whole(old_home: Path, filled: Path) -> None:
    assert set(kill_upgrades(old_home, filled, 4)) <= {OLD.major, NEW.major}


@pytest.mark.slow
def test_killed_fifty_times(old_home: Path, filled: Path) -> None:
    assert set(kill_upgrades(old_home, filled, 50)) == {OLD.major, NEW.major}


@pytest.mark.parametrize("moment", ["proved", "half replaced"])
def test_proved_data_take_their_place_at_the_next_start(old_home: Path, moment: str) -> None:
    with opened(old_home, NEW, upgrade=True):
        pass
    (old_home / "data").rename(old_home / "data.upgraded")
    former = old_home / f"data.{OLD.major}"
    if moment == "proved":
        former.rename(old_home / "data")
    with opened(old_home) as server:
        assert server.major == NEW.major
    assert former.is_dir()

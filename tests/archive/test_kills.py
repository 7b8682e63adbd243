"""Whatever ends an export or an import, there is a whole one or none."""

import asyncio
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.archive import NotAnArchive, export, import_archive
from qlmodels.archive.manifest import read
from qlmodels.connection import connect
from qlmodels.errors import DatabaseUnreachable
from tests.archive.conftest import load
from tests.conftest import Database
from tests.support.durable import kill, new_home, server

pytestmark = [pytest.mark.one_major, pytest.mark.long]

MANY = """
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data)
select agent_type, number, to_jsonb(number), 'a', '0'
  from agent_types, generate_series(1, 400) as number;
"""
COUNT = "select count(*) from q_values"
KILLS = 50


def command(database: Database, *words: str) -> subprocess.Popen[bytes]:
    url = database.owner.set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-m", "qlmodels", *words],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def durations(run: Callable[[], subprocess.Popen[bytes]]) -> float:
    """Seconds that an undisturbed run takes."""
    loop = asyncio.new_event_loop()
    began = loop.time()
    try:
        assert run().wait(timeout=60) == 0
        return loop.time() - began
    finally:
        loop.close()


def kill_within(process: subprocess.Popen[bytes], seconds: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=seconds)
    process.kill()
    process.wait()


async def settled(owner: URL) -> None:
    """Until the transaction of the killed client is over, which holds a lock on this table."""
    async with connect(owner) as connection, connection.transaction():
        await connection.execute("lock table agent_types in access exclusive mode")


@pytest.mark.slow
async def test_a_killed_import_is_whole_or_absent(
    database: Database, target: Database, tmp_path: Path
) -> None:
    await load(database, MANY)
    await export(database.owner, tmp_path / "all")
    clear = "delete from q_values; update agent_types set updated_at = updated_at"
    whole = await asyncio.to_thread(
        durations, lambda: command(target, "import", str(tmp_path / "all"), "--replace", "--yes")
    )
    rng, counts = random.Random(KILLS), set[int]()
    for _ in range(KILLS):
        async with connect(target.owner) as owner:
            await owner.execute(clear)
        process = command(target, "import", str(tmp_path / "all"), "--replace", "--yes")
        await asyncio.to_thread(kill_within, process, rng.uniform(0.3, 1.1) * whole)
        await settled(target.owner)
        counts.add(await rows_at(target.owner))
    assert counts <= {0, 18 * 400}
    assert 0 in counts


@pytest.mark.slow
async def test_a_killed_export_leaves_nothing_that_looks_whole(
    database: Database, tmp_path: Path
) -> None:
    await load(database, MANY)
    numbers = iter(range(1000))
    whole = await asyncio.to_thread(
        durations, lambda: command(database, "export", str(tmp_path / str(next(numbers))))
    )
    rng, folder, cut = random.Random(KILLS), tmp_path / "cut", 0
    for _ in range(KILLS):
        process = command(database, "export", str(folder))
        await asyncio.to_thread(kill_within, process, rng.uniform(0.3, 1.0) * whole)
        if (folder / "manifest.json").exists():
            assert read(folder).rows == 18 * 401
            shutil.rmtree(folder)
            continue
        cut += 1
        if folder.exists():
            with pytest.raises(NotAnArchive, match="cut short"):
                read(folder)
    assert cut > 0
    await export(database.owner, folder)  # over what the last one left


class Cut(Exception):
    """Ends an export or import from within."""


class Watch:
    """Calls `act`, once, when so many rows have gone by."""

    def __init__(self, after: int, act: Callable[[], None]) -> None:
        self.after = after
        self.act = act

    def part(self, what: str, total: int) -> Callable[[int], None]:  # noqa: ARG002
        def count(number: int) -> None:
            if what != "checksums":
                before, self.after = self.after, self.after - number
                if before >= 0 > self.after:
                    self.act()

        return count


async def test_an_export_that_fails_leaves_no_file(database: Database, tmp_path: Path) -> None:
    await load(database, MANY)

    def fail() -> None:
        raise Cut

    for rows in (0, 18, 3000):
        with pytest.raises(Cut):
            await export(database.owner, tmp_path / "cut", watch=Watch(rows, fail))
        assert not list((tmp_path / "cut").iterdir())


async def test_an_export_is_of_one_moment(database: Database, tmp_path: Path) -> None:
    await load(database, MANY)
    writing: list[asyncio.Task[None]] = []

    def write() -> None:
        if not writing:
            writing.append(asyncio.create_task(load(database, MANY.replace("'a'", "'b'"))))

    page = await export(database.owner, tmp_path / "all", watch=Watch(0, write))
    await writing[0]
    assert page.rows == 18 * 401


async def test_who_writes_meanwhile_waits_and_then_writes(
    database: Database, target: Database, tmp_path: Path
) -> None:
    await load(database, MANY)
    await export(database.owner, tmp_path / "all")
    new = "select upsert_q_value('test-generator', 'new', '{}', 'a', '{}', 1)"
    upserting: list[asyncio.Task[str]] = []
    async with connect(target.url("ql_test-generator")) as agent:

        def upsert() -> None:
            if not upserting:
                upserting.append(asyncio.create_task(agent.execute(new)))

        await import_archive(target.owner, tmp_path / "all", watch=Watch(0, upsert))
        await upserting[0]
    async with connect(target.owner) as owner:
        assert await owner.fetchval(COUNT) == 18 * 400 + 1


@pytest.mark.slow
async def test_a_server_killed_amid_an_import_has_all_of_it_or_nothing(
    database: Database, tmp_path: Path
) -> None:
    await load(database, MANY)
    await export(database.owner, tmp_path / "all")
    rng, counts = random.Random(KILLS), set[int]()
    with new_home() as home:
        async with server(home) as owner:
            await asyncio.to_thread(migrate.upgrade, owner)
        for _ in range(KILLS):
            watch = Watch(rng.randrange(18 * 400), lambda: kill(home))
            async with server(home) as owner:
                counts.add(await rows_at(owner))
                with suppress(DatabaseUnreachable):
                    await import_archive(owner, tmp_path / "all", replace=True, watch=watch)
        async with server(home) as owner:
            counts.add(await rows_at(owner))
            assert counts <= {0, 18 * 400}
            await import_archive(owner, tmp_path / "all", replace=True)
            assert await rows_at(owner) == 18 * 400


async def rows_at(owner: URL) -> int:
    async with connect(owner) as connection:
        return int(await connection.fetchval(COUNT) or 0)

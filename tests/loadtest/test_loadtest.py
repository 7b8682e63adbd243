"""A load test loses nothing, leaves nothing, and touches nothing that is not its own."""

import asyncio
import itertools
import os
import random
import signal
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import URL
from typer.testing import CliRunner

from qlmodels import migrate
from qlmodels.advisory_locks import AdvisoryLock
from qlmodels.archive.layout import TABLE_ORDER
from qlmodels.cli.main import app
from qlmodels.connection import connect
from qlmodels.loadtest import LoadTestRunning, NameTaken, NotCleaned, clean, plot, run
from tests.archive.conftest import ROWS, all_rows, load
from tests.conftest import Database
from tests.support.durable import kill, new_home, server
from tests.support.serving import QLMODELS

pytestmark = [pytest.mark.one_major, pytest.mark.long]

KILLS = 50


def command(database: Database, folder: Path, *words: str) -> subprocess.Popen[str]:
    url = database.owner.set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.Popen(
        [*QLMODELS, "loadtest", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def left(database: Database) -> int:
    async with connect(database.owner) as owner:
        return int(
            await owner.fetchval(
                "select (select count(*) from agent_types where agent_type like 'loadtest-%')"
                " + (select count(*) from pg_roles where rolname like 'ql\\_loadtest-%')"
            )
            or 0
        )


async def test_it_reports_and_leaves_the_rows_as_they_were(database: Database) -> None:
    await load(database, ROWS)
    before = await all_rows(database)
    report = await run(database.owner, agents=3, seconds=2)
    assert report.lost_updates == 0
    assert report.acknowledged > 0
    assert not report.timings.errors
    assert {"select_action", "learn", "record", "heartbeat"} <= set(report.timings.operations)
    assert sum(report.timings.seconds.values()) == report.operations
    assert await all_rows(database) == before
    assert await left(database) == 0
    ET.fromstring(plot(report, "three <agents>"))  # noqa: S314  (ours)


async def test_it_is_bounded_in_rows(database: Database) -> None:
    report = await run(database.owner, agents=2, seconds=600, most_rows=100)
    assert report.pairs <= 100
    assert report.seconds < 60


async def test_its_rows_do_not_fill_the_audit_log(database: Database) -> None:
    await run(database.owner, agents=2, seconds=600, most_rows=100)
    async with connect(database.owner) as owner:
        tables = await owner.fetch("select distinct table_name from qlmodels_private.audit_log")
    assert {row["table_name"] for row in tables}.isdisjoint({*TABLE_ORDER} - {"agent_types"})


async def test_one_at_a_time_and_no_agent_type_of_others(database: Database) -> None:
    async with connect(database.owner) as owner:
        await owner.execute("select pg_advisory_lock($1)", AdvisoryLock.LOAD_TEST)
        with pytest.raises(LoadTestRunning):
            await run(database.owner, agents=1, seconds=1)
        with pytest.raises(LoadTestRunning):
            await clean(database.owner)
    await load(
        database, "insert into agent_types (agent_type, display_name) values ('loadtest-01', 'me')"
    )
    with pytest.raises(NameTaken, match="loadtest-01"):
        await run(database.owner, agents=1, seconds=1)
    assert await clean(database.owner) == 0
    assert await left(database) == 1


async def test_ctrl_c_takes_all_away(database: Database, tmp_path: Path) -> None:
    process = command(database, tmp_path, "--agents", "2", "--seconds", "600")
    try:
        while await left(database) < 4:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(process.wait, 60) == 130
    finally:
        process.kill()
        process.communicate()
    assert await left(database) == 0


@pytest.mark.slow
async def test_what_a_killed_one_leaves_is_taken_away(database: Database, tmp_path: Path) -> None:
    await load(database, ROWS)
    before, rng = await all_rows(database), random.Random(KILLS)
    for _ in range(KILLS):
        process = command(database, tmp_path, "--agents", "2", "--seconds", "600")
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(process.wait, rng.uniform(1, 5))
        process.kill()
        process.communicate()
    while True:
        with suppress(LoadTestRunning):  # until the server has noticed that the client is gone
            await clean(database.owner)
            break
    assert await left(database) == 0
    assert await all_rows(database) == before


@pytest.mark.slow
async def test_a_server_killed_amid_a_load_test_keeps_what_it_had() -> None:
    rng = random.Random(KILLS)
    with new_home() as home:
        async with server(home) as owner:
            await asyncio.to_thread(migrate.upgrade, owner)
            kept = Database(cast(Any, None), owner)
            await load(kept, ROWS)
            before = await all_rows(kept)
        for _ in range(KILLS):
            operations = itertools.count()
            last = rng.randrange(1, 400)

            def count_down(operations: Iterator[int] = operations, last: int = last) -> None:
                if next(operations) == last:
                    kill(home)

            async with server(home) as owner:
                await require_clean(owner, before)
                with pytest.raises(NotCleaned, match="loadtest clean"):
                    await run(owner, agents=2, seconds=3, patience=0.2, on_operation=count_down)
        async with server(home) as owner:
            await require_clean(owner, before)


async def require_clean(owner: URL, before: Any) -> None:
    """That after cleaning up all is as it was."""
    await clean(owner)
    kept = Database(cast(Any, None), owner)
    assert await left(kept) == 0
    assert await all_rows(kept) == before


def test_the_command(database: Database, tmp_path: Path) -> None:
    process = command(database, tmp_path, "--agents", "2", "--seconds", "1")
    said, _ = process.communicate(timeout=100)
    assert process.returncode == 0
    assert "operations a second" in said
    assert "lost updates  0 of" in said
    ET.parse(tmp_path / "loadtest.svg")  # noqa: S314  (ours)


def test_options_of_a_run_do_not_go_with_clean() -> None:
    done = CliRunner().invoke(app, ["loadtest", "--agents", "2", "clean"], env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert "Options of a run do not go with `clean`" in " ".join(done.output.split())


def test_the_command_cleans(database: Database, tmp_path: Path) -> None:
    process = command(database, tmp_path, "clean")
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "Removed the leftovers of load tests: 0 rows.\n")

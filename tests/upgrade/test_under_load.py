"""Services of the release before go on learning while and after the schema is upgraded."""

import asyncio
import re
from pathlib import Path

import pytest

from qlmodels import migrate
from qlmodels.connection import connect
from tests.conftest import Database
from tests.upgrade.conftest import BEFORE, Service, start

AGENTS = ("test-generator", "security-scanner")
LONGEST = 1.0
"""Seconds that any operation of any agent may take, beyond the machine's own stalls."""

FILL = """
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value)
select kind.agent_type, 'filled ' || n, jsonb_build_object('n', n), 'a', '1', n
  from agent_types as kind cross join generate_series(1, $1::integer / 18) as n
"""
FILES = "select relname, relfilenode from pg_class where relname in ('q_values', 'trajectories')"


async def fill(database: Database, pairs: int) -> None:
    async with connect(database.superuser) as superuser:
        await superuser.execute("set session_replication_role = replica")  # no audit of it
        await superuser.execute(FILL, pairs)
        await superuser.execute("vacuum analyze q_values")


@pytest.mark.newest_first
@pytest.mark.parametrize(
    "pairs", [18_000, pytest.param(1_000_000, marks=pytest.mark.slow)], ids=lambda pairs: f"{pairs}"
)
async def test_no_agent_waits_or_fails(
    before: Database, library: Path, services: list[Service], pairs: int
) -> None:
    await fill(before, pairs)
    async with connect(before.owner) as owner:
        files = dict(await owner.fetch(FILES))
    for agent_type in AGENTS:
        services.append(start(library, before.url(f"ql_{agent_type}"), agent_type))
    for service in services:
        assert await asyncio.to_thread(service.is_ready)
    await asyncio.to_thread(migrate.upgrade, before.owner)
    assert await migrate.current(before.owner) == migrate.head()
    await asyncio.to_thread(migrate.downgrade, before.owner, BEFORE)
    await asyncio.to_thread(migrate.upgrade, before.owner)
    await more_learned(before)
    for service in services:
        report = await asyncio.to_thread(service.stop)
        assert report["library"].startswith(str(library))
        assert [error for error in report["errors"] if not is_of_downgrade(error)] == []
        assert report["longest"] < LONGEST + report["longest_stall"], report
    async with connect(before.owner) as owner:
        assert dict(await owner.fetch(FILES)) == files, "no table is rewritten"


def is_of_downgrade(error: str) -> bool:
    """Whether a function of the later revision waited for the downgrade, which drops what it calls.

    An upgrade drops nothing that a function of the release before calls.
    """
    return re.search(r"function qlmodels\.\w+\(.*\) does not exist", error) is not None


async def more_learned(database: Database) -> None:
    """Waits until the agents have gone on for a while after the upgrade."""
    count = "select sum(visit_count) from q_values where state_hash not like 'filled%'"
    async with connect(database.owner) as owner, asyncio.timeout(120):
        wanted = (await owner.fetchval(count) or 0) + 200
        while (await owner.fetchval(count) or 0) < wanted:
            pass

"""The load test's agent types and logins: made, and taken away with every row."""

import secrets
from contextlib import AbstractAsyncContextManager

import asyncpg
from sqlalchemy import URL

from qlmodels import logins
from qlmodels.advisory_locks import AdvisoryLock
from qlmodels.connection import at_same_address, connect, exclusive
from qlmodels.files import sql_of
from qlmodels.loadtest.errors import LoadTestRunning, NameTaken

sql = sql_of("qlmodels.loadtest")

AGENT_TYPE_PREFIX = "loadtest-"
CHILDREN_FIRST = (
    "rewards",
    "trajectories",
    "q_values",
    "patterns",
    "agent_states",
    "sessions",
)


def alone(owner: URL) -> AbstractAsyncContextManager[None]:
    """Keep a second load test out during the block. Raises LoadTestRunning."""
    return exclusive(owner, AdvisoryLock.LOAD_TEST, LoadTestRunning)


async def create_agents(owner: asyncpg.Connection, url: URL, number: int) -> dict[str, URL]:
    """Make `number` agent types, and the URL of each one's own login. Raises NameTaken."""
    names = [f"{AGENT_TYPE_PREFIX}{index + 1:02d}" for index in range(number)]
    if conflicts := await owner.fetch(sql("name_conflicts"), names):
        raise NameTaken(
            f"Agent type {conflicts[0]['agent_type']} has a name of the load "
            "test and is none of its own. Rename it."
        )
    urls = {}
    for name in names:
        await owner.execute(sql("create_agents"), name)
        password = secrets.token_urlsafe(24)
        login = await logins.ensure(owner, "agent", name, password)
        urls[name] = at_same_address(url, login, password)
    return urls


async def remove_agents(owner: asyncpg.Connection, url: URL) -> int:
    """Take away every agent type of a load test, its rows and its login; how many rows went.

    Rows go by the agent's own login, in small transactions, so that the audit log is not filled
    with them. May be called again where it was cut.
    """
    rows = 0
    for row in await owner.fetch(sql("leftovers")):
        name = row["agent_type"]
        password = secrets.token_urlsafe(24)
        login = await logins.ensure(owner, "agent", name, password)
        async with connect(at_same_address(url, login, password)) as agent:
            for table in CHILDREN_FIRST:
                rows += await _empty(agent, table)
        await logins.drop(owner, login)
        await owner.execute("delete from public.agent_types where agent_type = $1", name)
    return rows


async def _empty(agent: asyncpg.Connection, table: str) -> int:
    rows = 0
    while True:
        gone = int(await agent.fetchval(sql(f"empty_{table}")) or 0)
        if not gone:
            return rows
        rows += gone

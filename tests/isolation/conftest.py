"""One populated database a module, with and without a pooler, and a look at the victim's rows."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest_asyncio

from qlmodels.connection import connect
from qlmodels.embedded import DATABASE
from tests.conftest import PASSWORD, TEST_LOGINS, Cluster, Database, fresh_database
from tests.isolation.attacks import JEWELS, VICTIM
from tests.support.pgbouncer import pgbouncer

HERE = Path(__file__).parent
ROWS = (HERE / "rows.sql").read_text()
FINGERPRINT = (HERE / "fingerprint.sql").read_text()

PREFIXES = {"agent": "ql_", "fleet": "qlfleet_", "panel": "qlpanel_"}
PASSWORDS = {PREFIXES[kind] + name: PASSWORD for kind, name, _ in TEST_LOGINS} | {
    "authenticator": PASSWORD
}

AUTHENTICATOR = f"""
do $$ begin
    if not exists (select from pg_roles where rolname = 'authenticator') then
        create role authenticator login noinherit password '{PASSWORD}';
    end if;
end $$;
grant anon, authenticated, service_role to authenticator;
"""


@dataclass(frozen=True)
class Arena:
    """`superuser` watches, and takes defences out; `victim` stays connected meanwhile."""

    database: Database
    superuser: asyncpg.Connection
    pooled: int
    """Port of a PgBouncer that leaves server connections as they are."""
    pooled_and_reset: int
    """Port of one that says DISCARD ALL after each transaction."""
    fingerprint: str
    """Of the victim's rows, which no attack may change."""

    async def is_untouched(self) -> bool:
        return await fingerprint(self.superuser) == self.fingerprint


async def fingerprint(superuser: asyncpg.Connection) -> str:
    """Changes with any row of the victim."""
    return str(await superuser.fetchval(FINGERPRINT, VICTIM))


@asynccontextmanager
async def populated(cluster: Cluster) -> AsyncIterator[Database]:
    """Rows of three agent types, and the role that an API server logs in with."""
    async with fresh_database(cluster, f"template {DATABASE}") as database:
        async with connect(database.superuser) as superuser:
            await superuser.execute(AUTHENTICATOR)
        async with connect(database.owner) as owner, owner.transaction():
            await owner.execute(f"revoke temporary on database {database.name} from public")
            await owner.execute(ROWS)
            await owner.execute("analyze")
        yield database


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def arena(cluster: Cluster) -> AsyncIterator[Arena]:
    async with (
        populated(cluster) as database,
        connect(database.superuser, pooler="transaction") as superuser,
    ):
        with ExitStack() as stack:
            ports = [
                stack.enter_context(pgbouncer(cluster.running, PASSWORDS, reset=reset))
                for reset in (False, True)
            ]
            async with connect(database.url(f"ql_{VICTIM}")) as victim:
                await victim.execute(f"select '{JEWELS}'")
                yield Arena(database, superuser, ports[0], ports[1], await fingerprint(superuser))

"""The product's database on an embedded server, and the login that owns it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import URL

from qlmodels.advisory_locks import AdvisoryLock
from qlmodels.embedded.errors import ServerFailed
from qlmodels.embedded.passwords import password_file, password_for
from qlmodels.embedded.server import RunningServer
from qlmodels.files import sql_of
from qlmodels.logins import verifier

_sql = sql_of("qlmodels.embedded")

DATABASE = "qlmodels"
OWNER = "qlmodels_owner"


async def provision(server: RunningServer) -> URL:
    """The owner's URL of database `qlmodels`, both made if they are not there yet.

    May be called again and by several processes at once. The owner is no superuser; its
    password lies in the home. Raises ServerFailed, HomeUnusable, DiskFull.
    """
    password = password_for(server.home, OWNER)
    async with _superuser(server, "postgres") as connection:
        await connection.execute("select pg_advisory_lock($1)", AdvisoryLock.PROVISION)
        async with connection.transaction():
            await connection.execute(
                "select set_config('qlmodels.verifier', $1, true)", verifier(password)
            )
            await connection.execute(_sql("owner"))
        known = await connection.fetchval(
            "select true from pg_catalog.pg_database where datname = $1", DATABASE
        )
        if not known:
            await connection.execute("create database qlmodels owner qlmodels_owner")
        async with _superuser(server, DATABASE) as inside:
            await inside.execute(_sql("statistics"))
            await inside.execute(_sql("guard"))
    return server.url(OWNER, password, DATABASE)


@asynccontextmanager
async def _superuser(server: RunningServer, database: str) -> AsyncIterator[asyncpg.Connection]:
    try:
        connection = await asyncpg.connect(
            host=server.host,
            port=server.port,
            user=server.superuser,
            password=server.password,
            database=database,
            ssl=False,
        )
    except asyncpg.exceptions.InvalidPasswordError as error:
        raise ServerFailed(
            f"The embedded PostgreSQL in {server.home} refused its superuser "
            f"{server.superuser}: the password in "
            f"{password_file(server.home, server.superuser)} is not the one it was made with; "
            "restore that file, or set QLMODELS_HOME to a new folder."
        ) from error
    except (OSError, asyncpg.exceptions.PostgresError) as error:
        raise ServerFailed(
            f"The embedded PostgreSQL in {server.home} does not take connections to database "
            f"{database} ({error}): see {server.home / 'log'}."
        ) from error
    try:
        yield connection
    finally:
        await connection.close()

"""What the database itself keeps of the panel's users: one admin stays, and sessions end."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from qlmodels.connection import connect
from tests.conftest import Database

pytestmark = pytest.mark.one_major

USERS = "qlmodels_admin.users"
ADMINS = f"select count(*) from {USERS} where role = 'admin' and is_active"
TAKEN_AWAY = {
    "removed": f"delete from {USERS} where name = $1",
    "demoted": f"update {USERS} set role = 'viewer' where name = $1",
    "deactivated": f"update {USERS} set is_active = false where name = $1",
}


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """With two admins, ada and bob."""
    async with connect(database.owner) as connection:
        await connection.execute(
            f"insert into {USERS} (name, role) values ('ada', 'admin'), ('bob', 'admin')"
        )
        yield connection


@pytest.mark.parametrize("change", TAKEN_AWAY.values(), ids=TAKEN_AWAY)
async def test_the_last_admin_stays(owner: asyncpg.Connection, change: str) -> None:
    await owner.execute(change, "bob")
    with pytest.raises(asyncpg.CheckViolationError, match="ada is the last active admin"):
        await owner.execute(change, "ada")
    assert await owner.fetchval(ADMINS) == 1


async def test_all_admins_at_once_stay(owner: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute(f"delete from {USERS}")
    assert await owner.fetchval(ADMINS) == 2


@pytest.mark.parametrize("isolation", ["read_committed", "repeatable_read", "serializable"])
@pytest.mark.parametrize("change", TAKEN_AWAY.values(), ids=TAKEN_AWAY)
async def test_of_two_admins_who_remove_each_other_at_once_one_stays(
    owner: asyncpg.Connection, database: Database, change: str, isolation: str
) -> None:
    login = database.url("qlpanel_test")
    async with connect(login) as first, connect(login) as second:
        began = [connection.transaction(isolation=isolation) for connection in (first, second)]
        for transaction in began:
            await transaction.start()
        await second.fetchval(ADMINS)  # its snapshot is older than the first one's change
        await first.execute(change, "bob")
        waiting = asyncio.create_task(second.execute(change, "ada"))
        async with asyncio.timeout(60):
            while not await owner.fetchval(
                "select exists (select from pg_locks where not granted)"
            ):
                assert not waiting.done()
        await began[0].commit()
        with pytest.raises((asyncpg.CheckViolationError, asyncpg.SerializationError)):
            await waiting
        await began[1].rollback()
    assert await owner.fetchval(ADMINS) == 1


@pytest.mark.parametrize(
    "change",
    [
        "is_active = false",
        "issuer = 'https://id.example', subject = 'u1'",
    ],
)
async def test_a_user_who_is_deactivated_or_connected_is_signed_out(
    owner: asyncpg.Connection, change: str
) -> None:
    await owner.execute(
        "insert into qlmodels_admin.sessions (token_hash, user_name, expires_at) values "
        "('\\x01', 'ada', now() + interval '1 hour'), ('\\x02', 'bob', now() + interval '1 hour')"
    )
    await owner.execute(
        "insert into qlmodels_admin.sign_in_links (token_hash, user_name, expires_at) "
        "values ('\\x03', 'ada', now() + interval '1 hour')"
    )
    await owner.execute(f"update {USERS} set {change} where name = 'ada'")
    await owner.execute(f"update {USERS} set is_active = true where name = 'ada'")
    assert await owner.fetch("select user_name from qlmodels_admin.sessions") == [("bob",)]
    assert not await owner.fetchval("select exists (select from qlmodels_admin.sign_in_links)")
    ended = await owner.fetchval(
        "select old_values ->> 'user_name' from qlmodels_private.audit_log "
        "where table_name = 'qlmodels_admin.sessions' and operation = 'delete'"
    )
    assert ended == "ada"


@pytest.mark.parametrize(
    "change",
    ["issuer = 'https://id.example'", "issuer = 'a', subject = 'b', password_hash = 'x'"],
)
async def test_a_user_is_local_or_a_providers(owner: asyncpg.Connection, change: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="ck_users_identity"):
        await owner.execute(f"update {USERS} set {change} where name = 'ada'")

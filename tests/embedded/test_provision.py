import asyncio
import stat
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from sqlalchemy import URL

from qlmodels.embedded import (
    RunningServer,
    ServerFailed,
    password_for,
    provision,
)

Ask = Callable[..., Awaitable[Any]]


def whose(url: URL) -> dict[str, object]:
    return {"user": url.username, "password": url.password, "database": url.database}


async def test_the_owner_is_nobody_special(server: RunningServer, ask: Ask) -> None:
    url = await provision(server)
    assert (url.drivername, url.username, url.database) == (
        "postgresql+asyncpg",
        "qlmodels_owner",
        "qlmodels",
    )
    role = await ask(
        server,
        "select array[rolcanlogin, rolcreaterole, rolcreatedb, rolsuper, rolbypassrls, "
        "rolreplication] from pg_roles where rolname = current_user",
        **whose(url),
    )
    assert role == [True, True, True, False, False, False]
    owner = "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"
    assert await ask(server, owner, **whose(url)) == "qlmodels_owner"


async def test_again_and_at_once(server: RunningServer, ask: Ask) -> None:
    urls = await asyncio.gather(*(provision(server) for _ in range(3)))
    await ask(server, "create table public.kept (id int)", **whose(urls[0]))
    again = await provision(server)
    assert {again, *urls} == {again}
    assert await ask(server, "select count(*) from kept", **whose(again)) == 0


async def test_the_owner_s_password_stays_in_its_file(server: RunningServer) -> None:
    url = await provision(server)
    file = server.home / "passwords" / "qlmodels_owner"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().strip() == url.password
    assert isinstance(url.password, str)
    log = (server.home / "log").read_text()
    assert "qlmodels_owner" in log
    assert url.password not in log


async def test_a_lost_password_is_replaced(server: RunningServer, ask: Ask) -> None:
    first = await provision(server)
    (server.home / "passwords" / "qlmodels_owner").unlink()
    second = await provision(server)
    assert second.password != first.password
    assert await ask(server, "select 1", **whose(second)) == 1


async def test_migrations_find_a_clean_database(server: RunningServer, ask: Ask) -> None:
    url = await provision(server)
    assert await ask(server, "select to_regnamespace('extensions')", **whose(url)) is None
    await ask(server, "create schema extensions", **whose(url))
    await ask(server, "create extension btree_gin with schema extensions", **whose(url))
    statements = "select count(*) > 0 from monitoring.pg_stat_statements"
    assert await ask(server, statements, **whose(url)) is True


async def test_a_groups_policies_are_not_dropped_by_its_members(
    server: RunningServer, ask: Ask
) -> None:
    """Before 18 and since, whoever inherits a group's rights may otherwise say it."""
    url = await provision(server)
    await ask(server, "create role flock", **whose(url))
    await ask(server, "create role sheep login password 'w' in role flock", **whose(url))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="may not drop what a group"):
            await ask(
                server, "drop owned by flock", user="sheep", password="w", database="qlmodels"
            )
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            await ask(server, "drop owned by postgres", **whose(url))
        await ask(server, "drop owned by flock", database="qlmodels")
    finally:
        await ask(server, "drop role flock, sheep")


async def test_a_changed_superuser_password(server: RunningServer) -> None:
    broken = RunningServer(
        server.host, server.port, server.home, server.major, server.superuser, "mistaken"
    )
    with pytest.raises(ServerFailed, match="restore that file") as caught:
        await provision(broken)
    assert "mistaken" not in str(caught.value)
    assert isinstance(caught.value.__cause__, asyncpg.InvalidPasswordError)


async def test_a_login_of_one_s_own(server: RunningServer, ask: Ask) -> None:
    """What `password_for` gives is a password that a login can be made with."""
    password = password_for(server.home, "ql_test-generator")
    await ask(server, f"create role \"ql_test-generator\" login password '{password}'")
    url = server.url("ql_test-generator", password, "postgres")
    assert await ask(server, "select current_user", **whose(url)) == "ql_test-generator"

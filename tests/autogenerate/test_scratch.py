"""Scratch databases: left by nobody for long, and had without CREATEDB too."""

import logging
import secrets
from asyncio import to_thread

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text

from qlmodels import migrate
from qlmodels.connection import connect
from qlmodels.ddl import Grant, Policy, Role, RowSecurity, View, declare
from tests.autogenerate.project import Project
from tests.conftest import PASSWORD, Database

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("nothing_kept")]

SESSION = """
select 'qlmodels_scratch_' || pid || '_'
       || to_hex((extract(epoch from backend_start) * 1000000)::bigint)
  from pg_stat_activity where pid = pg_backend_pid()
"""
LEFT = "select datname from pg_database where datname like 'qlmodels_scratch%' order by 1"


@pytest.mark.one_major
async def test_what_the_killed_left_is_removed_and_nothing_else(database: Database) -> None:
    server = database.owner.set(database="postgres")
    stale, in_use, foreign, others = (
        f"qlmodels_scratch_{end}" for end in ("1_a", "2_b", "c", "3_d")
    )
    async with connect(server) as owner, connect(database.superuser) as superuser:
        alive = str(await owner.fetchval(SESSION))
        for name in (stale, in_use, foreign, alive):
            await owner.execute(f"create database {name}")
        await superuser.execute(f"create database {others}")
        try:
            async with connect(server.set(database=in_use)):
                await to_thread(migrate.check, database.owner)
                left = [row["datname"] for row in await owner.fetch(LEFT)]
            assert left == sorted([in_use, foreign, others, alive])
        finally:
            for name in (stale, in_use, foreign, alive, others):
                await superuser.execute(f"drop database if exists {name} with (force)")


@pytest.mark.newest_first
async def test_without_createdb_an_embedded_server_serves(
    empty_database: Database, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    poor = f"poor_{secrets.token_hex(4)}"
    metadata = _declared()
    async with connect(empty_database.superuser) as superuser:
        await superuser.execute(
            f"create role {poor} login createrole nocreatedb password '{PASSWORD}';"
            f"grant create on schema public to {poor};"
            f"alter database {empty_database.name} owner to {poor};"
        )
    project.url = empty_database.url(poor)
    caplog.set_level(logging.WARNING, logger="alembic.qlmodels")
    await to_thread(project.migrate, metadata)
    assert "an embedded server is used for scratch" in caplog.text
    async with connect(project.url) as owner:
        await owner.execute("alter policy own on tools using (tool_id > 1)")
        await owner.execute("grant select on tools to public")
    told = await to_thread(project.differences, metadata)
    assert len(told) == 2
    await to_thread(project.migrate, metadata)
    await to_thread(project.downgrade, metadata, "base")


def _declared() -> MetaData:
    metadata = MetaData()
    Table("tools", metadata, Column("tool_id", Integer, primary_key=True), Column("owner", Text))
    declare(
        metadata,
        Role("tool_reader"),
        RowSecurity("tools"),
        Policy("own", "tools", ("tool_reader",), "select", using="owner in (select 'a')"),
        Grant(("select",), "tools", ("tool_reader",)),
        View("few", "create view public.few as select tool_id from tools where owner <> 'b'"),
    )
    return metadata

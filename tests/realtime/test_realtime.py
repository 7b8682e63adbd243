"""What subscribers are told of, by real logical decoding; the guide's two subscriptions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from qlmodels import migrate, realtime
from qlmodels.connection import connect
from qlmodels.doctor.check import CheckContext
from qlmodels.doctor.checks import publication
from qlmodels.embedded import EmbeddedServer, provision
from qlmodels.errors import NotAllowed
from tests.conftest import Database
from tests.realtime.pgoutput import Slot, Subscription, slot
from tests.support.durable import new_home

pytestmark = pytest.mark.newest_first

Q_VALUES = Subscription("q_values", "UPDATE", filter="agent_type=eq.test-generator")
FLEET = Subscription("agent_states", "*")
STATE = (
    "insert into agent_states (agent_type, agent_instance_id, total_tasks, successful_tasks,"
    " current_exploration_rate, current_learning_rate) values ($1, 'i', 4, 3, 0.1, 0.1)"
)


@asynccontextmanager
async def listening(database: Database, *, q_values: bool) -> AsyncIterator[Slot]:
    """As Supabase's Realtime listens, from the moment that it is turned on."""
    async with connect(database.owner) as owner:
        await realtime.turn_on(owner, q_values=q_values)
    async with connect(database.superuser) as superuser, slot(superuser, database.name) as open_:
        yield open_


async def learn(database: Database, agent_type: str) -> None:
    """Twice the same pair: an INSERT and an UPDATE."""
    async with connect(database.url(f"ql_{agent_type}")) as agent:
        for q_value in (0.5, 0.75):
            await agent.execute(
                "select upsert_q_value($1, 's', '{}', 'a', '{}', $2)", agent_type, q_value
            )


async def test_the_guides_live_values(database: Database) -> None:
    async with listening(database, q_values=True) as told:
        await learn(database, "test-generator")
        await learn(database, "security-scanner")
        changes = await told.changes()
        pairs = [change for change in changes if change.table == "public.q_values"]
        assert [change.event for change in pairs] == ["INSERT", "UPDATE"] * 2
        [heard] = [change for change in changes if Q_VALUES.hears(change)]
        assert heard.new["agent_type"] == "test-generator"
        assert heard.new["q_value"] == "0.75"
        assert heard.new["visit_count"] == "2"
        assert heard.old == {}


async def test_the_guides_fleet_status(database: Database) -> None:
    async with listening(database, q_values=False) as told:
        async with connect(database.url("ql_test-generator")) as agent:
            await agent.execute(STATE, "test-generator")
            await agent.execute("update agent_states set status = 'learning'")
        async with connect(database.url("ql_security-scanner")) as agent:
            await agent.execute(STATE, "security-scanner")
        async with connect(database.url("qlpanel_test")) as panel:
            await panel.execute("delete from agent_states where agent_type = 'test-generator'")
        await learn(database, "test-generator")
        changes = await told.changes()
    assert {change.table for change in changes} == {"public.agent_states"}
    heard = [change for change in changes if FLEET.hears(change)]
    assert [(change.event, change.new.get("agent_type")) for change in heard] == [
        ("INSERT", "test-generator"),
        ("UPDATE", "test-generator"),
        ("INSERT", "security-scanner"),
        ("DELETE", None),
    ]
    inserted, updated, _, deleted = heard
    assert (inserted.new["status"], updated.new["status"]) == ("idle", "learning")
    assert "success_rate" not in inserted.new
    assert inserted.new["successful_tasks"] == "3"
    assert deleted.old == {name: inserted.new[name] for name in ("agent_type", "state_id")}


async def test_others_tables_are_left_alone(database: Database) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(
            "create table theirs (id int primary key);"
            "create publication supabase_realtime for table theirs, patterns"
        )
        for q_values, ours in ((False, ("agent_states",)), (True, ("agent_states", "q_values"))):
            for _ in range(2):
                found = await realtime.turn_on(owner, q_values=q_values)
                assert found.tables == ours
        assert (await realtime.turn_on(owner)).tables == ("agent_states",)
        for _ in range(2):
            assert (await realtime.turn_off(owner)).tables == ()
        left = await owner.fetch("select tablename from pg_publication_tables order by 1")
    assert [row["tablename"] for row in left] == ["patterns", "theirs"]


async def test_migrations_do_not_mind(database: Database) -> None:
    for q_values in (False, True):
        async with connect(database.owner) as owner:
            await realtime.turn_on(owner, q_values=q_values)
        await asyncio.to_thread(migrate.check, database.owner)
    async with connect(database.owner) as owner:
        await realtime.turn_off(owner)
    await asyncio.to_thread(migrate.check, database.owner)
    async with connect(database.owner) as owner:
        await realtime.turn_on(owner)
    await asyncio.to_thread(migrate.downgrade, database.owner, "base")
    await asyncio.to_thread(migrate.upgrade, database.owner)
    async with connect(database.owner) as owner:
        assert (await realtime.published(owner)).tables == ()


@pytest.mark.one_major
async def test_another_owners_publication(database: Database) -> None:
    async with connect(database.superuser) as superuser:
        await superuser.execute("create publication supabase_realtime")
    async with connect(database.owner) as owner:
        with pytest.raises(NotAllowed, match=r"must be owner of publication .*let its owner do it"):
            await realtime.turn_on(owner)
    async with connect(database.superuser) as superuser:
        await superuser.execute("drop publication supabase_realtime")
        await superuser.execute("create publication supabase_realtime for all tables")
        assert (await realtime.published(superuser)).tables == ("agent_states", "q_values")
        with pytest.raises(NotAllowed, match="is for all tables"):
            await realtime.turn_off(superuser)
        await superuser.execute("drop publication supabase_realtime")
        await superuser.execute("create publication supabase_realtime for tables in schema public")
        with pytest.raises(NotAllowed, match="drop tables in schema public"):
            await realtime.turn_off(superuser)


@pytest.mark.one_major
async def test_without_logical_decoding() -> None:
    """It migrates, and says why nobody is told."""
    with new_home() as home:
        server = EmbeddedServer(home, durable=False, settings={"wal_level": "replica"})
        running = await asyncio.to_thread(server.__enter__)
        try:
            owner = await provision(running)
            await asyncio.to_thread(migrate.upgrade, owner)
            async with connect(owner) as connection:
                found = await realtime.turn_on(connection, q_values=True)
                told = await publication.CHECK.findings(CheckContext(owner, connection))
            assert found == realtime.Published(("agent_states", "q_values"), "replica")
            assert [finding.what for finding in told] == [
                "publication supabase_realtime carries agent_states, q_values, and nobody is told"
            ]
            await asyncio.to_thread(migrate.check, owner)
        finally:
            await asyncio.to_thread(server.__exit__, None, None, None)

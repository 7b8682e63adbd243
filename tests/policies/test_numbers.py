"""The number of a version is given once, whatever becomes of the version or its agent type."""

import asyncpg
import pytest

from qlmodels import policies
from qlmodels.connection import connect
from tests.conftest import Database
from tests.policies.conftest import AGENT, OTHER

pytestmark = pytest.mark.one_major

VERSIONS = "qlmodels_private.policy_versions"
CHILDREN = ("rewards", "trajectories", "q_values", "patterns", "agent_states", "sessions")


async def numbers(owner: asyncpg.Connection) -> list[int]:
    return [version.number for version in await policies.read_versions(owner, AGENT)]


async def delete_agent_type(owner: asyncpg.Connection) -> None:
    for table in (*CHILDREN, "agent_types"):
        await owner.execute(f"delete from {table} where agent_type = $1", AGENT)


async def make_again(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "insert into agent_types (agent_type, display_name) values ($1, 'again')", AGENT
    )
    await owner.execute(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data,"
        " q_value) values ($1, 'new', '1', 'a', '1', 5)",
        AGENT,
    )


async def test_after_the_newest_was_deleted(owner: asyncpg.Connection) -> None:
    for number in (1, 2, 3):
        assert await policies.keep(owner, AGENT) == number
    await owner.execute(f"delete from {VERSIONS} where policy_version >= 2")
    assert await policies.keep(owner, AGENT) == 4
    await owner.execute(f"delete from {VERSIONS}")
    assert await policies.keep(owner, AGENT, beyond=9) == 10
    await owner.execute(f"delete from {VERSIONS} where policy_version = 10")
    assert await policies.keep(owner, AGENT, beyond=3) == 11
    assert await policies.keep(owner, OTHER) == 1


async def test_of_versions_of_a_purge(owner: asyncpg.Connection, database: Database) -> None:
    assert await policies.keep(owner, AGENT) == 1
    await owner.execute(f"delete from {VERSIONS}")
    ids = await owner.fetch("select q_value_id from q_values where agent_type = $1 limit 1", AGENT)
    async with connect(database.superuser) as superuser:
        keep = "select qlmodels_private.keep_purged($1, $2)"
        assert await superuser.fetchval(keep, AGENT, [row[0] for row in ids]) == 2


async def test_after_the_agent_type_was_deleted_and_made_again(owner: asyncpg.Connection) -> None:
    assert await policies.keep(owner, AGENT) == 1
    assert await policies.keep(owner, AGENT) == 2
    await delete_agent_type(owner)
    await make_again(owner)
    assert await numbers(owner) == []
    assert await policies.keep(owner, AGENT) == 3
    await policies.restore(owner, AGENT, 3)
    assert await numbers(owner) == [5, 4, 3]


async def test_a_deletion_that_is_rolled_back_costs_no_number(owner: asyncpg.Connection) -> None:
    assert await policies.keep(owner, AGENT) == 1
    deletion = owner.transaction()
    await deletion.start()
    await owner.execute(f"delete from {VERSIONS}")
    await deletion.rollback()
    assert await policies.keep(owner, AGENT) == 2


async def test_a_panel_may_delete_versions_but_no_numbers(
    owner: asyncpg.Connection, database: Database
) -> None:
    assert await policies.keep(owner, AGENT) == 1
    async with connect(database.url("qlpanel_test")) as panel:
        await panel.execute(f"delete from {VERSIONS} where agent_type = $1", AGENT)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await panel.execute("delete from qlmodels_private.last_versions")
        assert await policies.keep(panel, AGENT) == 2


async def test_concurrent_keepers_get_numbers_of_their_own(
    owner: asyncpg.Connection, database: Database
) -> None:
    assert await policies.keep(owner, AGENT) == 1
    async with connect(database.owner) as other:
        deletion = other.transaction()
        await deletion.start()
        await other.execute(f"delete from {VERSIONS} where agent_type = $1", AGENT)
        assert await policies.keep(owner, AGENT) == 2
        await deletion.commit()
        assert await numbers(owner) == [2]
        await owner.execute(f"delete from {VERSIONS}")
        assert await policies.keep(owner, AGENT) == 3

"""Agent types removed with all that is theirs, after an archive of exactly that."""

import asyncio
from pathlib import Path

import pytest

from qlmodels import AgentType, create_agent_types, logins, policies, remove_agent_types
from qlmodels.agent_types import AgentTypeInUse
from qlmodels.archive import FolderInUse, import_archive, read_manifest
from qlmodels.connection import connect
from qlmodels.errors import UnknownAgentType
from tests.conftest import Database
from tests.support.blocking import waiter_of

pytestmark = pytest.mark.one_major

ROWS = (Path(__file__).parents[1] / "archive" / "rows.sql").read_text("utf-8")
COUNTS = """
select (select count(*) from agent_types where agent_type = $1) as agent_types,
       (select count(*) from sessions where agent_type = $1) as sessions,
       (select count(*) from trajectories where agent_type = $1) as trajectories,
       (select count(*) from q_values where agent_type = $1) as q_values,
       (select count(*) from rewards where agent_type = $1) as rewards,
       (select count(*) from patterns where agent_type = $1) as patterns,
       (select count(*) from agent_states where agent_type = $1) as agent_states,
       (select count(*) from qlmodels_private.policy_versions where agent_type = $1)
           as policy_versions
"""
AGENT = "test-generator"
OTHER = "security-scanner"


async def counts(database: Database, agent_type: str) -> dict[str, int]:
    async with connect(database.owner) as owner:
        row = await owner.fetchrow(COUNTS, agent_type)
    assert row is not None
    return {name: number for name, number in row.items() if number}


async def fill(database: Database) -> dict[str, int]:
    async with connect(database.owner) as owner:
        await owner.execute(ROWS)
        await policies.keep(owner, AGENT)
    return await counts(database, AGENT)


async def test_rows_versions_and_login_go_and_the_archive_brings_rows_back(
    place: Database, tmp_path: Path
) -> None:
    before = await fill(place)
    neighbour = await counts(place, OTHER)
    assert before.keys() >= {"agent_types", "sessions", "q_values", "policy_versions"}
    await create_agent_types(place.owner, [AgentType(agent_type="own", display_name="Own")])
    done = await remove_agent_types(place.owner, [AGENT, "own"], archive_to=tmp_path / "kept")
    assert done.agent_types == ("own", AGENT)
    assert done.rows == {**before, "agent_types": 2}
    assert done.logins == ("ql_own",), "the other login was not made for this database"
    assert await counts(place, AGENT) == {}
    assert await counts(place, OTHER) == neighbour
    assert read_manifest(tmp_path / "kept").agent_types == ["own", AGENT]
    async with connect(place.owner) as owner:
        assert "ql_own" not in {login.name for login in await logins.list_logins(owner)}
    await import_archive(place.owner, tmp_path / "kept")
    after = await counts(place, AGENT)
    assert {**after, "policy_versions": 1} == before


async def test_without_an_archive(place: Database) -> None:
    before = await fill(place)
    done = await remove_agent_types(place.owner, [AGENT], archive_to=None)
    assert done.rows == before
    assert await counts(place, AGENT) == {}


async def test_nothing_goes_where_the_archive_cannot_be_written(
    place: Database, tmp_path: Path
) -> None:
    before = await fill(place)
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(FolderInUse):
        await remove_agent_types(place.owner, [AGENT], archive_to=tmp_path)
    with pytest.raises(UnknownAgentType, match="nobody"):
        await remove_agent_types(place.owner, [AGENT, "nobody"], archive_to=tmp_path / "kept")
    assert await counts(place, AGENT) == before


@pytest.mark.parametrize(
    "statement",
    [
        "update q_values set q_value = 5 where agent_type = 'test-generator'",
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data)"
        " values ('test-generator', 'meanwhile', '1', 'a', '1')",
    ],
)
async def test_what_is_learned_meanwhile_is_in_the_archive_or_nothing_goes(
    place: Database, tmp_path: Path, statement: str
) -> None:
    await fill(place)
    async with connect(place.owner) as holder:
        learning = holder.transaction()
        await learning.start()
        await holder.execute(statement)
        removing = asyncio.create_task(
            remove_agent_types(place.owner, [AGENT], archive_to=tmp_path / "kept")
        )
        await waiter_of(holder)
        await learning.commit()
        with pytest.raises(AgentTypeInUse, match="Stop the agents and try again"):
            await removing
    assert (await counts(place, AGENT)).keys() >= {"agent_types", "q_values", "policy_versions"}

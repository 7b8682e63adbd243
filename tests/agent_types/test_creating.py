"""Agent types, many at a time, with logins that connect."""

import time

import pytest
from pydantic import ValidationError

from qlmodels import AgentType, copy_agent_type, create_agent_types, create_pool
from qlmodels.agent_types import AgentTypeExists
from qlmodels.connection import connect
from qlmodels.errors import UnknownAgentType
from qlmodels.store import LearningStore
from tests.conftest import PASSWORD, Database

pytestmark = pytest.mark.one_major

SETTINGS = """
select to_jsonb(kind) - '{agent_type,display_name,created_at,updated_at}'::text[] as settings
  from agent_types as kind where agent_type = $1
"""


def sweep(number: int) -> list[AgentType]:
    return [
        AgentType(
            agent_type=f"lake-{place}",
            display_name=f"Lake {place}",
            learning_rate=place / 1000,
            extra={"place": place},
        )
        for place in range(number)
    ]


async def count(database: Database) -> int:
    async with connect(database.owner) as owner:
        return len(await owner.fetch("select from agent_types where agent_type like 'lake-%'"))


async def test_a_hundred_with_logins_in_ten_seconds(place: Database) -> None:
    began = time.perf_counter()
    urls = await create_agent_types(place.owner, sweep(100))
    assert time.perf_counter() - began < 10
    assert await count(place) == 100
    assert [*urls] == [f"lake-{number}" for number in range(100)]
    for name in ("lake-0", "lake-99"):
        async with create_pool(urls[name], max_size=1) as pool:
            await LearningStore(pool, name, actions=["left"]).upsert(["s"], "left", 1.0)
    async with connect(place.owner) as owner:
        row = await owner.fetchrow("select * from agent_types where agent_type = 'lake-99'")
    assert row is not None
    assert (row["learning_rate"], row["metadata"], row["retention_days"]) == (
        0.099,
        '{"place": 99}',
        30,
    )


async def test_all_of_them_or_none(place: Database) -> None:
    await create_agent_types(place.owner, sweep(1), with_logins=False)
    with pytest.raises(AgentTypeExists, match="lake-0 already: change it by `qlmodels agent set"):
        await create_agent_types(place.owner, sweep(3))
    with pytest.raises(AgentTypeExists, match="lake-0 is to be created twice"):
        await create_agent_types(place.owner, [*sweep(1), *sweep(1)])
    assert await count(place) == 1


async def test_passwords_may_be_given_and_a_login_left_over_gets_its_own(place: Database) -> None:
    given = {"lake-0": PASSWORD}
    urls = await create_agent_types(place.owner, sweep(1), passwords=given)
    assert urls["lake-0"].password == PASSWORD
    async with connect(place.owner) as owner:
        await owner.execute("delete from agent_types where agent_type = 'lake-0'")
    again = await create_agent_types(place.owner, sweep(1))
    assert again["lake-0"].password != PASSWORD
    async with connect(again["lake-0"]) as agent:
        assert await agent.fetchval("select current_user") == "ql_lake-0"


async def test_a_copy_has_the_settings_of_its_source(place: Database) -> None:
    async with connect(place.owner) as owner:
        await owner.execute(
            "update agent_types set initial_q_value = 0.1 + 0.2, metadata = '{\"a\": [1.1, null]}',"
            " retention_days = null, environment = 'lake', hashing = 'original'"
            " where agent_type = 'quality-gate'"
        )
        await owner.execute(
            "insert into qlmodels_private.adopted_hashes values"
            " ('quality-gate', 'state', 'ours', 'theirs')"
        )
        await copy_agent_type(place.owner, "quality-gate", "gate-2", {}, with_logins=False)
        await copy_agent_type(place.owner, "quality-gate", "gate-3", {"learning_rate": 0.2})
        wanted = await owner.fetchval(SETTINGS, "quality-gate")
        assert await owner.fetchval(SETTINGS, "gate-2") == wanted
        changed = await owner.fetchrow("select * from agent_types where agent_type = 'gate-3'")
        assert changed is not None
        assert (changed["learning_rate"], changed["display_name"]) == (0.2, "Quality Gate")
        hashes = await owner.fetch("select * from qlmodels_private.adopted_hashes order by 1")
    assert [row["agent_type"] for row in hashes] == ["gate-2", "gate-3", "quality-gate"]


async def test_a_copy_of_nothing_or_of_what_cannot_be(place: Database) -> None:
    with pytest.raises(UnknownAgentType, match="There is no agent type nobody"):
        await copy_agent_type(place.owner, "nobody", "gate-2", {})
    with pytest.raises(ValidationError, match="learning_rate"):
        await copy_agent_type(place.owner, "quality-gate", "gate-2", {"learning_rate": 5})
    with pytest.raises(AgentTypeExists, match="test-generator already"):
        await copy_agent_type(place.owner, "quality-gate", "test-generator", {})

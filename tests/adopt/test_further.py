"""What the database has beside the original's: columns go into metadata, views stay."""

import asyncio
import json

import asyncpg
import pytest

from qlmodels import migrate
from qlmodels.adopt import Adoption, NotTheOriginal, adopt
from qlmodels.connection import connect
from tests.adopt.original import make_original
from tests.conftest import Database

pytestmark = [pytest.mark.newest_first, pytest.mark.long]

FURTHER = """
alter table q_values add column team text default 'blue', add column tags text[], add column n int;
alter table sessions add column cost numeric(8,2) generated always as (task_count * 2.5) stored;
update q_values set metadata = '{"team": "red"}' where q_value_id = 1;
update q_values set metadata = '[1]', tags = '{a,b}' where q_value_id = 2;
update q_values set metadata = null, team = null where q_value_id = 3;
create index on q_values (team);
create view best as
    select agent_type, max(q_value) as best, count(team) as teams from q_values group by agent_type;
create view values_of as select q_value_id, agent_type, q_value from q_values;
comment on view values_of is 'what is known';
grant select on values_of to qlmodels_agent, analytics_role;
create view counted as select agent_type, count(*) as pairs from values_of group by agent_type;
create materialized view kept as select agent_type, pairs from counted;
create unique index on kept (agent_type);
create view summary as select agent_type, display_name from agent_performance_summary;
"""


async def _adopt(database: Database) -> Adoption:
    return await asyncio.to_thread(adopt, database.owner)


async def test_columns_go_into_metadata_and_views_are_made_again(empty_database: Database) -> None:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=1, faulty=False)
        await owner.execute(FURTHER)
        before = await owner.fetch("select * from counted order by agent_type")
        untouched = "select updated_at, session_id from sessions order by session_id"
        times = await owner.fetch(untouched)
    adoption = await _adopt(empty_database)
    notes = "\n".join(adoption.notes)
    for words in (
        "column q_values.team goes into metadata",
        "column sessions.cost goes into metadata",
        "view values_of is made again",
        "materialized view kept is made again, without its privileges",
        "view best could not be made again",
    ):
        assert words in notes
    async with connect(empty_database.owner) as owner:
        extras = {
            row["q_value_id"]: json.loads(row["metadata"] or "null")
            for row in await owner.fetch("select q_value_id, metadata from q_values")
        }
        assert extras[1] == {"team": "red", "adopted": {"team": "blue"}}
        assert extras[2] == {"metadata": [1], "team": "blue", "tags": ["a", "b"]}
        assert extras[3] is None
        assert extras[4] == {"n": 4, "team": "blue"}
        assert await owner.fetchval(
            "select bool_and((metadata ->> 'cost')::numeric = task_count * 2.5) from sessions"
        )
        assert await owner.fetch(untouched) == times
        assert await owner.fetch("select * from counted order by agent_type") == before
        assert await owner.fetch("select * from kept order by agent_type") == before
        assert await owner.fetchval("select count(*) from summary") == 18
        assert await owner.fetchval("select obj_description('values_of'::regclass)")
        stored = await owner.fetchrow(
            "select * from qlmodels_private.adopt_rejects where table_name = '(view)'"
        )
        assert stored is not None
        assert stored["row_key"] == "best"
        assert "count(team)" in json.loads(stored["original"])["definition"]
    async with connect(empty_database.url("ql_test-generator")) as agent:
        rows = await agent.fetch("select distinct agent_type from values_of")
        assert [row["agent_type"] for row in rows] == ["test-generator"]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await agent.fetch("select * from kept")
    await asyncio.to_thread(migrate.check, empty_database.owner)


@pytest.mark.one_major
async def test_a_view_of_another_login_is_refused(empty_database: Database) -> None:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=0, faulty=False)
        await owner.execute("grant select on q_values to public")
    async with connect(empty_database.superuser) as superuser:
        await superuser.execute("create view foreign_one as select * from q_values")
    with pytest.raises(NotTheOriginal, match="view foreign_one is not the original's"):
        await _adopt(empty_database)

"""5,000 rows of odd values: each is there after the adoption, and agents go on from them."""

import asyncio
import json

import pytest

from qlmodels import LearningStore, migrate
from qlmodels.adopt import adopt
from qlmodels.adopt.legacy_schema import LEGACY_TABLES
from qlmodels.connection import connect, create_pool
from qlmodels.store.errors import InvalidValue
from tests.adopt.original import make_original, script
from tests.conftest import Database

pytestmark = pytest.mark.long  # on every major version: they differ in moments without end

AGENT = "test-generator"
REMEMBER = "create schema remembered; " + "; ".join(
    f"create table remembered.{table} as table public.{table}" for table in LEGACY_TABLES
)
UNKEPT = """
select count(*)
  from remembered.{table} as theirs
  left join public.{table} as ours on ours.{key} = theirs.{key}
  left join qlmodels_private.adopt_rejects as reject
    on reject.table_name = '{table}' and reject.row_key = theirs.{key}::text
 cross join lateral (
     select to_jsonb(theirs) - 'success_rate' as before, to_jsonb(ours) as after
 ) as row
 where case
       when ours.{key} is null then
           reject.correction is null and reject.original - 'success_rate' = row.before
       else
           (reject.row_key is null or reject.original - 'success_rate' = row.before)
           and not exists (
               select from jsonb_each(row.before || coalesce(reject.correction, '{{}}')) as wanted
                where row.after -> wanted.key is distinct from wanted.value
           )
       end is not true
"""
"""Rows of `table` that are neither as they were or corrected, nor written down as they were."""

COUNTS = " union all ".join(
    f"select '{table}', (select count(*) from public.{table})" for table in LEGACY_TABLES
)
LEARNED = """
select state_data, array_agg(action_data), array_agg(q_value)
  from q_values
 where state_data ? 'odd'
 group by state_data
"""


@pytest.fixture
async def adopted(empty_database: Database) -> Database:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=0, faulty=False)
        await owner.execute(script("odd"))
        assert sum(dict(await owner.fetch(COUNTS)).values()) > 5000
        await owner.execute(REMEMBER)
    await asyncio.to_thread(adopt, empty_database.owner)
    return empty_database


async def test_odd_rows(adopted: Database) -> None:
    async with connect(adopted.owner) as owner:
        for table, columns in LEGACY_TABLES.items():
            assert await owner.fetchval(UNKEPT.format(table=table, key=next(iter(columns)))) == 0
        counts = dict(await owner.fetch(COUNTS))
        assert all(number > 50 for number in counts.values()), counts
        for _ in range(2):  # at once, and after a day
            purged = dict(await owner.fetch("select * from cleanup_expired_data()"))
            assert not any(purged.values()), purged
            assert dict(await owner.fetch(COUNTS)) == counts
            await owner.execute(
                "update qlmodels_private.adoptions set adopted_at = adopted_at - interval '1 day'"
            )
        for view in ("agent_performance_summary", "pattern_effectiveness"):
            await owner.execute(f"create table the_{view} as table {view}")
        await owner.execute("drop table the_agent_performance_summary, the_pattern_effectiveness")
        await owner.execute("drop schema remembered cascade")
    await asyncio.to_thread(migrate.check, adopted.owner)


async def test_agents_go_on_from_odd_rows(adopted: Database) -> None:
    found = 0
    async with create_pool(adopted.url(f"ql_{AGENT}"), max_size=2) as pool:
        rows = await pool.fetch(LEARNED)
        assert len(rows) == 100
        for state_text, action_texts, values in rows:
            state = json.loads(state_text)
            actions = [json.loads(text) for text in action_texts]
            store = LearningStore(pool, AGENT, actions=actions)
            try:
                choice = await store.select_action(state, epsilon=0)
            except InvalidValue:  # an integer of 400 digits
                assert "0" * 400 in repr((state, actions))
                continue
            assert choice.action == actions[values.index(max(values))]
            assert await store.values(state) == values
            found += 1
    assert found > 90


async def test_documents_that_no_look_up_takes_are_counted(empty_database: Database) -> None:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=0, faulty=False)
        for number in (2**53 - 1, 2**53 + 1, 1_700_000_000_123_456_789):
            document = json.dumps({"at": number})
            await owner.execute(
                "select upsert_q_value($1, $2, $3, 'a', '1', 1)", AGENT, str(number), document
            )
    for rehash in (False, True):
        adoption = await asyncio.to_thread(adopt, empty_database.owner, dry_run=True, rehash=rehash)
        refused = [note for note in adoption.notes if "LearningStore refuses" in note]
        assert [note.split(" hold")[0] for note in refused] == [f"2 state documents of {AGENT}"]

"""Moments of the ends of time, which agents may write, stop no other row from expiring."""

import json

import pytest

from qlmodels.connection import connect
from qlmodels.doctor.check import CheckContext
from qlmodels.doctor.checks import retention
from qlmodels.files import sql_of
from tests.conftest import Database

AGENT = "test-generator"
ROWS = """
insert into sessions (agent_type, start_time, end_time)
select 'test-generator', at, at
  from unnest('{-infinity,infinity,294276-12-31 23:59:59+00}'::timestamptz[]) as given (at);
insert into rewards (agent_type, state_hash, action_hash, reward_value, observed_at)
select 'test-generator', 's', 'a', 1, at
  from unnest('{-infinity,infinity,294276-12-31 23:59:59+00}'::timestamptz[]) as given (at);
insert into patterns (agent_type, pattern_name, pattern_type, pattern_data, last_used, expires_at)
select 'test-generator', at::text, 't', '{}', at, at
  from unnest('{-infinity,infinity,294276-12-31 23:59:59+00}'::timestamptz[]) as given (at);
"""

pytestmark = pytest.mark.newest_first


@pytest.fixture
async def filled(database: Database) -> Database:
    async with connect(database.url(f"ql_{AGENT}")) as agent:
        await agent.execute(ROWS)
    return database


async def test_rows_of_others_expire(filled: Database) -> None:
    async with connect(filled.owner) as owner:
        context = CheckContext(filled.owner, owner)
        found = [finding.what for finding in await retention.CHECK.findings(context)]
        assert [what.split(" expired")[0] for what in found] == [
            "1 rows of patterns",
            "1 rows of rewards",
        ]
        purged = dict(await owner.fetch("select * from cleanup_expired_data()"))
        assert {table: number for table, number in purged.items() if number} == {
            "patterns": 1,
            "rewards": 1,
        }
        ages = await owner.fetch("select days_since_used from pattern_effectiveness order by 1")
        assert [row[0] is None for row in ages] == [False, True]


async def test_the_panel_counts_what_is_overdue(filled: Database) -> None:
    query = sql_of("qlmodels_admin.monitoring")("metrics_expiry")
    async with connect(filled.url("qlpanel_test")) as panel:
        lags = json.loads(await panel.fetchval(query.replace(":soon", "'1 day'")) or "")
    assert lags["patterns"] > 1e9
    assert lags["rewards"] > 1e9
    assert lags["trajectories"] == 0

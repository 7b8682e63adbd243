"""What /metrics tells, to whom, and at what cost."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from pydantic import SecretStr
from qlmodels_admin import create_app
from starlette.applications import Starlette

from qlmodels.connection import connect

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT = "coverage-analyzer"
UNUSED = "visual-tester"
TOKEN = "a token of sixteen characters or more"
OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}


def client_of(app: Starlette, address: str = "127.0.0.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=OPENMETRICS)


async def scrape(app: Starlette) -> dict[str, Metric]:
    async with client_of(app) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200, answer.text
    families: Iterator[Metric] = text_string_to_metric_families(answer.text)  # type: ignore[no-untyped-call]
    return {family.name: family for family in families}


def value(families: dict[str, Metric], name: str, **labels: str) -> float:
    family = families[max((one for one in families if name.startswith(one)), key=len)]
    (found,) = [
        sample.value
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def app(panel: Any) -> AsyncIterator[Starlette]:
    """A panel of its own, which has kept nothing yet."""
    app = create_app(panel.login, background=False)
    async with app.router.lifespan_context(app):
        yield app


@pytest_asyncio.fixture(loop_scope="session")
async def fleet(panel: Any, rows: asyncpg.Connection) -> AsyncIterator[datetime]:
    """An agent that fails, and one pair of an unused one that has expired; when it was active."""
    ended = datetime.now(UTC) - timedelta(hours=3)
    await rows.execute(
        "insert into trajectories (agent_type, task_id, initial_state, final_state, "
        "actions_taken, states_visited, step_rewards, total_reward, discounted_reward, "
        "execution_time_ms, success, exploration_rate, started_at, completed_at) "
        "select $1, 't', '{}', '{}', '[]', '[]', '[]', 2, 2, 1, number <= 5, 0.25, moment, "
        "moment from generate_series(1, 100) as number cross join lateral (select "
        "$2::timestamptz - (number - 1) * interval '1 minute' as moment) as played",
        AGENT,
        ended,
    )
    await rows.execute(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, "
        "q_value, last_updated, expires_at) select kind, number, '{}', 'a', '{}', 3, "
        "now() - case when kind = $1 then interval '0' else interval '60 days' end, "
        "now() + (number - 1) * interval '2 days' - interval '1 hour' "
        "from generate_series(1, 4) as number, unnest(array[$1, $2]) as kind",
        AGENT,
        UNUSED,
    )
    async with connect(panel.owner) as owner:
        await owner.execute("analyze q_values")
    yield ended
    await rows.execute("delete from trajectories where agent_type = $1", AGENT)
    await rows.execute("delete from q_values where agent_type in ($1, $2)", AGENT, UNUSED)


async def test_it_tells_what_agents_learn(app: Starlette, fleet: datetime) -> None:
    found = await scrape(app)
    assert value(found, "qlmodels_agent_return", agent_type=AGENT) == 2
    assert value(found, "qlmodels_agent_success_ratio", agent_type=AGENT) == 0.1
    assert value(found, "qlmodels_agent_exploration_rate", agent_type=AGENT) == 0.25
    assert value(found, "qlmodels_agent_pairs", agent_type=AGENT) == 4
    assert value(found, "qlmodels_agent_active", agent_type=AGENT) == 1
    seen = value(found, "qlmodels_agent_last_activity_timestamp_seconds", agent_type=AGENT)
    assert seen == pytest.approx(fleet.timestamp())
    verdicts = {
        sample.labels["verdict"]: sample.value
        for sample in found["qlmodels_agent_verdict"].samples
        if sample.labels["agent_type"] == AGENT
    }
    assert verdicts["failing"] == 1
    assert sum(verdicts.values()) == 1


async def test_it_tells_every_verdict(
    app: Starlette, fleet: datetime, rows: asyncpg.Connection
) -> None:
    await rows.execute(
        "insert into agent_states (agent_type, agent_instance_id, status, total_tasks, lookups,"
        " current_exploration_rate, current_learning_rate)"
        " values ($1, 'one', 'error', 500, 500, 0, 0)",
        AGENT,
    )
    found = await scrape(app)
    await rows.execute("delete from agent_states where agent_type = $1", AGENT)
    assert {
        sample.labels["verdict"]
        for sample in found["qlmodels_agent_verdict"].samples
        if sample.labels["agent_type"] == AGENT and sample.value
    } == {"error", "failing", "lookups_always_miss"}


async def test_it_tells_what_the_tables_hold_and_what_expired(
    app: Starlette, fleet: datetime, rows: asyncpg.Connection
) -> None:
    found = await scrape(app)
    pairs = await rows.fetchval("select count(*) from q_values")
    assert pairs is not None
    assert pairs >= 8
    assert value(found, "qlmodels_database_up") == 1
    assert value(found, "qlmodels_table_rows", table="q_values") == pairs
    assert value(found, "qlmodels_table_bytes", table="q_values") > 8192
    assert value(found, "qlmodels_purge_lag_seconds", table="q_values") == pytest.approx(
        3600, abs=60
    )
    assert value(found, "qlmodels_purge_lag_seconds", table="patterns") == 0
    assert value(found, "qlmodels_agent_pairs_expiring", agent_type=UNUSED) == 2
    assert value(found, "qlmodels_agent_pairs_expiring", agent_type=AGENT) == 0
    assert value(found, "qlmodels_database_connections") >= 1
    assert value(found, "qlmodels_database_commits_total") > 0


async def test_it_counts_requests_queries_and_the_pool(app: Starlette) -> None:
    await scrape(app)
    async with client_of(app) as client:
        for path in ("/admin/q_values/list", "/admin/q_values/edit/x;1", "/no/such/page"):
            await client.get(path)
    found = await scrape(app)
    requests = "qlmodels_panel_request_seconds_count"
    assert value(found, requests, route="/metrics", method="GET", status="200") == 1
    assert value(found, requests, route="/{identity}/list", status="303", method="GET") == 1
    assert value(found, requests, route="none", status="404") == 1
    assert (
        value(found, "qlmodels_panel_query_seconds_count", query="monitoring.metrics_tables") == 1
    )
    assert value(found, "qlmodels_pool_connections_max", pool="panel") == 10
    assert value(found, "qlmodels_pool_connections_size", pool="panel") > 0
    assert value(found, "qlmodels_pool_wait_seconds_count", pool="panel") > 0


async def test_a_scrape_reads_nothing_that_was_read_just_before(app: Starlette) -> None:
    await scrape(app)
    first, second = [
        [sample for sample in found["qlmodels_panel_query_seconds"].samples if sample.value]
        for found in (await scrape(app), await scrape(app))
    ]
    assert first == second


async def test_a_database_that_does_not_answer_is_told(panel: Any) -> None:
    app = create_app(panel.login.set(port=1), background=False)
    async with app.router.lifespan_context(app):
        assert value(await scrape(app), "qlmodels_database_up") == 0


# -- who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("192.0.2.7", {}),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}),
        ("127.0.0.1", {"Via": "1.1 proxy"}),
        ("127.0.0.1", {"Host": "fleet.example"}),
    ],
)
async def test_without_a_token_it_answers_this_machine_alone(
    panel: Any, address: str, headers: dict[str, str]
) -> None:
    app = create_app(panel.login, background=False, hosts=["*"])
    async with client_of(app, address) as client:
        answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == 403
    assert "QLMODELS_METRICS_TOKEN" in answer.text
    assert "agent_type" not in answer.text


@pytest_asyncio.fixture(loop_scope="session")
async def guarded(panel: Any) -> AsyncIterator[Starlette]:
    app = create_app(panel.login, background=False, hosts=["*"], metrics_token=SecretStr(TOKEN))
    async with app.router.lifespan_context(app):
        yield app


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}"]
)
async def test_with_a_token_nobody_gets_in_without_it(
    guarded: Starlette, given: str | None
) -> None:
    async with client_of(guarded) as client:
        headers = {} if given is None else {"Authorization": given}
        answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text


async def test_with_the_token_it_answers_from_anywhere(guarded: Starlette) -> None:
    async with client_of(guarded, "192.0.2.7") as client:
        answer = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert "qlmodels_database_up 1" in answer.text

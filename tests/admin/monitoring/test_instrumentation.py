"""Debian's Prometheus on a panel and a service in which all goes wrong that is alerted of."""

import asyncio
import contextlib
import json
import re
import shutil
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry, start_http_server
from qlmodels_admin import create_app
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from qlmodels import LearningStore, create_pool
from qlmodels.connection import connect
from qlmodels.monitoring import StoreMetrics
from qlmodels.store import InvalidValue
from tests.admin.conftest import PASSWORD, serve

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.one_major,
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="Prometheus is not installed"),
]

FILES = resources.files("qlmodels.monitoring") / "files"
AGENT, STALLED, UNUSED = "coverage-analyzer", "flaky-test-hunter", "chaos-engineer"
STORE = "test-generator"

EXPECTED = {
    ("QlmodelsAgentFailing", AGENT),
    ("QlmodelsAgentDiverging", AGENT),
    ("QlmodelsAgentStalled", STALLED),
    ("QlmodelsAgentSilent", AGENT),
    ("QlmodelsPairsExpiring", UNUSED),
    ("QlmodelsPurgeBehind", "q_values"),
    ("QlmodelsDeadRows", "sessions"),
    ("QlmodelsPoolExhausted", "store"),
    ("QlmodelsDatabaseSilent", "gone"),
    ("ScrapedThrice", "qlmodels"),
}
"""What each is about."""

SCRAPED = """
  - name: the test's own, for a rate is one of two scrapes at least
    rules:
      - alert: ScrapedThrice
        expr: count_over_time(qlmodels_panel_request_seconds_count{job="qlmodels"}[1m]) >= 3
"""

EPISODES = (
    "insert into trajectories (agent_type, task_id, initial_state, final_state, actions_taken, "
    "states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, "
    "exploration_rate, started_at, completed_at) select $1, 't', '{}', '{}', '[\"a\"]', '[1]', "
    "'[1]', reward, 0, 1, $4, 0.25, now(), $3::timestamptz - (250 - place) * interval '1 minute' "
    "from unnest($2::float[]) with ordinality as e (reward, place)"
)
PAIRS = (
    "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value, "
    "last_updated, expires_at) select $1, number, '{}', 'a', '{}', 1000, "
    "now() - $2 * interval '1 day', now() + (number - 2) * interval '1 day' + interval '19 hours' "
    "from generate_series(1, 4) as number"
)
DEAD = "insert into sessions (agent_type) select $1 from generate_series(1, 10500)"
CLEAR = ("trajectories", "q_values", "sessions")


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def wrong(panel: Any, rows: asyncpg.Connection) -> AsyncIterator[None]:
    """An agent that fails, diverges, is silent and forgets; one that stalled; dead rows."""
    now = datetime.now(UTC)
    await rows.execute(EPISODES, AGENT, [0.0] * 50, now - timedelta(hours=3), False)
    returns = [
        level + number % 2
        for level, count in ((1.0, 50), (10.0, 50), (6.0, 150))
        for number in range(count)
    ]
    await rows.execute(EPISODES, STALLED, returns, now, True)
    await rows.execute(PAIRS, AGENT, 0)
    await rows.execute(PAIRS, UNUSED, 60)  # pairs of an agent type in use do not expire
    async with connect(panel.owner) as owner:
        await owner.execute("alter table sessions set (autovacuum_enabled = false)")
        transaction = owner.transaction()
        await transaction.start()
        await owner.execute(DEAD, AGENT)
        await transaction.rollback()
        yield
        await owner.execute("alter table sessions reset (autovacuum_enabled)")
        await owner.execute("vacuum sessions")
    for table in CLEAR:
        await rows.execute(
            f"delete from {table} where agent_type = any($1)", [AGENT, STALLED, UNUSED]
        )


@contextlib.asynccontextmanager
async def service(panel: Any) -> AsyncIterator[str]:
    """A service whose one connection somebody holds, so that others wait; where it is scraped."""
    registry = CollectorRegistry()
    metrics = StoreMetrics(registry)
    server, thread = start_http_server(0, addr="127.0.0.1", registry=registry)
    url = panel.owner.set(username=f"ql_{STORE}", password=PASSWORD)
    async with create_pool(url, max_size=1) as pool:
        store = LearningStore(pool, STORE, actions=["a"], meter=metrics)
        stop = asyncio.Event()
        working = asyncio.create_task(_work(store, stop))
        waiting = [asyncio.create_task(_wait(store, stop)) for _ in range(3)]
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            stop.set()
            await asyncio.wait([working, *waiting])
            server.shutdown()
            server.server_close()
            await asyncio.to_thread(_join, thread)


def _join(thread: threading.Thread) -> None:
    thread.join()


async def _work(store: LearningStore, stop: asyncio.Event) -> None:
    """All that a store's metrics count."""
    while not stop.is_set():
        lost = iter([asyncpg.SerializationError("lost")])

        async def odd(connection: Any, lost: Iterator[Exception] = lost) -> None:
            for failure in lost:
                raise failure
            await connection.fetch("select pg_sleep(0.1)")

        await store._run("odd", odd, repeatable=True)
        with pytest.raises(InvalidValue):
            await store._run("bad", lambda it: it.fetch("select 1/0"), repeatable=True)


async def _wait(store: LearningStore, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await store.learn("s", "a", 1.0, "s")


@dataclass
class Prometheus:
    client: httpx.AsyncClient
    told: set[tuple[str, str]] = field(default_factory=set)
    """Alerts that it told its alert manager of: their names, and what each is about."""

    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, query: str) -> list[dict[str, Any]]:
        answer = (await self.client.get("/api/v1/query", params={"query": query})).json()
        assert answer["status"] == "success", (query, answer)
        return list(answer["data"]["result"])

    async def hear(self, request: Request) -> Response:
        """As an alert manager does."""
        about = ("agent_type", "table", "pool", "job")
        for alert in await request.json():
            labels = alert["labels"]
            subject = next(labels[name] for name in about if name in labels)
            self.told.add((labels["alertname"], subject))
        self.news.set()
        return Response()


def hasty(text: str) -> str:
    """The rules with a second for every duration that they wait for, as nobody has half an hour."""
    return re.sub(r"for: \w+", "for: 0s", re.sub(r"\[2m\]", "[5s]", text))


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def prometheus(
    panel: Any, wrong: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Prometheus]:
    folder: Path = tmp_path_factory.mktemp("prometheus")
    rules = hasty((FILES / "alerts.yml").read_text("utf-8")) + SCRAPED
    (folder / "alerts.yml").write_text(rules)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"127.0.0.1:{port}"
    prometheus = Prometheus(httpx.AsyncClient(base_url=f"http://{address}", timeout=60))
    alerts = Starlette(routes=[Route("/api/v2/alerts", prometheus.hear, methods=["POST"])])
    async with (
        prometheus.client,
        serve(alerts) as manager,
        serve(create_app(panel.login, background=False)) as here,
        serve(create_app(panel.login.set(port=1), background=False)) as gone,
        service(panel) as stores,
    ):
        jobs = {"qlmodels": here, "gone": gone, "qlmodels-services": stores}
        configuration = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["alerts.yml"],
            "alerting": {"alertmanagers": [_at(manager)]},
            "scrape_configs": [{"job_name": job, **_at(url)} for job, url in jobs.items()],
        }
        (folder / "prometheus.yml").write_text(json.dumps(configuration))
        process = await asyncio.create_subprocess_exec(
            "prometheus",
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address={address}",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(60):
                await _until_ready(prometheus.client)
            yield prometheus
        finally:
            process.terminate()
            await process.wait()


async def _until_ready(client: httpx.AsyncClient) -> None:
    while True:
        try:
            if (await client.get("/-/ready")).status_code == 200:
                return
        except httpx.ConnectError:
            await asyncio.sleep(0.02)


def _at(url: str) -> dict[str, Any]:
    return {"static_configs": [{"targets": [url.removeprefix("http://")]}]}


async def test_each_alert_fires_of_what_is_wrong_and_of_nothing_else(
    prometheus: Prometheus,
) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(90):
            while not prometheus.told >= EXPECTED:
                await prometheus.news.wait()
                prometheus.news.clear()
    assert prometheus.told == EXPECTED


async def test_every_query_of_the_dashboard_is_answered(prometheus: Prometheus) -> None:
    dashboard = json.loads((FILES / "dashboard.json").read_text("utf-8"))
    queries = [
        target["expr"] for shown in dashboard["panels"] for target in shown.get("targets", ())
    ]
    assert len(queries) > 30
    empty = [
        query.replace("$__rate_interval", "1m").replace("$agent_type", ".*") for query in queries
    ]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(60):  # until each target was scraped twice
            while empty:
                empty = [query for query in empty if not await prometheus.ask(query)]
    assert empty == []

"""Instances as they change: heard of, read, shown without a reload, and never missed."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Page, expect
from qlmodels_admin import create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth import authentication
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from qlmodels_admin.learning import CachedVerdicts
from qlmodels_admin.live.listener import BEHIND_A_POOLER, LISTENING, LOST
from qlmodels_admin.live.stream import MAX_QUEUED_EVENTS, LiveFleet

from qlmodels.connection import connect, create_pool
from qlmodels.store import LearningStore
from tests.support.axe import complaints_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.newest_first]

AGENT = "test-generator"
PASSWORD = "correct horse battery staple"


@pytest_asyncio.fixture(loop_scope="session")
async def store(panel: Any, rows: asyncpg.Connection) -> AsyncIterator[LearningStore]:
    """An instance named `live-one`, by the agent's own login."""
    login = panel.owner.set(username=f"ql_{AGENT}", password=PASSWORD)
    async with create_pool(login) as pool:
        yield LearningStore(pool, AGENT, instance="live-one")
    for table in ("trajectories", "sessions", "q_values", "agent_states"):
        await rows.execute(f"delete from {table} where agent_type = $1", AGENT)


def row(page: Page, name: str = "live-one") -> Any:
    return page.locator(f"tr[data-key='{AGENT}/{name}']")


# -- what is announced -------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="session")
async def heard(panel: Any, rows: asyncpg.Connection) -> AsyncIterator[asyncio.Queue[str]]:
    """What a process of the panel is told."""
    told: asyncio.Queue[str] = asyncio.Queue()
    await rows.execute(
        "insert into qlmodels_admin.watchers values ('here', now() + interval '1 hour')"
    )
    async with connect(panel.login) as listening:
        await listening.add_listener("here", lambda *news: told.put_nowait(news[3]))
        yield told
    await rows.execute("delete from qlmodels_admin.watchers where channel = 'here'")


async def all_told(rows: asyncpg.Connection, heard: asyncio.Queue[str]) -> list[str]:
    """After a last word of our own, for words arrive in order."""
    await rows.execute("select pg_notify('here', 'last')")
    words = []
    async with asyncio.timeout(60):
        while (word := await heard.get()) != "last":
            words.append(word)
    return words


async def test_heartbeats_are_announced_once_a_second_at_most(
    store: LearningStore, rows: asyncpg.Connection, heard: asyncio.Queue[str]
) -> None:
    begin = time.monotonic()
    for _ in range(30):
        await store.heartbeat(status="learning")
    lasted = time.monotonic() - begin
    told = await all_told(rows, heard)
    assert set(told) == {json.dumps([AGENT, "live-one"])}
    assert 1 <= len(told) <= lasted + 2


async def test_finished_sessions_are_announced_and_learning_is_not(
    store: LearningStore, rows: asyncpg.Connection, heard: asyncio.Queue[str]
) -> None:
    await store.start_session()
    await store.learn("s", "a", 1.0, "t", next_actions=["a"])
    await store.finish_session()
    assert await all_told(rows, heard) == [json.dumps([AGENT, "live-one"])]


async def test_nothing_is_announced_to_who_has_left(
    store: LearningStore, rows: asyncpg.Connection, heard: asyncio.Queue[str]
) -> None:
    await rows.execute("update qlmodels_admin.watchers set expires_at = now() - interval '1 s'")
    await store.heartbeat()
    assert await all_told(rows, heard) == []


async def test_agents_cannot_learn_where_to_listen(panel: Any) -> None:
    async with connect(panel.owner.set(username=f"ql_{AGENT}", password=PASSWORD)) as agent:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await agent.fetch("select channel from qlmodels_admin.watchers")


# -- what is shown -----------------------------------------------------------------------------


async def test_the_end_of_the_demo_is_said(panel: Any, rows: asyncpg.Connection) -> None:
    agent = "demo-taxi"
    await rows.execute("insert into agent_types (agent_type, display_name) values ($1, $1)", agent)
    async with await panel.client("viewer") as client:
        for status, has_ended in (("learning", False), ("idle", True)):
            await rows.execute(
                "insert into agent_states (agent_type, agent_instance_id, status, last_activity, "
                "current_exploration_rate, current_learning_rate) "
                "values ($1, 'taxi-1', $2, now(), 0, 0) "
                "on conflict (agent_type, agent_instance_id) "
                "do update set status = excluded.status",
                agent,
                status,
            )
            page = (await client.get("/admin/fleet")).text
            assert ("The demo has ended" in page) is has_ended
    await rows.execute("delete from agent_states where agent_type = $1", agent)
    await rows.execute("delete from agent_types where agent_type = $1", agent)


@pytest.mark.browser
async def test_changes_show_without_a_reload(
    page: Page, store: LearningStore, rows: asyncpg.Connection
) -> None:
    await page.goto("/admin/fleet")
    await expect(page.locator(".live")).to_have_text("live")
    await store.heartbeat(status="learning")
    await expect(row(page)).to_contain_text("learning")
    await expect(page.locator("h1")).to_contain_text("at work")
    await store.start_session()
    for success in (True, False):
        store.finish_episode(success=success, total_reward=2.0)
    await store.heartbeat(status="paused")
    await expect(row(page)).to_contain_text("paused")
    await expect(row(page).locator("td.number").last).to_have_text("2")
    await rows.execute("delete from agent_states where agent_type = $1", AGENT)
    await expect(row(page)).to_have_count(0)


@pytest.mark.browser
async def test_who_gets_into_trouble_moves_up_with_the_reason(
    page: Page, store: LearningStore
) -> None:
    for name in ("a", "b"):
        await store.heartbeat(name)
    await page.goto("/admin/fleet")
    await expect(page.locator(".live")).to_have_text("live")
    names = page.locator(f"tr[data-key^='{AGENT}/'] td.is-key")
    await expect(names).to_have_text(["a", "b"])
    await row(page, "a").locator("a").first.focus()
    await store.heartbeat("b", status="error")
    await expect(names).to_have_text(["b", "a"])
    await expect(row(page, "b")).to_contain_text("1 instance in status error")
    await expect(page.locator("h1")).to_contain_text("needs attention, first b: in error")
    await expect(row(page, "a").locator("a").first).to_be_focused()


@pytest.mark.browser
async def test_it_reads_well_for_everybody(page: Page, store: LearningStore) -> None:
    await store.heartbeat(status="error")
    await page.emulate_media(reduced_motion="reduce")
    await page.goto("/admin/fleet")
    await expect(page.locator(".live")).to_have_text("live")
    assert await complaints_of(page) == []
    await page.set_viewport_size({"width": 390, "height": 844})
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    await expect(row(page).locator(".why")).to_be_visible()
    for _ in range(40):  # the first instance is reached by the keyboard alone
        await page.keyboard.press("Tab")
        if await row(page).locator("a").first.evaluate("link => link === document.activeElement"):
            break
    await expect(row(page).locator("a").first).to_be_focused()


@pytest.mark.browser
async def test_instances_lead_to_their_rows(page: Page, store: LearningStore) -> None:
    await store.heartbeat()
    await page.goto("/admin/fleet")
    await row(page).locator("a").first.click()
    await expect(page.locator("h1")).to_contain_text("agent_states 1")


SHOWN_MODES = """() => {
  window.shownModes = [];
  const live = document.querySelector(".live");
  new MutationObserver(() => window.shownModes.push(live.textContent))
    .observe(live, { childList: true, characterData: true, subtree: true });
}"""
"""Keeps what the page says of its connection, which may be another text a moment later."""


@pytest.mark.long
@pytest.mark.browser
async def test_a_lost_connection_is_told_and_what_came_meanwhile_shown(
    page: Page, store: LearningStore, rows: asyncpg.Connection
) -> None:
    await page.goto("/admin/fleet")
    await expect(page.locator(".live")).to_have_text("live")
    await page.evaluate(SHOWN_MODES)
    lost = await rows.fetch(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where usename = current_user and pid <> pg_backend_pid() "
        "and (query like 'LISTEN%' or query like '%qlmodels_admin.watchers%')"
    )
    assert lost
    await store.heartbeat(status="active")
    await page.wait_for_function("text => window.shownModes.includes(text)", arg=LOST)
    await expect(row(page)).to_contain_text("active")
    await expect(page.locator(".live")).to_have_text("live", timeout=10_000)
    await store.heartbeat(status="paused")
    await expect(row(page)).to_contain_text("paused")


async def events(client: httpx.AsyncClient, url: str) -> AsyncIterator[dict[str, Any]]:
    async with client.stream("GET", url) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


async def beat(store: LearningStore) -> None:
    """Report for ever, each time something else."""
    while True:
        await store.heartbeat(status="learning")
        await store.heartbeat(status="active")


@contextlib.asynccontextmanager
async def served(panel: Any, listener: socket.socket) -> AsyncIterator[Any]:
    """A panel of its own on `listener`, which stops as `qlmodels up` does."""
    app = create_app(panel.login, background=False)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield app
    finally:
        app.state.admin.sources.fleet.close()
        server.should_exit = True
        await serving


async def test_many_watchers_share_one_connection(
    panel: Any, store: LearningStore, rows: asyncpg.Connection
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    cookies = {SESSION_COOKIE: await panel.token("viewer")}
    known = {one["channel"] for one in await rows.fetch("table qlmodels_admin.watchers")}
    async with (
        served(panel, listener),
        httpx.AsyncClient(base_url=url, cookies=cookies, timeout=60) as client,
    ):
        streams = [events(client, "/admin/fleet/stream") for _ in range(30)]
        await asyncio.gather(*(anext(stream) for stream in streams))
        found = await rows.fetch("select * from qlmodels_admin.watchers where expires_at > now()")
        assert len({one["channel"] for one in found} - known) == 1
        await store.heartbeat(status="active")

        async def told(stream: AsyncIterator[dict[str, Any]]) -> None:
            async for event in stream:
                if f"{AGENT}/live-one" in event["rows"]:
                    return

        async with asyncio.timeout(60):
            await asyncio.gather(*(told(stream) for stream in streams))


async def test_a_stream_ends_whole_where_its_user_cannot_be_looked_up(
    panel: Any, store: LearningStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authentication, "RECHECK_INTERVAL_S", 0.0)
    cookies = {SESSION_COOKIE: await panel.token("viewer")}
    async with (
        connect(panel.owner) as owner,
        httpx.AsyncClient(base_url=panel.url, cookies=cookies, timeout=60) as client,
    ):
        stream = events(client, "/admin/fleet/stream")
        await anext(stream)
        await owner.execute("revoke select on qlmodels_admin.users from qlmodels_panel")
        try:
            async with asyncio.timeout(60), asyncio.TaskGroup() as group:
                beating = group.create_task(beat(store))
                async for _ in stream:  # a stream that is cut off raises RemoteProtocolError
                    pass
                beating.cancel()
        finally:
            await owner.execute("grant select on qlmodels_admin.users to qlmodels_panel")


@pytest.mark.browser
async def test_a_restarted_panel_is_found_again_and_nothing_missed(
    pages: Any, panel: Any, store: LearningStore
) -> None:
    page: Page = await pages("viewer")
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    async with served(panel, listener):
        await page.goto(f"http://127.0.0.1:{port}/admin/fleet")
        await expect(page.locator(".live")).to_have_text("live")
        await page.evaluate("window.kept = true")
    await expect(page.locator(".live")).to_have_text("connection lost; trying again")
    await store.heartbeat(status="paused")
    async with served(panel, socket.create_server(("127.0.0.1", port))):
        await expect(row(page)).to_contain_text("paused", timeout=15_000)
        await expect(page.locator(".live")).to_have_text("live")
        assert await page.evaluate("window.kept")
        await page.goto("about:blank")


async def test_behind_a_pooler_an_index_is_asked(
    panel: Any, store: LearningStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QLMODELS_POOLER", "transaction")
    app = create_app(panel.login, background=False)
    fleet = app.state.admin.sources.fleet
    stream = fleet.stream()
    assert await anext(stream) == b"retry: 1000\n\n"
    first = json.loads((await anext(stream)).removeprefix(b"data: "))
    assert first["mode"] == BEHIND_A_POOLER
    await store.heartbeat(status="active")
    async with asyncio.timeout(60):
        while True:
            news = json.loads((await anext(stream)).removeprefix(b"data: "))
            if "active" in news["rows"].get(f"{AGENT}/live-one", ""):
                break
    await stream.aclose()
    await close_app(app)


async def test_a_slow_watcher_is_told_all_anew(panel: Any) -> None:
    engine = panel.app.state.engine
    fleet = LiveFleet(engine, CachedVerdicts(engine))
    await fleet._changed(None)
    queue: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_QUEUED_EVENTS)
    fleet._audience.add(queue)
    for number in range(MAX_QUEUED_EVENTS + 1):
        fleet._tell(str(number).encode())
    assert queue.qsize() == 1
    whole = json.loads((queue.get_nowait() or b"").removeprefix(b"data: "))
    assert set(whole) == {"headline", "mode", "order", "rows"}


async def test_what_is_known_is_forgotten_when_nobody_watches(panel: Any) -> None:
    """Who comes next would be told that the page is live before anything listens."""
    engine = panel.app.state.engine
    fleet: Any = LiveFleet(engine, CachedVerdicts(engine))
    for _ in range(2):
        stream = fleet.stream()
        assert await anext(stream) == b"retry: 1000\n\n"
        assert fleet._said == {}
        first = json.loads((await anext(stream)).removeprefix(b"data: "))
        assert first["mode"] == LISTENING
        await stream.aclose()


async def test_visitors_are_not_told(panel: Any) -> None:
    async with await panel.client(None) as client:
        answer = await client.get("/admin/fleet/stream")
    assert answer.status_code == 303

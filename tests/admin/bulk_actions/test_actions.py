"""Actions over all rows of a list: what is shown before, done in batches, and stopped."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from qlmodels_admin.bulk_actions import runs

from qlmodels.connection import connect
from tests.support.axe import complaints_of
from tests.support.blocking import waiter_of
from tests.support.html import text_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT, OTHER = "visual-tester", "chaos-engineer"
LIST = f"/admin/trajectories/list?agent_type={AGENT}"
ACT = f"/admin/trajectories/act/priority?agent_type={AGENT}"
DELETE = f"/admin/trajectories/act/delete?agent_type={AGENT}"


@pytest_asyncio.fixture(loop_scope="session")
async def admin(panel: Any) -> Any:
    async with await panel.client("admin") as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def episodes(rows: asyncpg.Connection) -> AsyncIterator[int]:
    """Rows of one agent type, and one of another that nothing may touch."""
    for agent, count in ((AGENT, 23), (OTHER, 1)):
        await add_episodes(rows, agent, count)
    yield 23
    await rows.execute("delete from trajectories where agent_type = any($1)", [AGENT, OTHER])


async def add_episodes(rows: asyncpg.Connection, agent: str, count: int, first: str = "") -> None:
    """`first` begins their keys."""
    await rows.execute(
        "insert into trajectories (agent_type, trajectory_id, task_id, initial_state, final_state, "
        "actions_taken, states_visited, step_rewards, success, total_reward, "
        "discounted_reward, execution_time_ms, started_at, completed_at) "
        "select $1, overlay(gen_random_uuid()::text placing $3 from 1)::uuid, 't', '1', '1', '[]', "
        "'[]', '[]', true, 1, 1, 1, now(), now() from generate_series(1, $2)".replace(
            "'1'", "'1'::text::jsonb"
        ).replace("'[]'", "'[]'::text::jsonb"),
        agent,
        count,
        first,
    )


async def count(rows: asyncpg.Connection, **where: Any) -> int:
    names = " and ".join(f"{name} = ${place}" for place, name in enumerate(where, 1))
    found: Any = await rows.fetchval(
        f"select count(*) from trajectories where {names}", *where.values()
    )
    return int(found)


async def asked(client: httpx.AsyncClient, url: str, **values: str) -> str:
    """Ask for an action: where its run is."""
    answer = await client.post(url, data=values)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def ended(client: httpx.AsyncClient, run: str) -> dict[str, Any]:
    while True:
        progress: dict[str, Any] = (await client.get(f"{run}/progress")).json()
        if progress["status"] != "running":
            return progress
        await asyncio.sleep(0.05)


@pytest.mark.browser
async def test_all_rows_of_a_list_are_changed_after_they_were_shown(
    page: Page, rows: asyncpg.Connection, episodes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "ROWS_A_BATCH", 5)
    await page.goto(f"{LIST}&pageSize=25")
    await page.get_by_text("Actions", exact=True).click()
    await page.get_by_role("link", name="Set priority…").click()
    await expect(page.locator(".question")).to_contain_text("the 23 rows of this list")
    await expect(page.locator("table.list tbody tr")).to_have_count(10)
    await page.locator("#priority").fill("-1")
    await page.get_by_role("button", name="Review").click()
    await expect(page.locator(".field .error")).to_contain_text("greater than 0")
    await page.locator("#priority").fill("7.5")
    await page.get_by_role("button", name="Review").click()
    await expect(page.locator("h1")).to_have_text("Set priority: 23 rows?")
    await expect(page.locator("table.list tbody tr")).to_have_count(10)
    await expect(page.locator("td.change")).to_have_text(["1.0 → 7.5"] * 10)
    await expect(page.locator(".sample")).to_contain_text(
        re.compile(r"13\s+more rows are changed in the same way")
    )
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await complaints_of(page) == []
    assert await count(rows, priority=7.5) == 0
    await page.get_by_role("button", name="Change 23 rows").click()
    await expect(page.locator("h1")).to_have_text("Set priority: done")
    await expect(page.get_by_role("status")).to_have_text("23 of 23 rows")
    assert await count(rows, agent_type=AGENT, priority=7.5) == 23
    assert await count(rows, agent_type=OTHER, priority=1) == 1
    await page.get_by_role("link", name="See the changes in History").click()
    await expect(page.locator("table.list tbody tr").first).to_contain_text("priority 1 → 7.5")


async def test_what_stays_and_what_goes_along_is_counted(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, episodes: int
) -> None:
    session = uuid4()
    await rows.execute(
        "insert into sessions (agent_type, session_id) values ($1, $2)", AGENT, session
    )
    await rows.execute(
        "update trajectories set priority = 5, session_id = $2 where trajectory_id in "
        "(select trajectory_id from trajectories where agent_type = $1 limit 2)",
        AGENT,
        session,
    )
    await rows.execute(
        "insert into rewards (agent_type, trajectory_id, session_id, step, reward_value, "
        "reward_type, reward_source, state_hash, action_hash) "
        "select agent_type, trajectory_id, null, 0, 1, 'immediate', 'environment', "
        "repeat('a', 64), repeat('b', 64) from trajectories where session_id = $1",
        session,
    )
    await rows.execute(
        "insert into q_values (agent_type, session_id, state_hash, state_data, action_hash, "
        "action_data, q_value) values ($1, $2, repeat('c', 64), '1', 'up', '1', 0)".replace(
            "'1'", "'1'::text::jsonb"
        ),
        AGENT,
        session,
    )
    try:
        page = text_of((await admin.get(await asked(admin, ACT, priority="5"))).text)
        assert "2 of the 23 have this value already" in page
        sessions = f"/admin/sessions/act/delete?agent_type={AGENT}"
        page = text_of((await admin.get(await asked(admin, sessions))).text)
        assert "2 rows of trajectories are deleted with it" in page
        assert "2 rows of rewards are deleted with it" in page
        assert "1 row of q_values stays, but loses its session_id" in page
        assert await rows.fetchval("select count(*) from rewards where agent_type = $1", AGENT) == 2
    finally:
        await rows.execute("delete from sessions where session_id = $1", session)
        await rows.execute("delete from q_values where agent_type = $1", AGENT)


async def test_each_batch_is_one_transaction_of_whom_it_is_for(
    admin: httpx.AsyncClient, panel: Any, episodes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "ROWS_A_BATCH", 10)
    run = await asked(admin, ACT, priority="2")
    assert (await admin.post(f"{run}/start")).status_code == 303
    assert await ended(admin, run) == {"status": "finished", "done": 23, "total": 23}
    async with connect(panel.owner) as owner:
        batches = await owner.fetch(
            "select count(*), min(panel_user), min(note) from qlmodels_private.audit_log "
            "where note like 'action priority, run ' || $1 group by transaction_id "
            "order by min(entry_id)",
            run.rpartition("/")[2],
        )
    assert [row["count"] for row in batches] == [10, 10, 3]
    assert {row[1] for row in batches} == {"admin"}


async def test_nothing_is_done_if_other_rows_match_meanwhile(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, episodes: int
) -> None:
    run = await asked(admin, DELETE)
    await rows.execute(
        "delete from trajectories where trajectory_id in "
        "(select trajectory_id from trajectories where agent_type = $1 limit 3)",
        AGENT,
    )
    answer = await admin.post(f"{run}/start")
    assert answer.status_code == 409
    assert "20 rows match now, and 23 did" in answer.text
    assert await count(rows, agent_type=AGENT) == 20


async def test_nothing_is_done_if_more_rows_match_than_were_shown(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, episodes: int
) -> None:
    run = await asked(admin, DELETE)
    await add_episodes(rows, AGENT, 1)
    answer = await admin.post(f"{run}/start")
    assert answer.status_code == 409
    assert "24 rows match now, and 23 did" in answer.text
    assert await count(rows, agent_type=AGENT) == 24


async def test_rows_that_come_while_it_runs_are_left(
    admin: httpx.AsyncClient,
    rows: asyncpg.Connection,
    episodes: int,
    panel: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As many rows as were shown are changed, in batches of which the last is a part of one."""
    monkeypatch.setattr(runs, "ROWS_A_BATCH", 10)
    run = await asked(admin, ACT, priority="8")
    async with connect(panel.login) as holder:
        async with holder.transaction():
            await holder.execute(
                "select from trajectories where agent_type = $1 for no key update", AGENT
            )
            assert (await admin.post(f"{run}/start")).status_code == 303
            await waiter_of(holder)
            await add_episodes(rows, AGENT, 40, first="ffffffff")
        assert await ended(admin, run) == {"status": "finished", "done": 23, "total": 23}
    assert await count(rows, agent_type=AGENT, priority=8) == 23
    assert await count(rows, agent_type=AGENT) == 63


async def test_a_row_that_is_changed_while_it_runs_is_looked_at_again(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, episodes: int, panel: Any
) -> None:
    """It waits for who is changing it, and leaves it if it is none of the list's any more."""
    run = await asked(admin, f"{ACT}&success=yes", priority="8")
    async with connect(panel.login) as holder:
        async with holder.transaction():
            await holder.execute(
                "update trajectories set success = false where trajectory_id in "
                "(select trajectory_id from trajectories where agent_type = $1 limit 3)",
                AGENT,
            )
            assert (await admin.post(f"{run}/start")).status_code == 303
            await waiter_of(holder)
        progress = await ended(admin, run)
    assert (progress["status"], progress["done"]) == ("finished", 20)
    assert await count(rows, agent_type=AGENT, success=True, priority=8) == 20
    assert await count(rows, agent_type=AGENT, success=False, priority=1) == 3


async def test_a_run_is_started_once(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, episodes: int, panel: Any
) -> None:
    run = await asked(admin, ACT, priority="8")
    async with connect(panel.login) as holder:
        async with holder.transaction():
            await holder.execute(
                "select from trajectories where agent_type = $1 for no key update", AGENT
            )
            for _ in range(2):
                assert (await admin.post(f"{run}/start")).status_code == 303
            await waiter_of(holder)
            assert len(panel.app.state.admin.runner._tasks) == 1
        assert (await ended(admin, run))["status"] == "finished"
    async with connect(panel.owner) as owner:
        changes = await owner.fetchval(
            "select count(*) from qlmodels_private.audit_log where note like '%run ' || $1",
            run.rpartition("/")[2],
        )
    assert changes == 23


WAITS_FOR_A_LOCK = (
    "select exists (select from pg_stat_activity"
    " where datname = current_database() and wait_event_type = 'Lock')"
)


async def test_a_cancelled_action_does_nothing_more(
    admin: httpx.AsyncClient,
    rows: asyncpg.Connection,
    episodes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = await asked(admin, DELETE)
    assert (await admin.post(f"{run}/cancel")).status_code == 303
    assert (await admin.post(f"{run}/start")).status_code == 303
    assert (await ended(admin, run))["status"] == "cancelled"
    assert await count(rows, agent_type=AGENT) == 23

    reached, go_on = asyncio.Event(), asyncio.Event()
    apply = runs.apply

    async def slow(*arguments: Any) -> None:
        await apply(*arguments)
        reached.set()
        await go_on.wait()

    monkeypatch.setattr(runs, "ROWS_A_BATCH", 10)
    monkeypatch.setattr(runs, "apply", slow)
    run = await asked(admin, DELETE)
    await admin.post(f"{run}/start")
    await reached.wait()
    cancelling = asyncio.create_task(admin.post(f"{run}/cancel"))
    async with asyncio.timeout(60):
        while not await rows.fetchval(WAITS_FOR_A_LOCK):
            pass
    go_on.set()
    await cancelling
    progress = await ended(admin, run)
    assert progress["status"] == "cancelled"
    assert progress["done"] == 23 - await count(rows, agent_type=AGENT)


async def test_a_batch_that_fails_does_nothing_and_says_why(
    admin: httpx.AsyncClient,
    rows: asyncpg.Connection,
    episodes: int,
    monkeypatch: pytest.MonkeyPatch,
    panel: Any,
) -> None:
    monkeypatch.setattr(runs, "ROWS_A_BATCH", 10)
    stubborn = await rows.fetchval(
        "select trajectory_id from trajectories where agent_type = $1 "
        "order by trajectory_id offset 12 limit 1",
        AGENT,
    )
    async with connect(panel.owner) as owner:
        await owner.execute(
            f"alter table trajectories add constraint ck_trajectories_priority_of_one "
            f"check (trajectory_id <> '{stubborn}' or priority < 5)"
        )
        try:
            run = await asked(admin, ACT, priority="6")
            await admin.post(f"{run}/start")
            assert await ended(admin, run) == {"status": "failed", "done": 10, "total": 23}
        finally:
            await owner.execute(
                "alter table trajectories drop constraint ck_trajectories_priority_of_one"
            )
    page = (await admin.get(run)).text
    assert "break the table&#39;s rule" in page
    assert await count(rows, agent_type=AGENT, priority=6) == 10


async def test_an_action_that_was_cut_off_continues(
    admin: httpx.AsyncClient,
    rows: asyncpg.Connection,
    panel: Any,
    episodes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs, "ROWS_A_BATCH", 10)
    run = await asked(admin, ACT, priority="3")
    async with connect(panel.owner) as owner:
        first = await rows.fetch(
            "select trajectory_id from trajectories where agent_type = $1 "
            "order by trajectory_id limit 10",
            AGENT,
        )
        await owner.execute(
            "update qlmodels_admin.action_runs set status = 'running', done = 10, place = $2, "
            "changed_at = now() - interval '2 minutes' where run_id = $1",
            run.rpartition("/")[2],
            f"{AGENT};{first[-1][0]}",
        )
    assert "Continue" in (await admin.get(run)).text
    await admin.post(f"{run}/start")
    assert await ended(admin, run) == {"status": "finished", "done": 23, "total": 23}
    assert await count(rows, agent_type=AGENT, priority=3) == 13


# -- who may -----------------------------------------------------------------------------------


async def test_roles_hold_for_actions(panel: Any, rows: asyncpg.Connection, episodes: int) -> None:
    async with await panel.client("viewer") as viewer, await panel.client("editor") as editor:
        assert "Actions" not in (await viewer.get(LIST)).text
        assert "Delete all…" not in (await editor.get(LIST)).text
        for method in ("GET", "POST"):
            assert (await viewer.request(method, ACT)).status_code == 403
            assert (await editor.request(method, DELETE)).status_code == 403
        run = await asked(editor, ACT, priority="2")
        for method, route in (
            ("GET", ""),
            ("GET", "/progress"),
            ("POST", "/start"),
            ("POST", "/cancel"),
        ):
            assert (await viewer.request(method, f"{run}{route}")).status_code == 404
        async with await panel.client("admin") as admin:
            assert (await admin.get(run)).status_code == 200
            assert (await admin.post(f"{run}/start")).status_code == 403
            assert (await admin.post(f"{run}/cancel")).status_code == 303


async def test_who_may_no_longer_sees_and_starts_no_run_of_theirs(
    panel: Any, rows: asyncpg.Connection, episodes: int
) -> None:
    role = "update qlmodels_admin.users set role = $1 where name = 'editor'"
    async with await panel.client("editor") as editor, connect(panel.owner) as owner:
        run = await asked(editor, ACT, priority="2")
        await owner.execute(role, "viewer")
        try:
            answers = [
                (await editor.request(method, f"{run}{route}")).status_code
                for method, route in (
                    ("GET", ""),
                    ("GET", "/progress"),
                    ("POST", "/start"),
                    ("POST", "/cancel"),
                )
            ]
        finally:
            await owner.execute(role, "editor")
        assert answers == [403, 403, 403, 403]
        assert await status_of(rows, run) == "asked"
    assert await count(rows, agent_type=AGENT, priority=2) == 0


async def status_of(rows: asyncpg.Connection, run: str) -> str:
    return str(
        await rows.fetchval(
            "select status from qlmodels_admin.action_runs where run_id = $1",
            run.rpartition("/")[2],
        )
    )


@pytest.mark.parametrize(
    ("barred", "back"),
    [("role = 'viewer'", "role = 'editor'"), ("is_active = false", "is_active = true")],
)
async def test_who_may_no_longer_is_stopped(
    panel: Any,
    rows: asyncpg.Connection,
    episodes: int,
    monkeypatch: pytest.MonkeyPatch,
    barred: str,
    back: str,
) -> None:
    monkeypatch.setattr(runs, "ROWS_A_BATCH", 10)
    async with await panel.client("editor") as editor, connect(panel.owner) as owner:
        run = await asked(editor, ACT, priority="4")
        apply = runs.apply
        change = "update qlmodels_admin.users set {} where name = 'editor'"

        async def demoted(*arguments: Any) -> None:
            await apply(*arguments)
            await owner.execute(change.format(barred))

        monkeypatch.setattr(runs, "apply", demoted)
        await editor.post(f"{run}/start")
        status = "running"
        while status == "running":
            await asyncio.sleep(0.05)
            found: Any = await rows.fetchval(
                "select case when status = 'running' then status else status || ' ' || done end "
                "from qlmodels_admin.action_runs where run_id = $1",
                run.rpartition("/")[2],
            )
            status = found
        await owner.execute(change.format(back))
    assert status == "failed 10"


async def test_what_is_malformed_is_told(admin: httpx.AsyncClient, episodes: int) -> None:
    base = "/admin/trajectories/act"
    for method, url, status in (
        ("GET", f"{base}/nothing", 404),
        ("GET", "/admin/nothing/act/delete", 404),
        ("GET", f"{base}/priority?session_id=x", 422),
        ("GET", f"{base}/priority?search=%00", 422),
        ("POST", f"{base}/priority?session_id=%00", 422),
        ("POST", ACT, 422),
        ("GET", f"/admin/runs/{uuid4()}", 404),
        ("POST", f"/admin/runs/{uuid4()}/start", 404),
        ("GET", "/admin/runs/x", 404),
        ("GET", f"/admin/runs/{uuid4()}/start", 405),
        ("POST", f"{base}/priority?agent_type=nobody", 422),
    ):
        data = {"priority": "x"} if method == "POST" else None
        answer = await admin.request(method, url, data=data)
        assert answer.status_code == status, (method, url, answer.text)

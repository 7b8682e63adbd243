"""Moments that Postgres holds and no datetime can tell: infinity, and years after 9999."""

from typing import Any

import asyncpg
import pytest

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT = "quality-gate"


@pytest.mark.parametrize("moment", ["infinity", "-infinity"])
async def test_they_are_shown_and_saved_as_they_are(
    panel: Any, rows: asyncpg.Connection, read_form: Any, moment: str
) -> None:
    session = await rows.fetchval(
        "insert into sessions (agent_type, session_name, end_time)"
        " values ($1, 'eternal', $2::text::timestamptz) returning session_id",
        AGENT,
        moment,
    )
    own = f"/admin/sessions/{{}}/{AGENT}%3B{session}"
    try:
        async with await panel.client("admin") as client:
            for url in (
                f"/admin/sessions/list?agent_type={AGENT}",
                f"/admin/sessions/list?agent_type={AGENT}&sortBy=end_time&pageSize=1",
                own.format("details"),
                own.format("edit"),
            ):
                page = await client.get(url)
                assert page.status_code == 200, url
                assert moment in page.text, url
            form = read_form((await client.get(own.format("edit"))).text)
            assert form["end_time"] == moment
            saved = await client.post(own.format("edit"), data={**form, "session_name": "renamed"})
            assert saved.status_code == 303, saved.text
            row = await rows.fetchrow(
                "select session_name, end_time::text from sessions where session_id = $1", session
            )
            assert tuple(row or ()) == ("renamed", moment)
            now = read_form((await client.get(own.format("edit"))).text)
            written = await client.post(own.format("edit"), data={**now, "end_time": "2030-01-31"})
            assert written.status_code == 303
            again = read_form((await client.get(own.format("edit"))).text)
            done = await client.post(own.format("edit"), data={**again, "end_time": moment})
            assert done.status_code == 303
            assert moment == await rows.fetchval(
                "select end_time::text from sessions where session_id = $1", session
            )
    finally:
        await rows.execute("delete from sessions where session_id = $1", session)


async def test_pages_and_metrics_do_not_fail_by_them(panel: Any, rows: asyncpg.Connection) -> None:
    """What an agent may write must not keep the others' rows from being shown."""
    await rows.execute(
        "insert into trajectories (agent_type, task_id, initial_state, final_state, actions_taken,"
        " states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms,"
        " success, started_at, completed_at)"
        " select $1, 't', '1'::text::jsonb, '1'::text::jsonb, '[]'::text::jsonb,"
        " '[]'::text::jsonb, '[]'::text::jsonb, 1, 1, 1, true, at, at"
        " from unnest('{-infinity,infinity,20000-01-01}'::timestamptz[]) as given (at)",
        AGENT,
    )
    await rows.execute(
        "insert into agent_states (agent_type, agent_instance_id, current_exploration_rate,"
        " current_learning_rate, last_activity) values ($1, 'one', 0, 0, 'infinity')",
        AGENT,
    )
    try:
        async with await panel.client("admin") as client:
            for url in (
                f"/admin/trajectories/list?agent_type={AGENT}",
                f"/admin/trajectories/list?agent_type={AGENT}&sortBy=completed_at&pageSize=1",
                f"/admin/agent_states/list?agent_type={AGENT}",
                "/admin/",
                "/admin/fleet",
                f"/admin/curves?agent_type={AGENT}",
                f"/admin/trajectory?agent_type={AGENT}",
                f"/admin/policy?agent_type={AGENT}",
                f"/admin/search?q={AGENT}",
                "/admin/database",
                "/metrics",
            ):
                page = await client.get(url)
                assert page.status_code == 200, (url, page.text[:300])
    finally:
        await rows.execute("delete from trajectories where agent_type = $1", AGENT)
        await rows.execute("delete from agent_states where agent_type = $1", AGENT)

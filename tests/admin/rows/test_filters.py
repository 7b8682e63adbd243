"""What each filter leaves, at its ends too."""

import json
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT, OTHER = "x-filtered", "x-filtered-too"
ONE, TWO = UUID(int=101), UUID(int=102)

EPISODES = (
    ("50%_a", True, False, -1.0, "2030-01-31 00:00", None, ONE),
    ("b", True, True, 0.0, "2030-01-31 23:59:59", "late", TWO),
    ("c", False, False, 2.0, "2030-02-01 00:00", None, None),
    ("50%xd", False, False, 2.5, "2020-01-01 00:00", None, None),
)
"""Task, success, whether it is an evaluation, return, when it was completed, error, session."""

PAIRS = (
    ("ab1", 1, 1.0, None, '{"k": 1}', '{"k": 2}'),
    ("ab2", 2, 1.5, 0.5, '{"k": 2}', '{"k": 1}'),
    ("cab", 3, 2.0, -0.5, '{"k": 3}', '{"k": 3}'),
)
"""State hash, visits, value, TD error, state, action."""


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def filtered(rows: asyncpg.Connection) -> Any:
    for agent in (AGENT, OTHER):
        await rows.execute(
            "insert into agent_types (agent_type, display_name) values ($1, 'x')", agent
        )
    for agent, session, instance in (
        (AGENT, ONE, "one"),
        (AGENT, TWO, "two"),
        (OTHER, TWO, "one"),
    ):
        await rows.execute(
            "insert into sessions (agent_type, session_id, agent_instance_id) values ($1, $2, $3)",
            agent,
            session,
            instance,
        )
    await rows.executemany(
        "insert into trajectories (agent_type, task_id, success, is_evaluation, total_reward,"
        " completed_at, error_message, session_id, initial_state, final_state, actions_taken,"
        " states_visited, step_rewards, discounted_reward, execution_time_ms, started_at)"
        f" values ('{AGENT}', $1, $2, $3, $4, $5::text::timestamp at time zone 'UTC', $6, $7,"
        " '1'::text::jsonb, '1'::text::jsonb, '[]'::text::jsonb, '[]'::text::jsonb,"
        " '[]'::text::jsonb, 0, 0, '2020-01-01+00')",
        EPISODES,
    )
    await rows.executemany(
        "insert into q_values (agent_type, state_hash, action_hash, visit_count, q_value,"
        " td_error, state_data, action_data)"
        f" values ('{AGENT}', $1, 'a', $2, $3, $4, $5::text::jsonb, $6::text::jsonb)",
        PAIRS,
    )
    yield
    for table in ("q_values", "trajectories", "sessions", "agent_types"):
        await rows.execute(f"delete from {table} where agent_type = any($1)", [AGENT, OTHER])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def viewer(panel: Any) -> Any:
    async with await panel.client("viewer") as client:
        yield client


async def found(client: httpx.AsyncClient, table: str, name: str, **query: str) -> str:
    """The rows' names, a letter each."""
    answer = await client.get(f"/admin/{table}/export/json", params={"agent_type": AGENT, **query})
    assert answer.status_code == 200, answer.text
    return "".join(sorted(json.loads(line)[name][-1] for line in answer.text.splitlines()))


@pytest.mark.parametrize(
    ("parameter", "value", "wanted"),
    [
        ("success", "yes", "ab"),
        ("success", "no", "cd"),
        ("is_evaluation", "yes", "b"),
        ("is_evaluation", "no", "acd"),
        ("total_reward", "-1..2", "abc"),
        ("total_reward", "2..", "cd"),
        ("total_reward", "..0", "ab"),
        ("total_reward", "2", "c"),
        ("total_reward", "0..2", "bc"),
        ("completed_at", "2030-01-31..2030-01-31", "ab"),
        ("completed_at", "2030-02-01..", "c"),
        ("completed_at", "..2030-01-31", "abd"),
        ("completed_at", "2030-01-31..2030-02-01", "abc"),
        ("completed_at", "..2030-01-31T00:00", "ad"),
        ("completed_at", "2030-01-31T23:59:59..2030-02-01T00:00", "bc"),
        ("error_message", "null", "acd"),
        ("error_message", "not null", "b"),
        ("error_message", "late", "b"),
        ("session_id", "null", "cd"),
        ("session_id", "not null", "ab"),
        ("session_id", str(TWO), "b"),
        ("instance", "one", "a"),
        ("instance", "two", "b"),
        ("search", "50%", "ad"),
        ("search", "50%_", "a"),
        ("search", "B", "b"),
        ("search", str(ONE), "a"),
    ],
)
async def test_episodes(viewer: httpx.AsyncClient, parameter: str, value: str, wanted: str) -> None:
    assert await found(viewer, "trajectories", "task_id", **{parameter: value}) == wanted


@pytest.mark.parametrize(
    ("parameter", "value", "wanted"),
    [
        ("visit_count", "1..2", "12"),
        ("visit_count", "1.5..", "2b"),
        ("visit_count", "..2.5", "12"),
        ("visit_count", "2", "2"),
        ("visit_count", "2.5", ""),
        ("q_value", "1.5..", "2b"),
        ("q_value", "..1.5", "12"),
        ("q_value", "1.25..1.75", "2"),
        ("td_error", "..0", "b"),
        ("td_error", "0.5", "2"),
        ("td_error", "null", "1"),
        ("td_error", "not null", "2b"),
        ("state_data", '{"k": 1}', "1"),
        ("action_data", '{"k": 1}', "2"),
        ("search", '{"k": 1}', "12"),
        ("search", "ab", "12"),
        ("search", "cab", "b"),
        ("state_hash", "ab1", "1"),
        ("state_hash", "ab", ""),
    ],
)
async def test_pairs(viewer: httpx.AsyncClient, parameter: str, value: str, wanted: str) -> None:
    assert await found(viewer, "q_values", "state_hash", **{parameter: value}) == wanted


async def test_filters_add_up(viewer: httpx.AsyncClient) -> None:
    both = {"success": "yes", "total_reward": "0..", "search": "b"}
    assert await found(viewer, "trajectories", "task_id", **both) == "b"
    assert await found(viewer, "trajectories", "task_id", **{**both, "success": "no"}) == ""
    two = await viewer.get(f"/admin/trajectories/export/json?agent_type={OTHER}")
    assert two.text == ""


@pytest.mark.parametrize(("size", "shown"), [("0", 1), ("1", 1), ("3", 3), ("99999", 4)])
async def test_a_page_has_the_rows_that_were_asked_for(
    viewer: httpx.AsyncClient, size: str, shown: int
) -> None:
    page = await viewer.get(f"/admin/trajectories/list?agent_type={AGENT}&pageSize={size}")
    assert page.text.count('<a class="key"') == shown
    assert ("after=" in page.text) == (shown < 4)

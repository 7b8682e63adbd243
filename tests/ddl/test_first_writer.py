"""Whole rows may be sent again; columns of the first writer keep what they were inserted with."""

from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest

from qlmodels.connection import connect, create_pool
from qlmodels.ddl.columns_by_role import FIRST_WRITERS, UPDATABLE
from qlmodels.store import LearningStore
from tests.conftest import Database
from tests.store.operations import OPERATIONS, reset

AGENT = "test-generator"
ROWS: dict[str, dict[str, Any]] = {
    "q_values": {
        "agent_type": AGENT,
        "state_hash": "s",
        "state_data": '{"at": 1}',
        "action_hash": "a",
        "action_data": '{"go": "up"}',
        "q_value": 1.0,
        "created_at": "2026-01-01T00:00:00+00:00",
    },
    "sessions": {
        "agent_type": AGENT,
        "session_id": "00000000-0000-0000-0000-000000000001",
        "session_name": "one",
        "start_time": "2026-01-01T00:00:00+00:00",
        "created_at": "2026-01-01T00:00:00+00:00",
        "updated_at": "2026-01-02T00:00:00+00:00",
    },
    "patterns": {
        "agent_type": AGENT,
        "pattern_id": "00000000-0000-0000-0000-000000000002",
        "pattern_name": "one",
        "pattern_type": "test",
        "pattern_data": "{}",
    },
    "agent_states": {
        "agent_type": AGENT,
        "agent_instance_id": "one",
        "total_tasks": 3,
        "current_exploration_rate": 0.1,
        "current_learning_rate": 0.1,
        "updated_at": "2026-01-02T00:00:00+00:00",
    },
    "trajectories": {
        "agent_type": AGENT,
        "trajectory_id": "00000000-0000-0000-0000-000000000003",
        "task_id": "one",
        "initial_state": "{}",
        "final_state": "{}",
        "actions_taken": "[1]",
        "states_visited": "[1]",
        "step_rewards": "[1]",
        "total_reward": 1.0,
        "discounted_reward": 1.0,
        "execution_time_ms": 5,
        "success": True,
        "started_at": "2026-01-01T00:00:00+00:00",
    },
    "rewards": {
        "agent_type": AGENT,
        "state_hash": "s",
        "action_hash": "a",
        "reward_value": 1.0,
        "reward_type": "terminal",
        "observed_at": "2026-01-01T00:00:00+00:00",
    },
}
KEYS = {
    "q_values": "agent_type, state_hash, action_hash",
    "sessions": "agent_type, session_id",
    "patterns": "agent_type, pattern_id",
    "agent_states": "agent_type, agent_instance_id",
    "trajectories": "agent_type, trajectory_id",
    "rewards": "agent_type, reward_id",  # which the server gives, so that none is met twice
}
CHANGES: Mapping[str, tuple[str, Any]] = {
    "q_values": ("state_data", '{"at": 2}'),
    "sessions": ("start_time", "2026-02-01T00:00:00+00:00"),
    "patterns": ("pattern_name", "another"),
    "agent_states": ("agent_instance_id", "another"),
    "trajectories": ("total_reward", 77.0),
    "rewards": ("reward_value", 77.0),
}

pytestmark = pytest.mark.one_major


async def upsert(client: asyncpg.Connection, table: str, row: Mapping[str, Any]) -> None:
    """As PostgREST writes what supabase-js sends by `.upsert()`: every column of the payload."""
    columns = ", ".join(row)
    settings = ", ".join(f"{name} = excluded.{name}" for name in row)
    payload = f"json_populate_record(null::public.{table}, json_strip_nulls($1::json))"
    await client.execute(
        f"insert into public.{table} ({columns}) select {columns} from {payload}"
        f" on conflict ({KEYS[table]}) do update set {settings}",
        _json(row),
    )


def _json(row: Mapping[str, Any]) -> str:
    parts = []
    for name, value in row.items():
        text = str(value)
        is_document = text[:1] in {"{", "["}
        if isinstance(value, bool):
            text = str(value).lower()
        elif isinstance(value, str) and not is_document:
            text = f'"{value}"'
        parts.append(f'"{name}": {text}')
    return f"{{{', '.join(parts)}}}"


def test_the_rows_are_of_every_table_that_agents_update() -> None:
    assert ROWS.keys() == UPDATABLE.keys() == FIRST_WRITERS.keys()


@pytest.mark.parametrize("table", ROWS)
async def test_a_whole_row_is_sent_again(database: Database, table: str) -> None:
    async with connect(database.url(f"ql_{AGENT}")) as agent:
        for _ in range(2):
            await upsert(agent, table, ROWS[table])
        rows = 2 if table == "rewards" else 1
        assert await agent.fetchval(f"select count(*) from {table}") == rows


@pytest.mark.parametrize("table", ROWS)
async def test_another_value_is_refused_and_named(database: Database, table: str) -> None:
    column, value = CHANGES[table]
    async with connect(database.url(f"ql_{AGENT}")) as agent:
        await upsert(agent, table, ROWS[table])
        before = await agent.fetchval(f"select row_to_json(it)::text from {table} as it")
        with pytest.raises(asyncpg.InsufficientPrivilegeError) as refused:
            await agent.execute(
                f"update {table} set {column} = (json_populate_record(null::{table}, $1)).{column}",
                _json({column: value}),
            )
        assert column in str(refused.value)
        assert await agent.fetchval(f"select row_to_json(it)::text from {table} as it") == before
    async with connect(database.owner) as owner:
        await owner.execute(
            f"update {table} set {column} = (json_populate_record(null::{table}, $1)).{column}",
            _json({column: value}),
        )


OTHER_VALUES = {
    "uuid": "gen_random_uuid()",
    "jsonb": """'[[7]]'::jsonb""",
    "boolean": "not coalesce({0}, false)",
    "timestamp with time zone": "coalesce({0}, now()) + interval '1 day'",
    "character varying": "concat({0}, 'x')",
    "text": "concat({0}, 'x')",
}
"""Another value of a type; a number grows by 1."""


@pytest.mark.parametrize("table", ROWS)
async def test_each_such_column_is_kept(database: Database, table: str) -> None:
    async with connect(database.url(f"ql_{AGENT}")) as agent:
        await upsert(agent, table, ROWS[table])
        for column in FIRST_WRITERS[table]:
            kind = await agent.fetchval(
                "select data_type from information_schema.columns"
                " where table_name = $1 and column_name = $2 and table_schema = 'public'",
                table,
                column,
            )
            other = OTHER_VALUES.get(str(kind), "coalesce({0}, 0) + 1").format(column)
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"column {column} of"):
                await agent.execute(f"update {table} set {column} = {other}")


NAMED = """
create function named() returns trigger language plpgsql as
$$ begin raise exception 'a column of the first writer is named in %', tg_table_name; end $$;
"""


async def test_our_own_statements_name_none_of_them(database: Database) -> None:
    """A trigger of columns costs nothing where a statement sets none of them."""
    async with connect(database.owner) as owner:
        await reset(owner)
        await owner.execute(NAMED)
        for table, columns in FIRST_WRITERS.items():
            await owner.execute(
                f"create trigger named before update of {', '.join(columns)} on {table}"
                " for each row execute function named()"
            )
    async with create_pool(database.url(f"ql_{AGENT}"), max_size=2) as pool:
        store = LearningStore(pool, AGENT, instance="i", actions=["a", "b"])
        for _ in range(2):  # of rows that are not there, and of rows that are
            for operation in OPERATIONS.values():
                await operation.run(store, **operation.arguments)
        with pytest.raises(asyncpg.RaiseError, match="named in q_values"):
            await pool.execute("update q_values set state_hash = state_hash")


@pytest.mark.parametrize("table", ["sessions", "agent_states"])
async def test_updated_at_may_be_sent_and_is_the_servers(database: Database, table: str) -> None:
    async with connect(database.url(f"ql_{AGENT}")) as agent:
        await upsert(agent, table, ROWS[table])
        await agent.execute(f"update {table} set updated_at = '2001-01-01', metadata = '{{}}'")
        assert await agent.fetchval(f"select updated_at > '2002-01-01' from {table}")


async def test_former_names_of_the_summaries(database: Database) -> None:
    pattern = ROWS["patterns"]["pattern_id"]
    async with connect(database.url(f"ql_{AGENT}")) as agent:
        for table in ("sessions", "patterns", "agent_states", "trajectories", "q_values"):
            await upsert(agent, table, ROWS[table])
        await upsert(agent, "q_values", {**ROWS["q_values"], "action_hash": "b", "visit_count": 2})
        await upsert(agent, "patterns", ANOTHER_VERSION)
        await agent.execute(
            "update patterns set usage_count = 2, last_used = now() - interval '3 days 12 hours'"
        )
        for used in (f'["{pattern}", "{pattern}"]', f'["{pattern}"]', '"none"', "[1, null]"):
            await agent.execute(
                "insert into trajectories (agent_type, task_id, initial_state, final_state,"
                " actions_taken, states_visited, step_rewards, total_reward, discounted_reward,"
                " execution_time_ms, success, started_at, metadata) values"
                " ($1, 't', '{}', '{}', '[]', '[]', '[]', 4, 4, 5, false, now(),"
                " jsonb_build_object('patterns_used', $2::jsonb))",
                AGENT,
                used,
            )
        [summary] = await agent.fetch(
            "select total_sessions, cumulative_reward, active_instances, unique_patterns,"
            " avg_execution_time_ms, total_trajectories, successful_trajectories,"
            " avg_state_visits, last_active = last_activity as same from agent_performance_summary"
        )
        assert tuple(summary) == (1, 17.0, 1, 2, 5.0, 5, 1, 1.5, True)
        [effect] = await agent.fetch(
            "select pattern_type, trajectories_using_pattern, avg_trajectory_reward,"
            " round(days_since_used::numeric, 2)::float from pattern_effectiveness"
            " where version = 1"
        )
        assert tuple(effect) == ("test", 2, 4.0, 3.5)
        assert await agent.fetchval("select refresh_materialized_views()") in {None, ""}
    async with connect(database.url("qlpanel_test")) as panel:
        plan = await panel.fetch("explain select pattern_name from pattern_effectiveness")
    assert "on trajectories" not in str(plan), "episodes are read where they are asked for"


ANOTHER_VERSION: Mapping[str, Any] = ROWS["patterns"] | {
    "pattern_id": "00000000-0000-0000-0000-000000000004",
    "version": 2,
}

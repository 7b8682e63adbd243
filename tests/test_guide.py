"""Clients written for the original deployment guide run unchanged."""

import json
import uuid
from datetime import UTC, datetime

import asyncpg
import pytest

from qlmodels.connection import connect, connect_arguments
from tests.conftest import Database

AGENT = "test-generator"

MANY_PAIRS = """
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value)
select 'test-generator',
       encode(sha256(convert_to('state ' || n / 8, 'UTF8')), 'hex'),
       jsonb_build_object('module', 'module ' || n / 800, 'complexity', n % 17),
       encode(sha256(convert_to('action ' || n % 8, 'UTF8')), 'hex'),
       jsonb_build_object('action', n % 8),
       n::double precision / 100000
  from generate_series(0, 99999) as n
"""


async def test_the_pool_and_the_upsert(database: Database) -> None:
    pool = await asyncpg.create_pool(
        **connect_arguments(database.url(f"ql_{AGENT}")),
        min_size=1,
        max_size=2,
        command_timeout=60,
    )
    async with pool, pool.acquire() as connection:
        q_value_id = await connection.fetchval(
            "SELECT upsert_q_value($1, $2, $3, $4, $5, $6, $7)",
            "test-generator",
            "abc123",
            '{"module": "auth"}',
            "def456",
            '{"action": "generate_unit_test"}',
            0.75,
            None,
        )
        assert isinstance(q_value_id, int)
        found = await connection.fetch(
            """SELECT * FROM q_values WHERE state_data @> '{"module": "auth"}'"""
        )
        assert [row["q_value_id"] for row in found] == [q_value_id]


async def test_the_agent_context_changes_nothing(database: Database) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(
            "select upsert_q_value('security-scanner', 's', '{}', 'a', '{}', 1),"
            " upsert_q_value('test-generator', 's', '{}', 'a', '{}', 2)"
        )
    async with connect(database.url(f"ql_{AGENT}")) as connection:
        for named in ("test-generator", "security-scanner"):
            await connection.execute(f"SET app.agent_type = '{named}'")
            rows = await connection.fetch("SELECT * FROM q_values WHERE state_hash = $1", "s")
            assert [row["agent_type"] for row in rows] == [AGENT]


@pytest.mark.newest_first
async def test_the_index_is_used_at_100k_rows(database: Database) -> None:
    async with (
        connect(database.url(f"ql_{AGENT}")) as connection,
        connect(database.owner) as owner,
    ):
        await connection.execute(MANY_PAIRS)
        await owner.execute("analyze q_values")
        plan = await connection.fetch(
            "EXPLAIN ANALYZE SELECT * FROM q_values "
            "WHERE agent_type = 'test-generator' AND state_hash = 'abc'"
        )
        assert any("Index Scan using uq_q_values_pair" in row[0] for row in plan)
        rows = await connection.fetch(
            """SELECT * FROM q_values WHERE state_data @> '{"module": "module 7"}'"""
        )
        assert len(rows) == 800


async def test_best_action_by_the_edge_functions_arguments(database: Database) -> None:
    async with connect(database.url(f"ql_{AGENT}")) as connection:
        for action, value in (("low", 0.1), ("high", 0.9)):
            await connection.fetchval(
                "select upsert_q_value($1, $2, $3, $4, $5, $6)",
                AGENT,
                "abc123",
                "{}",
                action,
                json.dumps({"action": action}),
                value,
            )
        best = await connection.fetchrow(
            "select * from get_best_action(p_agent_type => $1, p_state_hash => $2)",
            AGENT,
            "abc123",
        )
        assert best is not None
        assert list(best.keys()) == ["action_data", "q_value", "confidence_score"]
        assert (json.loads(best["action_data"]), best["q_value"]) == ({"action": "high"}, 0.9)


async def test_the_service_role_inserts_a_trajectory(database: Database) -> None:
    async with connect(database.superuser) as connection, connection.transaction():
        await connection.execute("set local role service_role")
        session_id = uuid.uuid4()
        await connection.execute(
            "insert into sessions (agent_type, session_id) values ('test-executor', $1)", session_id
        )
        stored = await connection.fetchval(
            """insert into trajectories (
                   agent_type, session_id, task_id, initial_state, final_state, actions_taken,
                   states_visited, step_rewards, total_reward, discounted_reward,
                   execution_time_ms, success, started_at, completed_at
               ) values ('test-executor', $1, 'task', '{}', '{}', '["run"]', '[{}]', '[1]', 1, 1,
                         20, true, $2, $2)
               returning trajectory_id""",
            session_id,
            datetime.now(UTC),
        )
        assert stored is not None


async def test_cleanup_answers_by_table(database: Database) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(
            "select upsert_q_value('test-generator', 's', '{}', 'a', '{}', 2);"
            "update q_values set last_updated = now() - interval '40 days',"
            " expires_at = now() - interval '1 second'"
        )
        deleted = await owner.fetch("select * from cleanup_expired_data()")
    assert {row["table_name"]: row["deleted_count"] for row in deleted}["q_values"] == 1


@pytest.mark.one_major
async def test_the_guides_tables_are_all_there_is_in_public(database: Database) -> None:
    async with connect(database.owner) as owner:
        tables = await owner.fetch(
            "select tablename from pg_tables where schemaname = 'public' order by tablename"
        )
    assert [row[0] for row in tables] == [
        "agent_states",
        "agent_types",
        "patterns",
        "q_values",
        "rewards",
        "sessions",
        "trajectories",
    ]

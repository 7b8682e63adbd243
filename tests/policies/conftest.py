"""Q-tables to be kept: one with the values that are easy to lose, and its owner."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from qlmodels.connection import connect
from tests.conftest import Database

AGENT = "test-generator"
OTHER = "quality-gate"
PAIRS = (Path(__file__).parent / "pairs.sql").read_text("utf-8")


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """Of a database in which AGENT has learned eight pairs of four states."""
    async with connect(database.owner) as connection:
        await connection.execute(PAIRS)
        yield connection


async def learned(owner: asyncpg.Connection, agent: str = AGENT) -> list[str]:
    """All that restoring brings back, as text that tells apart whatever Postgres tells apart."""
    rows = await owner.fetch(
        "select row(q_value_id, state_hash, state_data, action_hash, action_data, q_value,"
        " visit_count, confidence_score, uncertainty, td_error, last_updated, created_at,"
        " session_id, metadata)::text from q_values where agent_type = $1"
        " order by state_hash, action_hash",
        agent,
    )
    return [row[0] for row in rows]

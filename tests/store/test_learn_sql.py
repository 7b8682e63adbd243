"""The SQL functions behind learning, as any client may call them."""

import json
import random
from typing import Any

import asyncpg
import pytest

from qlmodels.connection import connect
from tests.conftest import Database

AGENT = "test-generator"


def _steps(rng: random.Random, count: int) -> list[dict[str, Any]]:
    """Random steps in a world of three states and three actions, with every optional argument."""
    return [
        {
            "state_hash": (state := f"s{rng.randrange(3)}"),
            "state_data": {"state": state},
            "action_hash": (action := f"a{rng.randrange(3)}"),
            "action_data": action,
            "reward": rng.uniform(-1, 1),
            "next_state_hash": f"s{rng.randrange(4)}",
            "next_action_hashes": rng.choice(
                [None, ["a0"], ["a0", "a1", "a2"], ["a2", "untried"], ["a1", "a1"]]
            ),
            "terminated": rng.random() < 0.2,
            "discount_factor": rng.choice([None, 0.5]),
            "reward_type": rng.choice([None, "immediate"]),
        }
        for _ in range(count)
    ]


async def _one_by_one(
    connection: asyncpg.Connection, steps: list[dict[str, Any]]
) -> list[asyncpg.Record]:
    return [
        (
            await connection.fetch(
                "select q_value, td_error, learning_rate, visit_count from learn_step("
                "$1, $2, $3::text::jsonb, $4, $5::text::jsonb, $6, $7, $8, $9,"
                " p_discount_factor => $10, p_reward_type => $11)",
                AGENT,
                step["state_hash"],
                json.dumps(step["state_data"]),
                step["action_hash"],
                json.dumps(step["action_data"]),
                step["reward"],
                step["next_state_hash"],
                step["next_action_hashes"],
                step["terminated"],
                step["discount_factor"],
                step["reward_type"],
            )
        )[0]
        for step in steps
    ]


async def _table(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select state_hash, state_data, action_hash, q_value, td_error, visit_count,"
        " round(confidence_score::numeric, 9), round(uncertainty::numeric, 9),"
        " (select count(*) from rewards) from q_values order by 1, 3"
    )


@pytest.mark.parametrize("dimensions", [2, 5])
async def test_a_batch_equals_its_steps_one_by_one(database: Database, dimensions: int) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(
            "update agent_types set learning_rate = 0.7, learning_rate_decay = 0.4,"
            " initial_q_value = 0.3, action_space_dimensions = $1",
            dimensions,
        )
    rng = random.Random(7)
    async with connect(database.url(f"ql_{AGENT}")) as agent:
        for size in (1, 2, 5, 20, 60):
            before, steps = _steps(rng, 3), _steps(rng, size)
            transaction = agent.transaction()
            await transaction.start()
            await _one_by_one(agent, before)
            nested = agent.transaction()
            await nested.start()
            expected = await _one_by_one(agent, steps), await _table(agent)
            await nested.rollback()
            batch = await agent.fetch(
                "select * from learn_many($1, $2::text::jsonb)", AGENT, json.dumps(steps)
            )
            assert (batch, await _table(agent)) == expected
            await transaction.rollback()

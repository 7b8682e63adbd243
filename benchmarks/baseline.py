"""The client of the system that ours replaces: a pool of 2 to 10, and a trip for every value."""

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import asyncpg

from benchmarks.clients import Seat, Step
from benchmarks.world import ACTIONS_PER_STATE, Document, action, digest
from qlmodels.connection import connect_arguments

UPSERT = "SELECT upsert_q_value($1, $2, $3, $4, $5, $6, $7)"
BEST = "SELECT * FROM get_best_action($1, $2)"
READ = "SELECT q_value FROM q_values WHERE agent_type = $1 AND state_hash = $2 AND action_hash = $3"
RECORD = """
INSERT INTO trajectories (
    agent_type, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards,
    total_reward, discounted_reward, execution_time_ms, success, started_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
REWARD = """
INSERT INTO rewards (agent_type, state_hash, action_hash, reward_value, reward_type)
VALUES ($1, $2, $3, $4, 'immediate')
"""

ALPHA, GAMMA, EPSILON = 0.1, 0.95, 0.2


class Client:
    """Each method takes one connection from the pool and makes one query, as the original does."""

    def __init__(self, pool: asyncpg.Pool, agent_type: str) -> None:
        self._pool = pool
        self.agent_type = agent_type

    async def upsert(self, state: Document, chosen: Document, value: float) -> int:
        async with self._pool.acquire() as connection:
            return int(
                await connection.fetchval(
                    UPSERT,
                    self.agent_type,
                    digest(state),
                    json.dumps(state),
                    digest(chosen),
                    json.dumps(chosen),
                    Decimal(str(value)),
                    None,
                )
            )

    async def best_action(self, state: Document) -> Document | None:
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(BEST, self.agent_type, digest(state))
        return json.loads(row["action_data"]) if row else None

    async def read(self, state: Document, chosen: Document) -> float:
        async with self._pool.acquire() as connection:
            value = await connection.fetchval(READ, self.agent_type, digest(state), digest(chosen))
        return float(value or 0)

    async def read_all(self, state: Document) -> list[float]:
        return [await self.read(state, action(number)) for number in range(ACTIONS_PER_STATE)]

    async def record(self, episode: Document) -> None:
        """With the types that the original lacks: as it stands, no trajectory can be stored."""
        total = Decimal(str(round(sum(episode["rewards"]), 4)))
        async with self._pool.acquire() as connection:
            await connection.execute(
                RECORD,
                self.agent_type,
                episode["task_id"],
                json.dumps(episode["states"][0]),
                json.dumps(episode["states"][-1]),
                json.dumps(episode["actions"]),
                json.dumps(episode["states"]),
                json.dumps(episode["rewards"]),
                total,
                total,
                20,
                True,
                datetime.now(UTC),
            )

    async def reward(self, state: Document, chosen: Document, value: float) -> None:
        async with self._pool.acquire() as connection:
            await connection.execute(
                REWARD, self.agent_type, digest(state), digest(chosen), Decimal(str(value))
            )


@asynccontextmanager
async def client(seat: Seat) -> AsyncIterator[Client]:
    async with asyncpg.create_pool(
        **connect_arguments(seat.url), min_size=2, max_size=10, command_timeout=60
    ) as pool:
        yield Client(pool, seat.agent_type)


@asynccontextmanager
async def upsert(seat: Seat) -> AsyncIterator[Step]:
    rng = random.Random(seat.number)
    async with client(seat) as baseline:

        async def step() -> int:
            state = seat.world.some_state(rng, seat.agent_type)
            await baseline.upsert(
                state, action(rng.randrange(ACTIONS_PER_STATE)), round(rng.uniform(-10, 10), 6)
            )
            return 1

        yield step


@asynccontextmanager
async def best_action(seat: Seat) -> AsyncIterator[Step]:
    rng = random.Random(seat.number)
    async with client(seat) as baseline:

        async def step() -> int:
            await baseline.best_action(seat.world.some_state(rng, seat.agent_type))
            return 1

        yield step


@asynccontextmanager
async def learn(seat: Seat) -> AsyncIterator[Step]:
    """Its learner: every value of the next state is a read, then it computes and writes back.

    The values of the current state are at hand from the step before, so choosing is free.
    """
    rng = random.Random(seat.number)
    async with client(seat) as baseline:
        state = seat.world.some_state(rng, seat.agent_type)
        values = await baseline.read_all(state)

        async def step() -> int:
            nonlocal state, values
            greedy = max(range(ACTIONS_PER_STATE), key=values.__getitem__)
            chosen = rng.randrange(ACTIONS_PER_STATE) if rng.random() < EPSILON else greedy
            successor = seat.world.some_state(rng, seat.agent_type)
            next_values = await baseline.read_all(successor)
            target = rng.uniform(-1, 1) + GAMMA * max(next_values)
            value = values[chosen] + ALPHA * (target - values[chosen])
            await baseline.upsert(state, action(chosen), round(value, 6))
            state, values = successor, next_values
            return 1

        yield step


@asynccontextmanager
async def add_up(seat: Seat) -> AsyncIterator[Step]:
    """Read, compute, write back on one pair that all clients share: each call adds 1."""
    async with client(seat) as baseline:
        state = {"shared": True}

        async def step() -> int:
            value = await baseline.read(state, action(0))
            await baseline.upsert(state, action(0), value + 1)
            return 1

        yield step


@asynccontextmanager
async def record(seat: Seat) -> AsyncIterator[Step]:
    rng = random.Random(seat.number)
    async with client(seat) as baseline:

        async def step() -> int:
            await baseline.record(seat.world.episode(rng, seat.agent_type))
            return 1

        yield step


@asynccontextmanager
async def reward(seat: Seat) -> AsyncIterator[Step]:
    rng = random.Random(seat.number)
    async with client(seat) as baseline:

        async def step() -> int:
            state = seat.world.some_state(rng, seat.agent_type)
            await baseline.reward(
                state, action(rng.randrange(ACTIONS_PER_STATE)), round(rng.uniform(-1, 1), 4)
            )
            return 1

        yield step

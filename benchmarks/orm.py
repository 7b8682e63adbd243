"""One upsert a transaction: through a session of SQLModel, and straight on asyncpg."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.clients import Seat, Step
from benchmarks.ours import store
from benchmarks.world import ACTIONS_PER_STATE, action, action_digest, digest, text
from qlmodels.connection import connect, create_engine

UPSERT = "select public.upsert_q_value($1, $2, $3, $4, $5, $6, $7)"


@asynccontextmanager
async def _session(options: dict[str, Any], seat: Seat) -> AsyncIterator[Step]:
    rng = random.Random(seat.number)
    engine = create_engine(seat.url, pool_size=1, max_overflow=0, **options)
    async with store(seat) as ours:

        async def step() -> int:
            async with AsyncSession(engine) as own, own.begin():
                inside = await ours.within(own)
                await inside.upsert(
                    seat.world.some_state(rng, seat.agent_type),
                    action(rng.randrange(ACTIONS_PER_STATE)),
                    round(rng.uniform(-10, 10), 6),
                )
            return 1

        try:
            yield step
        finally:
            await engine.dispose()


session = partial(_session, {})
autocommit = partial(_session, {"isolation_level": "AUTOCOMMIT"})


@asynccontextmanager
async def asyncpg_only(seat: Seat) -> AsyncIterator[Step]:
    rng = random.Random(seat.number)
    async with connect(seat.url) as connection:

        async def step() -> int:
            state = seat.world.some_state(rng, seat.agent_type)
            chosen = rng.randrange(ACTIONS_PER_STATE)
            await connection.fetchval(
                UPSERT,
                seat.agent_type,
                digest(state),
                text(state),
                action_digest(chosen),
                text(action(chosen)),
                round(rng.uniform(-10, 10), 6),
                None,
            )
            return 1

        yield step

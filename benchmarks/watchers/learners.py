"""Agents that learn at a pace of their own, each by its own login, while others watch."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from asyncpg.exceptions import InterfaceError, PostgresError

from benchmarks.clients import Seat
from benchmarks.watchers.beside import beside
from qlmodels.connection import create_pool
from qlmodels.errors import QLModelsError
from qlmodels.store import Episode, LearningStore, Transition

LOST = (OSError, InterfaceError, PostgresError, QLModelsError)

STATES: Final = 50
STEPS: Final = 5
EVERY: Final = 1.0
"""Seconds between two episodes: announcements come no faster."""

ACTIONS: Final = ("boundary", "property", "mutation", "fuzz")


@dataclass(slots=True)
class Learner:
    """`turn` is held while an episode is played; whoever takes it has the agent wait."""

    store: LearningStore
    rng: random.Random
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    steps: int = 0
    failures: int = 0
    """Episodes that were cut off, because the server was away."""

    async def learn(self) -> None:
        """Until it is cancelled."""
        await asyncio.sleep(self.rng.uniform(0, EVERY))
        while True:
            async with self.turn:
                try:
                    await self._episode()
                except LOST:
                    self.failures += 1
            await asyncio.sleep(EVERY)

    async def _episode(self) -> None:
        began = datetime.now(UTC)
        states = [{"module": self.rng.randrange(STATES)} for _ in range(STEPS + 1)]
        rewards = [self.rng.uniform(-1, 1) for _ in range(STEPS)]
        actions = [self.rng.choice(ACTIONS) for _ in range(STEPS)]
        for step, reward in enumerate(rewards):
            await self.store.learn_from(
                Transition(
                    state=states[step],
                    action=actions[step],
                    reward=reward,
                    next_state=states[step + 1],
                )
            )
            self.steps += 1
        await self.store.record(
            Episode(
                task_id="watched",
                states=states,
                actions=actions,
                rewards=rewards,
                success=sum(rewards) > 0,
                started_at=began,
                truncated=True,
            )
        )
        await self.store.heartbeat(status="learning")


@asynccontextmanager
async def learning(seats: Sequence[Seat]) -> AsyncIterator[list[Learner]]:
    """A learner for each seat, at work."""
    async with AsyncExitStack() as stack:
        learners = []
        for seat in seats:
            pool = await stack.enter_async_context(create_pool(seat.url, max_size=1))
            store = LearningStore(pool, seat.agent_type, instance="watched", actions=ACTIONS)
            learners.append(Learner(store, random.Random(seat.number)))
        async with beside(learner.learn() for learner in learners):
            yield learners

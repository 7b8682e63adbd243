"""Our client, as a service uses it: a LearningStore over a pool of the agent's own login."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from benchmarks.clients import Seat, Step
from benchmarks.world import ACTIONS_PER_STATE, Document, World, action
from qlmodels.connection import create_pool
from qlmodels.store import LearningStore, Pair, Transition
from qlmodels.store.episode import Episode
from qlmodels.store.recording import GivenReward

ACTIONS = [action(number) for number in range(ACTIONS_PER_STATE)]
EPSILON = 0.2


@asynccontextmanager
async def store(seat: Seat) -> AsyncIterator[LearningStore]:
    async with create_pool(seat.url) as pool:
        yield LearningStore(pool, seat.agent_type, actions=ACTIONS, rng=random.Random(seat.number))


@asynccontextmanager
async def upsert(seat: Seat) -> AsyncIterator[Step]:
    rng = random.Random(seat.number)
    async with store(seat) as ours:

        async def step() -> int:
            state = seat.world.some_state(rng, seat.agent_type)
            await ours.upsert(
                state, action(rng.randrange(ACTIONS_PER_STATE)), round(rng.uniform(-10, 10), 6)
            )
            return 1

        yield step


@asynccontextmanager
async def _upsert_many(size: int, seat: Seat) -> AsyncIterator[Step]:
    rng = random.Random(seat.number)
    async with store(seat) as ours:

        async def step() -> int:
            pairs = [
                Pair(
                    seat.world.some_state(rng, seat.agent_type),
                    action(rng.randrange(ACTIONS_PER_STATE)),
                    round(rng.uniform(-10, 10), 6),
                )
                for _ in range(size)
            ]
            await ours.upsert_many(pairs)
            return size

        yield step


upsert_1000 = partial(_upsert_many, 1000)


@asynccontextmanager
async def best_action(seat: Seat) -> AsyncIterator[Step]:
    rng = random.Random(seat.number)
    async with store(seat) as ours:

        async def step() -> int:
            await ours.best_action(seat.world.some_state(rng, seat.agent_type))
            return 1

        yield step


@asynccontextmanager
async def learn(seat: Seat) -> AsyncIterator[Step]:
    """Choose, then learn: a trip each."""
    rng = random.Random(seat.number)
    async with store(seat) as ours:
        state = seat.world.some_state(rng, seat.agent_type)

        async def step() -> int:
            nonlocal state
            choice = await ours.select_action(state, epsilon=EPSILON)
            successor = seat.world.some_state(rng, seat.agent_type)
            await ours.learn(state, choice.action, rng.uniform(-1, 1), successor)
            state = successor
            return 1

        yield step


@asynccontextmanager
async def learn_and_select(seat: Seat) -> AsyncIterator[Step]:
    """Learn, and choose the action of the next state, in one trip."""
    rng = random.Random(seat.number)
    async with store(seat) as ours:
        state = seat.world.some_state(rng, seat.agent_type)
        choice = await ours.select_action(state, epsilon=EPSILON)

        async def step() -> int:
            nonlocal state, choice
            successor = seat.world.some_state(rng, seat.agent_type)
            done = Transition(
                state=state, action=choice.action, reward=rng.uniform(-1, 1), next_state=successor
            )
            _, choice = await ours.learn_and_select(done, epsilon=EPSILON)
            state = successor
            return 1

        yield step


def _transition(rng: random.Random, world: World, agent_type: str) -> Transition:
    return Transition(
        state=world.some_state(rng, agent_type),
        action=action(rng.randrange(ACTIONS_PER_STATE)),
        reward=rng.uniform(-1, 1),
        next_state=world.some_state(rng, agent_type),
    )


@asynccontextmanager
async def learn_single(seat: Seat) -> AsyncIterator[Step]:
    rng = random.Random(seat.number)
    async with store(seat) as ours:

        async def step() -> int:
            await ours.learn_from(_transition(rng, seat.world, seat.agent_type))
            return 1

        yield step


@asynccontextmanager
async def learn_100(seat: Seat) -> AsyncIterator[Step]:
    rng = random.Random(seat.number)
    async with store(seat) as ours:

        async def step() -> int:
            await ours.learn_many(
                [_transition(rng, seat.world, seat.agent_type) for _ in range(100)]
            )
            return 100

        yield step


@asynccontextmanager
async def add_up(seat: Seat) -> AsyncIterator[Step]:
    """One pair that all clients share; each step closes a share of the way to 1000."""
    async with store(seat) as ours:

        async def step() -> int:
            await ours.learn({"shared": True}, action(0), 1000.0, None, terminated=True)
            return 1

        yield step


def _episode(document: Document) -> Episode:
    return Episode(
        task_id=document["task_id"],
        states=document["states"],
        actions=document["actions"],
        rewards=document["rewards"],
        success=True,
        started_at=datetime.now(UTC),
    )


@asynccontextmanager
async def record_100(seat: Seat) -> AsyncIterator[Step]:
    rng = random.Random(seat.number)
    async with store(seat) as ours:

        async def step() -> int:
            documents = [seat.world.episode(rng, seat.agent_type) for _ in range(100)]
            return await ours.record_many([_episode(document) for document in documents])

        yield step


@asynccontextmanager
async def rewards_1000(seat: Seat) -> AsyncIterator[Step]:
    rng = random.Random(seat.number)
    async with store(seat) as ours:

        def reward() -> GivenReward:
            chosen: Any = action(rng.randrange(ACTIONS_PER_STATE))
            return GivenReward(
                state=seat.world.some_state(rng, seat.agent_type),
                action=chosen,
                reward=round(rng.uniform(-1, 1), 4),
            )

        async def step() -> int:
            await ours.record_rewards([reward() for _ in range(1000)])
            return 1000

        yield step

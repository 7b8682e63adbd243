"""What an agent of the load test does: the mix of operations of a fleet at work."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from qlmodels import logs
from qlmodels.loadtest.timing import Timings
from qlmodels.store import Episode, LearningStore, Transition

logger = logging.getLogger(__name__)

STATES_AN_AGENT = 500
"""Of each agent: what bounds the pairs, eight to a state."""

STEPS_AN_EPISODE = 15
EPISODES_A_HEARTBEAT = 5
EPISODES_A_PATTERN = 10
LOADTEST_REWARD_INTERVAL = 10
"""One in so many has its rewards as rows of their own."""

ACTIONS = [
    {"action": f"generate_{kind}_test"}
    for kind in (
        "boundary",
        "property",
        "mutation",
        "snapshot",
        "fuzz",
        "contract",
        "smoke",
        "load",
    )
]


@dataclass(slots=True)
class LoadBudget:
    """Ends a load test: by the clock, or by rows that only grow."""

    ends: float
    rows_left: int

    def goes_on(self) -> bool:
        return self.rows_left > 0 and time.monotonic() < self.ends


@dataclass(slots=True)
class LoadAgent:
    store: LearningStore
    timings: Timings
    budget: LoadBudget
    rng: random.Random
    on_operation: Callable[[], None]
    acknowledged: int = field(default=0, init=False)
    """Learning steps that the database said it has made."""

    async def work(self) -> None:
        """Episode after episode, each step learned from before the next."""
        with logs.about(agent_type=self.store.agent_type):
            logger.info("begins")
            await self._work()
            logger.info("ends", extra={"learning_steps": self.acknowledged})

    async def _work(self) -> None:
        await self._take("start_session", self.store.start_session(environment="loadtest"))
        episodes = 0
        while self.budget.goes_on():
            await self._episode(episodes)
            episodes += 1
            if episodes % EPISODES_A_HEARTBEAT == 1:
                await self._take("heartbeat", self.store.heartbeat(status="learning"))
            if episodes % EPISODES_A_PATTERN == 1:
                await self._take("match_patterns", self.store.match_patterns({"coverage": 0.5}))
            await asyncio.sleep(0)  # where the server is gone every operation fails at once
        if self.store.session is not None:
            await self._take("finish_session", self.store.finish_session())

    async def _episode(self, number: int) -> None:
        began = datetime.now(UTC)
        states, actions, rewards = [self._state()], list[Any](), list[float]()
        while len(actions) < STEPS_AN_EPISODE and self.budget.goes_on():
            choice = await self._take("select_action", self.store.select_action(states[-1]))
            if choice is None:
                return
            reward, after = self.rng.uniform(-1, 1), self._state()
            step = Transition(
                state=states[-1], action=choice.action, reward=reward, next_state=after
            )
            learned = await self._take("learn", self.store.learn_from(step))
            self.acknowledged += learned is not None
            self.budget.rows_left -= learned is not None and learned.visit_count == 1
            actions.append(choice.action)
            rewards.append(reward)
            states.append(after)
        if not actions:
            return
        episode = Episode(
            task_id=f"task-{number}",
            states=states,
            actions=actions,
            rewards=rewards,
            success=sum(rewards) > 0,
            started_at=began,
            truncated=True,
        )
        with_rewards = number % LOADTEST_REWARD_INTERVAL == 0
        self.budget.rows_left -= 1 + len(rewards) * with_rewards
        await self._take("record", self.store.record(episode, rewards=with_rewards))

    async def _take(self, name: str, operation: Any) -> Any:
        result = await self.timings.take(name, operation)
        self.on_operation()
        return result

    def _state(self) -> dict[str, Any]:
        number = self.rng.randrange(STATES_AN_AGENT)
        return {
            "branch": f"feature/ticket-{number:07d}",
            "complexity": number % 97,
            "coverage_percent": number * 7 % 101,
            "framework": "pytest-asyncio",
            "module": f"services/handlers/module_{number:07d}.py",
            "recent_failures": number % 5,
        }

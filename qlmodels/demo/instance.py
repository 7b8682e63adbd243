"""One instance at work: it learns, and records what it did as a service would."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from qlmodels import logs
from qlmodels.demo.agent import DemoAgent
from qlmodels.demo.known_paths import KnownPaths
from qlmodels.demo.tasks import Task
from qlmodels.store import Episode, LearningStore

logger = logging.getLogger(__name__)

STEPS_A_BATCH = 20
"""Episodes that are recorded together, with a heartbeat."""

DEMO_REWARD_INTERVAL = 10
"""Of so many episodes one has its rewards as rows of their own, step by step."""

SHOWN = 100
"""After so many episodes a greedy one is played and recorded as an evaluation."""


OnLearningStep: TypeAlias = Callable[[Task, int], None]
"""Called with a task and the learning steps that it has behind it, after each of them."""


@dataclass(slots=True)
class StepBudget:
    """The learning steps of a task, shared by its instances."""

    task: Task
    done: int
    on_step: OnLearningStep | None

    @property
    def left(self) -> int:
        return self.task.steps - self.done

    def take(self) -> None:
        self.done += 1
        if self.on_step:
            self.on_step(self.task, self.done)


@dataclass(slots=True)
class DemoInstance:
    """All episodes become trajectories. Of one episode in ten each step's reward becomes a row
    too: the others' stand in their trajectories, and all of them would be most of the database.
    """

    store: LearningStore
    agent: DemoAgent
    budget: StepBudget
    ways: KnownPaths
    _played: int = field(default=0, init=False)
    _episodes: list[Episode] = field(default_factory=list, init=False)
    _rewarded: list[Episode] = field(default_factory=list, init=False)

    async def work(self, environment: str) -> None:
        """Learn until the budget is spent. A cancelled instance leaves a cancelled session."""
        with logs.about(agent_type=self.store.agent_type, instance=str(self.store.instance)):
            logger.info("begins", extra={"environment": environment})
            await self._work(environment)
            logger.info("ends", extra={"episodes": self._played})

    async def _work(self, environment: str) -> None:
        name = f"{self.store.instance} in {environment}"
        await self.store.start_session(name, environment=environment)
        try:
            while self.budget.left > 0:
                await self._play()
            await self._report()
        except asyncio.CancelledError:
            await self._report()
            await self.store.finish_session(status="cancelled")
            await self.store.heartbeat(status="idle")
            raise
        await self.store.finish_session()
        await self.store.heartbeat(status="idle")

    async def _play(self) -> None:
        episode = await self.agent.learn_episode()
        (self._episodes if self._played % DEMO_REWARD_INTERVAL else self._rewarded).append(episode)
        self._played += 1
        await self.ways.follow(episode)
        if self._played % SHOWN == 0:
            self._episodes.append(await self.agent.show_episode())
        if self._played % STEPS_A_BATCH == 0:
            await self._report()

    async def _report(self) -> None:
        await self.store.record_many(self._episodes)
        self._episodes.clear()
        await self.store.record_many(self._rewarded, rewards=True)
        self._rewarded.clear()
        await self.store.heartbeat(status="learning")

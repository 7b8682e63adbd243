"""An agent that learns a world through the store: every choice and every update in the database."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from qlmodels.demo.world import World
from qlmodels.store import Choice, Episode, Learned, Transition


class Learner(Protocol):
    """The part of LearningStore that learns."""

    def exploration_rate(self) -> Awaitable[float]: ...

    def select_action(
        self, state: Any, actions: Any = None, epsilon: float | None = None
    ) -> Awaitable[Choice]: ...

    def learn_from(self, transition: Transition) -> Awaitable[Learned]: ...

    def learn_and_select(
        self, transition: Transition, epsilon: float | None = None
    ) -> Awaitable[tuple[Learned, Choice]]: ...


@dataclass(slots=True)
class DemoAgent:
    """One instance. Its environment is seeded once, at its first episode."""

    learner: Learner
    world: World
    environment: Any
    task_id: str
    seed: int
    on_step: Callable[[], None]
    states: Sequence[Any]
    """The world's states as the learner takes them."""

    _started: bool = field(default=False, init=False)

    async def learn_episode(self) -> Episode:
        """Play to the end, learning from each step before the next: one round trip each."""
        return await self._play(learning=True)

    async def show_episode(self) -> Episode:
        """Play greedily, to see what was learned."""
        return await self._play(learning=False)

    async def _play(self, *, learning: bool) -> Episode:
        began = datetime.now(UTC)
        epsilon = await self.learner.exploration_rate() if learning else 0.0
        state = self._reset()
        states, actions, rewards = [state], list[str](), list[float]()
        choice = await self._choose(state, epsilon)
        terminated = truncated = False
        while not (terminated or truncated):
            after, reward, terminated, truncated, _ = self.environment.step(
                self.world.number(choice.action)
            )
            actions.append(choice.action)
            rewards.append(float(reward))
            states.append(int(after))
            if learning:
                step = self._transition(states, choice, rewards, terminated, truncated)
                choice = await self._learn(step, choice, epsilon)
                self.on_step()
            elif not (terminated or truncated):
                choice = await self._choose(states[-1], epsilon)
        return Episode(
            task_id=self.task_id,
            states=[self.world.documents[visited] for visited in states],
            actions=actions,
            rewards=rewards,
            success=bool(terminated and rewards[-1] >= self.world.goal_reward),
            started_at=began,
            terminated=bool(terminated),
            truncated=bool(truncated),
            is_evaluation=not learning,
            seed=self.seed,
            exploration_rate=epsilon,
        )

    def _reset(self) -> int:
        """A seed makes the whole sequence of episodes repeatable, not one of them."""
        state, _ = self.environment.reset(seed=None if self._started else self.seed)
        self._started = True
        return int(state)

    async def _choose(self, state: int, epsilon: float) -> Choice:
        return await self.learner.select_action(
            self.states[state], self.world.moves[state], epsilon
        )

    async def _learn(self, step: Transition, choice: Choice, epsilon: float) -> Choice:
        """The choice of what to do next; the old one when the episode is over."""
        if step.terminated or step.truncated:
            await self.learner.learn_from(step)
            return choice
        return (await self.learner.learn_and_select(step, epsilon))[1]

    def _transition(
        self, states: list[int], choice: Choice, rewards: list[float], ended: bool, cut: bool
    ) -> Transition:
        return Transition(
            state=self.states[states[-2]],
            action=choice.action,
            reward=rewards[-1],
            next_state=self.states[states[-1]],
            next_actions=self.world.moves[states[-1]],
            terminated=bool(ended),
            truncated=bool(cut),
        )

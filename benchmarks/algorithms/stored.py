"""The recipes on the random numbers of a run in memory, and how far their tables are apart.

Each run has states of its own in the Q-table of one agent type, by the store's `encode`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import gymnasium
import numpy as np

from benchmarks.algorithms import recipes
from benchmarks.algorithms.memory import bias, cliff, walk
from benchmarks.algorithms.memory.draws import Draws, Floats
from qlmodels import LearningStore
from qlmodels.store import NextPolicy, epsilon_greedy

AGENT_COLUMNS = {"discount_factor": 1.0, "initial_q_value": 0.0}
"""What the agent type must say."""


@dataclass(frozen=True)
class Compared:
    """What a run with the store measured, and the largest difference of a value from memory's."""

    measured: Sequence[float]
    in_memory: Sequence[float]
    difference: float


@dataclass(frozen=True)
class StoredRuns:
    """Runs with the store, of one agent type, whose seed is that of the runs in memory."""

    pool: asyncpg.Pool
    agent_type: str
    seed: int

    def store(self, experiment: str, run: int, **options: Any) -> LearningStore:
        def encode(state: Any) -> Any:
            return [experiment, self.seed, run, state]

        return LearningStore(self.pool, self.agent_type, encode=encode, **options)

    async def cliff(self, method: cliff.Method, alpha: float, episodes: int, run: int) -> Compared:
        """Rewards of the episodes."""
        policies: dict[cliff.Method, NextPolicy | None] = {
            "Q-learning": None,
            "Expected SARSA": epsilon_greedy(cliff.EPSILON),
        }
        store = self.store(
            f"{method} {alpha}",
            run,
            actions=range(cliff.ACTIONS),
            choose=epsilon_greedy(cliff.EPSILON),
            rng=Draws(self.seed, run),
        )
        env = gymnasium.make("CliffWalking-v1")
        returns = []
        for _ in range(episodes):
            if method == "SARSA":
                returns.append(await recipes.sarsa(store, env, alpha))
            else:
                returns.append(await recipes.q_learning(store, env, alpha, policies[method]))
        found = np.array([await store.values(state) for state in range(cliff.STATES)])
        expected = cliff.walk_cliff(method, np.array([alpha]), episodes, self.seed, run)
        return _compared(returns, expected.returns[0].tolist(), found, expected.tables[:, 0].T)

    async def double_q(self, episodes: int, run: int) -> Compared:
        """Whether each episode went left."""
        store = self.store("Double Q-learning", run)
        rng = Draws(self.seed, run)
        expected = bias.learn_by_double_q(1, episodes, self.seed, run)
        rewards = bias.rewards_of_b(self.seed, 1, episodes, run)[0]
        legal: dict[str, list[Any]] = {"A": ["left", "right"], "B": list(range(bias.ACTIONS_OF_B))}
        went_left = []
        for reward in rewards:
            step = _two_states(float(reward))
            taken = await recipes.double_q_learning(store, step, legal, rng, bias.LEARNING_RATE)
            went_left.append(float(taken[0] == "left"))
        found = [
            [
                value
                for state, actions in legal.items()
                for value in await store.values([name, state], actions)
            ]
            for name in ("one", "two")
        ]
        return _compared(
            went_left,
            expected.went_left[0].astype(float).tolist(),
            np.array(found),
            expected.tables[:, 0],
        )

    async def n_steps(self, n: int, alpha: float, episodes: int, run: int) -> Compared:
        """The error after each episode."""
        store = self.store(f"n = {n}, {alpha}", run, actions=["go"])
        walks = walk.walks(self.seed, run, episodes)
        expected = walk.by_n_steps(walks, n, np.array([alpha]))
        found = []
        for states in walks:
            await recipes.n_step_td(store, states, _rewards(states), n, alpha)
            found.append(await _values(store))
        return _compared_walks(found, expected)

    async def traces(self, decay: float, alpha: float, episodes: int, run: int) -> Compared:
        """The error after each episode."""
        store = self.store(f"lambda = {decay}, {alpha}", run, actions=["go"])
        walks = walk.walks(self.seed, run, episodes)
        expected = walk.by_traces(walks, decay, np.array([alpha]))
        found = []
        for states in walks:
            await recipes.td_lambda(store, states, _rewards(states), decay, alpha)
            found.append(await _values(store))
        return _compared_walks(found, expected)


def _two_states(reward: float) -> Callable[[str, Any], tuple[float, str | None]]:
    """Figure 6.5's task, in an episode in which B gives this reward."""

    def step(state: str, action: Any) -> tuple[float, str | None]:
        if state == "B":
            return reward, None
        return 0.0, "B" if action == "left" else None

    return step


def _rewards(states: Sequence[int]) -> list[float]:
    return [0.0] * (len(states) - 2) + [walk.last_reward(list(states))]


async def _values(store: LearningStore) -> Floats:
    """As memory has them: a row, a column a state from 0 to the end."""
    inner = [(await store.values(state))[0] for state in range(1, walk.END)]
    return np.array([[0.0, *inner, 0.0]])


def _compared_walks(found: Sequence[Floats], expected: Sequence[Floats]) -> Compared:
    errors = [float(walk.error(values)[0]) for values in found]
    in_memory = [float(walk.error(values)[0]) for values in expected]
    return _compared(errors, in_memory, np.array(found), np.array(expected))


def _compared(
    measured: Sequence[float], in_memory: Sequence[float], found: Floats, expected: Floats
) -> Compared:
    return Compared(measured, in_memory, float(np.abs(found - expected).max()))

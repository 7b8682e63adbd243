"""Trajectories as Minari has episodes: n actions and rewards, n + 1 observations."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import numpy as np
from minari.data_collector.episode_buffer import EpisodeBuffer

from qlmodels.files import sql_of
from qlmodels.minari.spaces import Space

_sql = sql_of("qlmodels.minari")
_EPISODES_A_FETCH = 200

_DESCRIBED = (
    "trajectory_id",
    "session_id",
    "agent_instance_id",
    "environment",
    "task_id",
    "success",
    "is_evaluation",
    "exploration_rate",
    "policy_version",
    "total_reward",
    "discounted_reward",
    "execution_time_ms",
    "legal_actions",
)
"""Columns that go into an episode's metadata, where they are not null; legal actions as JSON."""


@dataclass(frozen=True, slots=True)
class StoredEpisode:
    """A trajectory, read; `fault` says why it cannot be one of Minari's."""

    row: Mapping[str, Any]

    @property
    def fault(self) -> str | None:
        fault: str | None = self.row["fault"]
        return fault

    @property
    def states(self) -> list[Any]:
        """One before each step, and one after the last."""
        visited: list[Any] = json.loads(self.row["states"])
        last = self.row["last_state"]
        return visited if last is None else [*visited, json.loads(last)]

    @property
    def actions(self) -> list[Any]:
        actions: list[Any] = json.loads(self.row["actions"])
        return actions

    @property
    def was_left(self) -> bool:
        """Whether neither the environment nor a limit ended it."""
        return not (self.row["terminated"] or self.row["truncated"])

    def buffer(self, states: Space, actions: Space) -> EpisodeBuffer:
        """One that was left counts as truncated, as it does for Minari's own collector."""
        rewards = [float(reward) for reward in json.loads(self.row["rewards"])]
        return EpisodeBuffer(
            seed=self.row["seed"],
            observations=states.encode(self.states),
            actions=actions.encode(self.actions),
            rewards=rewards,
            terminations=_at_the_end(len(rewards), self.row["terminated"]),
            truncations=_at_the_end(len(rewards), self.row["truncated"] or self.was_left),
            infos={},
        )

    def metadata(self, agent_type: str) -> dict[str, Any]:
        described = {name: self.row[name] for name in _DESCRIBED if self.row[name] is not None}
        return {
            **described,
            "agent_type": agent_type,
            "started_at": self.row["started_at"].isoformat(),
            "completed_at": self.row["completed_at"].isoformat(),
            "last_state_is_repeated": self.row["last_state_is_repeated"],
            "was_left": self.was_left,
        }


async def episodes(
    connection: asyncpg.Connection, agent_type: str
) -> AsyncIterator[list[StoredEpisode]]:
    """All of an agent type, in batches, in the order in which they ended."""
    cursor = await connection.cursor(_sql("select_episodes"), agent_type)
    while batch := await cursor.fetch(_EPISODES_A_FETCH):
        yield [StoredEpisode(row) for row in batch]


def _at_the_end(steps: int, flag: bool) -> Any:
    flags = np.zeros(steps, np.bool_)
    flags[-1] = flag
    return flags

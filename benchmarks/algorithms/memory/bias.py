"""Maximisation bias (figure 6.5): Q-learning and Double Q-learning.

From A, right ends the episode with reward 0, and left leads to B, where every action ends it with a
reward of mean -0.1.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.algorithms.memory.draws import Flags, Floats, Streams, Whole, chosen

LEFT, RIGHT = 0, 1
ACTIONS_OF_B = 10
MEAN_REWARD, DEVIATION = -0.1, 1.0
EPSILON, LEARNING_RATE = 0.1, 0.1


@dataclass
class BiasRuns:
    went_left: Flags
    """A row a run, a column an episode."""

    tables: Floats
    """By table (one, or two of Double Q-learning), run, and action: two of A, then those of B."""


def rewards_of_b(seed: int, runs: int, episodes: int, first_run: int = 0) -> Floats:
    """What B gives in each run and episode."""
    rewards = [
        np.random.default_rng([seed, run]).normal(MEAN_REWARD, DEVIATION, episodes)
        for run in range(first_run, first_run + runs)
    ]
    return np.array(rewards)


def learn_by_q(runs: int, episodes: int, seed: int, first_run: int = 0) -> BiasRuns:
    table = np.zeros((2 + ACTIONS_OF_B, runs))
    of_a, of_b = table[:2], table[2:]
    lanes = np.arange(runs)
    streams = Streams(seed, runs, first_run)
    rewards = rewards_of_b(seed, runs, episodes, first_run)
    went_left = np.zeros((runs, episodes), dtype=bool)
    for episode in range(episodes):
        action = chosen(of_a, EPSILON, streams)
        went_left[:, episode] = action == LEFT
        at_b = np.flatnonzero(action == LEFT)
        worth = np.zeros(runs)
        worth[at_b] = of_b[:, at_b].max(axis=0)
        of_a[action, lanes] += LEARNING_RATE * (worth - of_a[action, lanes])
        pair = chosen(of_b[:, at_b], EPSILON, streams, at_b), at_b
        of_b[pair] += LEARNING_RATE * (rewards[at_b, episode] - of_b[pair])
    return BiasRuns(went_left, table.T[np.newaxis])


def learn_by_double_q(runs: int, episodes: int, seed: int, first_run: int = 0) -> BiasRuns:
    tables = np.zeros((2, 2 + ACTIONS_OF_B, runs))
    of_a, of_b = tables[:, :2], tables[:, 2:]
    lanes = np.arange(runs)
    streams = Streams(seed, runs, first_run)
    rewards = rewards_of_b(seed, runs, episodes, first_run)
    went_left = np.zeros((runs, episodes), dtype=bool)
    for episode in range(episodes):
        action = chosen(of_a[0] + of_a[1], EPSILON, streams)
        went_left[:, episode] = action == LEFT
        at_b = np.flatnonzero(action == LEFT)
        updated = _coin(streams, lanes)
        best = chosen(of_b[updated[at_b], :, at_b].T, 0.0, streams, at_b)
        worth = np.zeros(runs)
        worth[at_b] = of_b[1 - updated[at_b], best, at_b]
        pair = updated, action, lanes
        of_a[pair] += LEARNING_RATE * (worth - of_a[pair])
        button = chosen(of_b[0, :, at_b].T + of_b[1, :, at_b].T, EPSILON, streams, at_b)
        pair = _coin(streams, at_b), button, at_b
        of_b[pair] += LEARNING_RATE * (rewards[at_b, episode] - of_b[pair])
    return BiasRuns(went_left, tables.transpose(0, 2, 1))


def _coin(streams: Streams, runs: Whole) -> Whole:
    """Which table learns: the first with probability 1/2."""
    return (streams.next_of(runs) >= 0.5).astype(np.int64)

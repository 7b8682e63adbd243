"""Cliff walking (example 6.6): SARSA, Q-learning and Expected SARSA."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from benchmarks.algorithms.memory.draws import Floats, Streams, Whole, chosen

Method: TypeAlias = Literal["SARSA", "Q-learning", "Expected SARSA"]

ROWS, COLUMNS, ACTIONS = 4, 12, 4
STATES = ROWS * COLUMNS
START, GOAL = STATES - COLUMNS, STATES - 1
EPSILON = 0.1
_MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))
"""Up, right, down, left, numbered as Gymnasium numbers them."""


@dataclass
class CliffRuns:
    returns: Floats
    """Sums of the rewards of an episode: a row a run, a column an episode."""

    tables: Floats
    """By action, run and state."""


def walk_cliff(
    method: Method, learning_rates: Floats, episodes: int, seed: int, first_run: int = 0
) -> CliffRuns:
    """Learn in as many runs as there are learning rates."""
    runs = len(learning_rates)
    streams = Streams(seed, runs, first_run)
    table = np.zeros((ACTIONS, runs * STATES))
    flat = table.ravel()
    returns = np.zeros((runs, episodes))
    active, rates = np.arange(runs), learning_rates
    base = active * STATES
    state = np.full(runs, START)
    episode = np.zeros(runs, dtype=np.int64)
    earned = np.zeros(runs)
    action = chosen(table.take(base + state, axis=1), EPSILON, streams)
    while active.size:
        step = action * STATES + state
        follower = _FOLLOWERS.take(step)
        reward = _REWARDS.take(step)
        ended = np.flatnonzero(follower == GOAL)  # whose values stay 0
        begun = follower.copy()
        begun[ended] = START
        next_action = action
        if method == "SARSA":
            next_action = chosen(table.take(base + begun, axis=1), EPSILON, streams)
            worth = flat.take(next_action * table.shape[1] + base + begun)
            worth[ended] = 0.0
        else:
            worth = _worth(method, table.take(base + follower, axis=1))
        here = action * table.shape[1] + base + state
        before = flat.take(here)
        flat[here] = before + rates * (reward + worth - before)
        if method != "SARSA":
            next_action = chosen(table.take(base + begun, axis=1), EPSILON, streams)
        earned += reward
        state, action = begun, next_action
        if ended.size:
            returns[active[ended], episode[ended]] = earned[ended]
            earned[ended] = 0.0
            episode[ended] += 1
            if (episode[ended] == episodes).any():
                kept: Whole = np.flatnonzero(episode < episodes)
                active, rates, base, state = active[kept], rates[kept], base[kept], state[kept]
                action, episode, earned = action[kept], episode[kept], earned[kept]
                streams.keep(kept)
    return CliffRuns(returns, table.reshape(ACTIONS, runs, STATES))


def _worth(method: Method, values: Floats) -> Floats:
    """What the next state is worth, a column a run."""
    best: Floats = values.max(axis=0)
    if method == "Q-learning":
        return best
    mean: Floats = values.sum(axis=0) / ACTIONS
    return (1 - EPSILON) * best + EPSILON * mean


def greedy_steps(table: Floats, limit: int = 100) -> int:
    """Steps of the greedy way from start to goal in one run's table; `limit` where it is lost."""
    state, steps = START, 0
    while state != GOAL and steps < limit:
        state = int(_FOLLOWERS[int(table[:, state].argmax()) * STATES + state])
        steps += 1
    return steps


def _dynamics() -> tuple[Whole, Floats]:
    """The next state and the reward, by action and state."""
    followers = np.zeros((ACTIONS, STATES), dtype=np.int64)
    rewards = np.full((ACTIONS, STATES), -1.0)
    for state in range(STATES):
        row, column = divmod(state, COLUMNS)
        for action, (down, right) in enumerate(_MOVES):
            at = min(max(row + down, 0), ROWS - 1), min(max(column + right, 0), COLUMNS - 1)
            place = at[0] * COLUMNS + at[1]
            is_cliff = START < place < GOAL
            followers[action, state] = START if is_cliff else place
            rewards[action, state] = -100.0 if is_cliff else -1.0
    return followers.ravel(), rewards.ravel()


_FOLLOWERS, _REWARDS = _dynamics()

"""A random walk over 19 states (example 7.1): n-step TD (figure 7.2) and TD(lambda) (figure 12.6).

States 1 to 19, of which 10 is the first; 0 and 20 end an episode, with rewards -1 and 1. The value
of a state is what is predicted, and all learning rates of a curve learn from the same walks.
"""

import random

import numpy as np

from benchmarks.algorithms.memory.draws import Floats

STATES = 19
FIRST, END = 10, 20
TRUE_VALUES = np.arange(-18, 20, 2) / 20.0


def walked(rng: random.Random) -> list[int]:
    """The states of an episode, from the first to the one that ends it."""
    states = [FIRST]
    while 0 < states[-1] < END:
        states.append(states[-1] + rng.choice((-1, 1)))
    return states


def walks(seed: int, run: int, episodes: int) -> list[list[int]]:
    rng = random.Random(f"{seed} {run}")
    return [walked(rng) for _ in range(episodes)]


def last_reward(states: list[int]) -> float:
    return 1.0 if states[-1] == END else -1.0


def by_n_steps(episodes: list[list[int]], n: int, learning_rates: Floats) -> list[Floats]:
    """Values after each episode: a row a learning rate, a column a state from 0 to 20."""
    values = np.zeros((len(learning_rates), END + 1))
    found = []
    for states in episodes:
        last = len(states) - 1
        for at in range(last):
            reached = min(at + n, last)
            target = last_reward(states) if reached == last else values[:, states[reached]]
            values[:, states[at]] += learning_rates * (target - values[:, states[at]])
        found.append(values.copy())
    return found


def by_traces(episodes: list[list[int]], decay: float, learning_rates: Floats) -> list[Floats]:
    """TD(lambda) with accumulating traces, `decay` being lambda; values as of `by_n_steps`."""
    values = np.zeros((len(learning_rates), END + 1))
    found = []
    for states in episodes:
        traces = np.zeros(END + 1)
        last = len(states) - 1
        for at in range(last):
            ends = at + 1 == last
            target = last_reward(states) if ends else values[:, states[at + 1]]
            errors = target - values[:, states[at]]
            traces *= decay
            traces[states[at]] += 1.0
            values += np.outer(learning_rates * errors, traces)
        found.append(values.copy())
    return found


def error(values: Floats) -> Floats:
    """The root mean squared error over the states, of each learning rate."""
    squares = (values[:, 1:END] - TRUE_VALUES) ** 2
    root: Floats = np.sqrt(squares.mean(axis=1))
    return root

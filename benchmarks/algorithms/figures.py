"""The figures of Sutton and Barto, second edition: what is run, and what is claimed of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, get_args

import numpy as np

from benchmarks.algorithms.memory import bias, cliff, walk
from benchmarks.algorithms.memory.draws import Floats

Point: TypeAlias = tuple[str, str]
"""A curve, and a place on it."""

Samples: TypeAlias = Mapping[Point, Sequence[float]]
"""One value a run."""

BLOCK = 2_000
"""Runs of the cliff that lie side by side in memory."""


@dataclass(frozen=True)
class Figure:
    """`run` takes a number of runs; `runs` is the book's, or ours where it gives none."""

    key: str
    runs: int
    places: str
    """What the places on a curve are."""

    run: Callable[[int], Samples]
    digits: int
    compared: Sequence[tuple[Point, Point]] = ()
    """Points at different places, beside those at the same."""


# -- cliff walking -------------------------------------------------------------------------------

METHODS: tuple[cliff.Method, ...] = get_args(cliff.Method)
CLIFF_ALPHA = 0.5
ALPHAS = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
WINDOWS = ((0, 100), (400, 500))
ASYMPTOTIC_EPISODES = 100_000
EDGE_STEPS = 13
"""Steps of the shortest way, along the edge of the cliff."""

EDGE = "share of runs whose greedy way is along the edge"


def _seed(method: cliff.Method, figure: int) -> int:
    return 10 * figure + METHODS.index(method)


def run_cliff(runs: int) -> Samples:
    samples: dict[Point, Sequence[float]] = {}
    for method in METHODS[:2]:
        found = cliff.walk_cliff(
            method, np.full(runs, CLIFF_ALPHA), WINDOWS[-1][1], _seed(method, 1)
        )
        for first, last in WINDOWS:
            means = found.returns[:, first:last].mean(axis=1)
            samples[method, f"episodes {first + 1} to {last}"] = means.tolist()
        samples[method, EDGE] = [
            float(cliff.greedy_steps(found.tables[:, run]) == EDGE_STEPS) for run in range(runs)
        ]
    return samples


def run_interim(runs: int) -> Samples:
    return {
        (method, f"{alpha:g}"): _means(method, alpha, 100, runs, 100 * _seed(method, 2) + at)
        for method in METHODS
        for at, alpha in enumerate(ALPHAS)
    }


def run_asymptotic(runs: int) -> Samples:
    """At 10 runs all learning rates lie side by side."""
    samples: dict[Point, Sequence[float]] = {}
    for method in METHODS:
        rates = np.repeat(ALPHAS, runs)
        found = cliff.walk_cliff(method, rates, ASYMPTOTIC_EPISODES, _seed(method, 3))
        means = found.returns.mean(axis=1).reshape(len(ALPHAS), runs)
        samples |= {(method, f"{a:g}"): means[at].tolist() for at, a in enumerate(ALPHAS)}
    return samples


def _means(
    method: cliff.Method, alpha: float, episodes: int, runs: int, seed: int
) -> Sequence[float]:
    means: list[float] = []
    for first in range(0, runs, BLOCK):
        rates = np.full(min(BLOCK, runs - first), alpha)
        found = cliff.walk_cliff(method, rates, episodes, seed, first)
        means += found.returns.mean(axis=1).tolist()
    return means


# -- maximisation bias ---------------------------------------------------------------------------

BIAS_EPISODES = 300
BIAS_WINDOWS = ((0, 10), (40, 50), (90, 100), (190, 200), (290, 300))
LEARNERS = {"Q-learning": bias.learn_by_q, "Double Q-learning": bias.learn_by_double_q}


def run_bias(runs: int) -> Samples:
    samples: dict[Point, Sequence[float]] = {}
    for seed, (name, learn) in enumerate(LEARNERS.items()):
        found = learn(runs, BIAS_EPISODES, seed)
        for first, last in BIAS_WINDOWS:
            percent = 100 * found.went_left[:, first:last].mean(axis=1)
            samples[name, f"episodes {first + 1} to {last}"] = percent.tolist()
    return samples


# -- the random walk -----------------------------------------------------------------------------

WALK_SEED, WALK_EPISODES = 7, 10
STEPS = (1, 4, 16)
STEP_ALPHAS = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)
DECAYS = (0.0, 0.4, 0.8, 0.9)
TRACE_ALPHAS = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8)


def run_steps(runs: int) -> Samples:
    rates = np.array(STEP_ALPHAS)
    curves = {
        f"n = {n}": [_error(walk.by_n_steps(_walks(run), n, rates)) for run in range(runs)]
        for n in STEPS
    }
    return _by_alpha(curves, STEP_ALPHAS)


def run_traces(runs: int) -> Samples:
    rates = np.array(TRACE_ALPHAS)
    curves = {
        f"lambda = {decay:g}": [
            _error(walk.by_traces(_walks(run), decay, rates)) for run in range(runs)
        ]
        for decay in DECAYS
    }
    return _by_alpha(curves, TRACE_ALPHAS)


def _walks(run: int) -> list[list[int]]:
    return walk.walks(WALK_SEED, run, WALK_EPISODES)


def _error(values: list[Floats]) -> Floats:
    """Averaged over the episodes, of each learning rate."""
    mean: Floats = np.mean([walk.error(after) for after in values], axis=0)
    return mean


def _by_alpha(curves: Mapping[str, list[Floats]], alphas: Sequence[float]) -> Samples:
    return {
        (name, f"{alpha:g}"): [float(errors[at]) for errors in found]
        for name, found in curves.items()
        for at, alpha in enumerate(alphas)
    }


FIGURES: Mapping[str, Figure] = {
    figure.key: figure
    for figure in (
        Figure("example 6.6", 1_000, "", run_cliff, 2),
        Figure("figure 6.3, interim", 50_000, "alpha", run_interim, 2),
        Figure("figure 6.3, asymptotic", 10, "alpha", run_asymptotic, 2),
        Figure("figure 6.5", 10_000, "", run_bias, 1),
        Figure(
            "figure 7.2",
            100,
            "alpha",
            run_steps,
            3,
            [(("n = 1", "0.8"), ("n = 4", "0.4")), (("n = 16", "0.1"), ("n = 4", "0.4"))],
        ),
        Figure(
            "figure 12.6",
            100,
            "alpha",
            run_traces,
            3,
            [
                (("lambda = 0", "0.8"), ("lambda = 0.8", "0.3")),
                (("lambda = 0.4", "0.6"), ("lambda = 0.8", "0.3")),
                (("lambda = 0.9", "0.2"), ("lambda = 0.8", "0.3")),
            ],
        ),
    )
}

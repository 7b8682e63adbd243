"""Random numbers of many runs, each a stream of its own that can be drawn again one by one.

Counters through SplitMix64 (Steele, Lea and Flood 2014): the number at a place of a stream is a
function of both, so that runs draw at different times without keeping what was drawn.
"""

import random
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Whole: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
_Bits: TypeAlias = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FACTORS = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFTS = np.uint64(30), np.uint64(27), np.uint64(31)
_BELOW_ONE = np.uint64(11)
_DIGITS = 2**53


class Streams:
    """Uniform numbers from 0 to 1 of runs `first`, `first` + 1, ..."""

    def __init__(self, seed: int, runs: int, first: int = 0) -> None:
        keys = np.arange(first, first + runs, dtype=np.uint64) + np.uint64(seed << 32)
        self._places: _Bits = _mixed(keys * _STEP)

    def next(self) -> Floats:
        """The next number of each run."""
        self._places += _STEP
        return _uniform(self._places)

    def next_of(self, runs: Whole) -> Floats:
        """The next number of each of these runs; the others stay where they are."""
        self._places[runs] += _STEP
        return _uniform(self._places[runs])

    def keep(self, runs: Whole) -> None:
        """Go on with these runs alone."""
        self._places = self._places[runs]


class Draws(random.Random):
    """One run of `Streams`, number by number; all else of `random` follows from these."""

    def __init__(self, seed: int, run: int) -> None:
        super().__init__()
        self._streams = Streams(seed, 1, run)

    def random(self) -> float:
        return float(self._streams.next()[0])

    def seed(self, *_: Any, **__: Any) -> None:
        """Its place is its seed."""


def below(uniform: Floats, numbers: Whole | int) -> Whole:
    """A whole number below each of `numbers`, as `random.Random.randrange` makes it of one draw."""
    below_digits: Whole = (uniform * _DIGITS).astype(np.int64) % numbers
    return below_digits


def chosen(values: Floats, epsilon: float, streams: Streams, runs: Whole | None = None) -> Whole:
    """Choose epsilon-greedily in `runs` or all, ties at random; a column holds one run's values.

    Draws as `qlmodels.store.epsilon_greedy` does: whether to explore, and which where there is more
    than one.
    """
    first = streams.next() if runs is None else streams.next_of(runs)
    ties = values == values.max(axis=0)
    action: Whole = ties.argmax(axis=0)
    found = ties.sum(axis=0, dtype=np.int64)
    explores = first < epsilon
    drawing = np.flatnonzero(explores | (found > 1))
    if drawing.size:
        second = streams.next_of(drawing if runs is None else runs[drawing])
        place = below(second, found[drawing])
        tied = (np.cumsum(ties[:, drawing], axis=0) <= place).sum(axis=0)
        action[drawing] = np.where(explores[drawing], below(second, len(values)), tied)
    return action


def _uniform(places: _Bits) -> Floats:
    uniform: Floats = (_mixed(places) >> _BELOW_ONE).astype(np.float64) / _DIGITS
    return uniform


def _mixed(bits: _Bits) -> _Bits:
    bits = (bits ^ (bits >> _SHIFTS[0])) * _FACTORS[0]
    bits = (bits ^ (bits >> _SHIFTS[1])) * _FACTORS[1]
    return bits ^ (bits >> _SHIFTS[2])

"""Means over runs, with their 95 % intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Mean:
    """The mean lies within `half` of `mean` with 95 % confidence, by Student's t."""

    mean: float
    half: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Mean":
        """One value a run, of two runs at least."""
        runs = len(values)
        half = _quantile(runs - 1) * stdev(values) / math.sqrt(runs)
        return cls(fmean(values), half, runs)

    @property
    def low(self) -> float:
        return self.mean - self.half

    @property
    def high(self) -> float:
        return self.mean + self.half

    def agrees_with(self, other: "Mean") -> bool:
        """Whether both may be means of the same, at 99.99 %: two in one of ten thousand are not."""
        return abs(self.mean - other.mean) <= 2 * math.hypot(self.half, other.half)


def _quantile(freedom: int) -> float:
    """Student's t for 95 %, by the expansion of Cornish and Fisher."""
    z, v = _Z, freedom
    terms = (
        (z**3 + z) / (4 * v),
        (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2),
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3),
    )
    return z + sum(terms)

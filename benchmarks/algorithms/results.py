"""What the runs of a figure say: means, and which curve lies above which."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from benchmarks.algorithms.figures import Figure, Point, Samples
from benchmarks.algorithms.intervals import Mean

LARGE = 1e3
"""Errors of runs that diverge are not written out."""

TOLERANCE = 1e-9
"""How far values that the database computed may be from those in memory."""


KEPT = Path(__file__).parent / "kept"
"""The runs that docs/algorithms.md shows."""


def file_of(figure: Figure) -> str:
    return f"{figure.key.replace(',', '').replace(' ', '-')}.json"


@dataclass(frozen=True)
class Difference:
    """How far one point lies above another, run by run; below it where the mean is negative."""

    upper: Point
    lower: Point
    by: Mean


@dataclass(frozen=True)
class Result:
    figure: Figure
    points: Mapping[Point, Mean]
    differences: Sequence[Difference]
    """Of every two curves at the same place, and of the figure's own comparisons."""

    @classmethod
    def of(cls, figure: Figure, samples: Samples) -> "Result":
        pairs = [
            *(pair for pair in combinations(samples, 2) if pair[0][1] == pair[1][1]),
            *figure.compared,
        ]
        return cls(
            figure,
            {point: Mean.of(values) for point, values in samples.items()},
            [
                Difference(upper, lower, _difference(samples[upper], samples[lower]))
                for upper, lower in pairs
            ],
        )

    @classmethod
    def read(cls, figure: Figure, document: Mapping[str, Any]) -> "Result":
        return cls(
            figure,
            {(row["curve"], row["at"]): Mean(**row["mean"]) for row in document["points"]},
            [
                Difference(tuple(row["upper"]), tuple(row["lower"]), Mean(**row["by"]))
                for row in document["differences"]
            ],
        )

    @classmethod
    def kept(cls, figure: Figure) -> "Result":
        return cls.read(figure, json.loads((KEPT / file_of(figure)).read_text("utf-8")))

    def document(self) -> dict[str, Any]:
        points = [
            {"curve": curve, "at": at, "mean": asdict(mean)}
            for (curve, at), mean in self.points.items()
        ]
        return {"points": points, "differences": [asdict(each) for each in self.differences]}

    def difference(self, upper: Point, lower: Point) -> Mean:
        """How far one point lies above the other."""
        for each in self.differences:
            if (each.upper, each.lower) == (upper, lower):
                return each.by
            if (each.lower, each.upper) == (upper, lower):
                return Mean(-each.by.mean, each.by.half, each.by.runs)
        raise KeyError(f"{upper} and {lower} were not compared")

    def markdown(self) -> str:
        """A row a place, a column a curve, and their order; then points at different places."""
        curves = list(dict.fromkeys(curve for curve, _ in self.points))
        places = list(dict.fromkeys(at for _, at in self.points))
        heads = [self.figure.places, *curves, "from the highest"]
        lines = [f"| {' | '.join(heads)} |", "|-" * len(heads) + "|"]
        for at in places:
            cells = [self._cell(self.points[curve, at]) for curve in curves]
            lines.append(f"| {' | '.join([at, *cells, self._order(at, curves)])} |")
        compared = [self._sentence(upper, lower) for upper, lower in self.figure.compared]
        return "\n".join([*lines, *([""] if compared else []), *compared])

    def _order(self, at: str, curves: Sequence[str]) -> str:
        """Each curve, and by how much it lies above the next; `=` where that is not certain."""
        ranked = sorted(curves, key=lambda curve: -self.points[curve, at].mean)
        words = [ranked[0]]
        for upper, lower in pairwise(ranked):
            by = self.difference((upper, at), (lower, at))
            sign = f"> (by {self._cell(by)})" if by.low > 0 else "="
            words += [sign, lower]
        return " ".join(words)

    def _sentence(self, upper: Point, lower: Point) -> str:
        by = self.difference(upper, lower)
        (high, at_high), (low, at_low) = upper, lower
        return f"- {high} at {at_high} lies {self._cell(by)} above {low} at {at_low}."

    def _cell(self, mean: Mean) -> str:
        if mean.mean > LARGE:
            return "diverges"
        digits = self.figure.digits
        return f"{mean.mean:.{digits}f} ± {mean.half:.{digits}f}"


def _difference(upper: Sequence[float], lower: Sequence[float]) -> Mean:
    return Mean.of([above - below for above, below in zip(upper, lower, strict=True)])

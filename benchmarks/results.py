"""What was measured, beside what was wanted."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """`at_least` or `at_most` this; neither where a figure is only told."""

    at_least: float | None = None
    at_most: float | None = None

    def __str__(self) -> str:
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return "" if self.at_most is None else f"<= {self.at_most:g}"

    def met_by(self, value: float) -> bool:
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )


@dataclass(frozen=True)
class Row:
    """One line of the table; `values` has one figure a round, or one in all."""

    what: str
    values: Sequence[float]
    goal: Goal = Goal()
    unit: str = "x"
    detail: str = ""
    is_timed: bool = True
    """Whether the speed of the machine has a part in it; else it holds everywhere or is a fault."""

    @property
    def minimum(self) -> float:
        return min(self.values)

    @property
    def median(self) -> float:
        ordered = sorted(self.values)
        middle = len(ordered) // 2
        return (ordered[middle] + ordered[-middle - 1]) / 2

    @property
    def maximum(self) -> float:
        return max(self.values)

    @property
    def met(self) -> bool:
        return self.goal.met_by(self.median)

    @property
    def is_a_goal(self) -> bool:
        return self.goal != Goal()

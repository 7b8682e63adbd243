"""One line of the comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured on both sides; seconds, unless `unit` says MB."""

    HEAD: ClassVar[tuple[str, ...]] = ("what", "sqladmin", "ours", "goal", "met")

    name: str
    theirs: float | None
    ours: float
    goal: float | None = None
    unit: str = "s"

    def cells(self) -> tuple[str, ...]:
        met = "" if self.goal is None else "met" if self.ours <= self.goal else "missed"
        figures = (self._shown(value) for value in (self.theirs, self.ours, self.goal))
        return (self.name, *figures, met)

    def _shown(self, value: float | None) -> str:
        if value is None:
            return ""
        if self.unit != "s":
            return f"{value:,.1f} {self.unit}"
        return f"{value * 1000:,.0f} ms" if value < 10 else f"{value:,.1f} s"


def markdown(rows: Sequence[Row]) -> str:
    lines = [Row.HEAD, ("-", "-:", "-:", "-:", "-"), *(row.cells() for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)

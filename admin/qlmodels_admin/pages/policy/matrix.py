"""States by actions: what each cell shows, so that it reads with and without colour."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from qlmodels.formatting import format_number
from qlmodels_admin.values import cut, dump_json, exact_moment

MAX_ACTIONS: Final = 16
"""Actions side by side."""

SHADES: Final = 5
"""Shades on either side of zero."""

MAX_DOT_RADIUS_PX: Final = 5.0
"""Radius, in pixels, of the most visited."""


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A pair: its value, how it is shaded, and how large its dot is."""

    row: Any
    shade: str
    radius: str
    is_greedy: bool
    was: float | None
    """Its value in the other version, if that is another one."""

    @property
    def key(self) -> int:
        return int(self.row["q_value_id"])

    @property
    def told(self) -> str:
        """All of it, in words."""
        visits = self.row["visits"]
        parts = [
            f"{matrix_line(self.row['action_data'])}: {format_number(self.row['q_value'])}",
            "the best action" if self.is_greedy else "",
            f"{visits:,} visit{'s' * (visits != 1)}",
            f"confidence {self.row['confidence']:.2f}",
            f"updated {exact_moment(self.row['last_updated'])[:16]} UTC",
            f"was {format_number(self.was)}" if self.was is not None else "",
        ]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A state, and a cell for each action; None where it was never tried."""

    state_hash: str
    state: str
    visits: int
    gap: float | None
    turned: bool
    """Whether its best action was another one in the other version."""
    cells: list[MatrixCell | None]


@dataclass(frozen=True, slots=True)
class PolicyMatrix:
    actions: list[str]
    lines: list[MatrixRow]
    left_out: int
    """Actions for which there is no room."""
    largest: float

    @classmethod
    def of(
        cls, states: Sequence[Any], cells: Sequence[Any], former: Sequence[Any]
    ) -> "PolicyMatrix":
        """Return the matrix of states in order, of their pairs, and of those in another version."""
        wanted = {state["state_hash"] for state in states}
        cells = [cell for cell in cells if cell["state_hash"] in wanted]
        tried: Counter[str] = Counter()
        for cell in cells:
            tried[cell["action_hash"]] += cell["visits"] + 1
        labels = {cell["action_hash"]: matrix_line(cell["action_data"]) for cell in cells}
        columns = [action for action, _ in tried.most_common(MAX_ACTIONS)]
        largest = max((abs(cell["q_value"]) for cell in cells), default=0.0)
        visited = max((cell["visits"] for cell in cells), default=0)
        known = {(cell["state_hash"], cell["action_hash"]): cell for cell in cells}
        before = {(cell["state_hash"], cell["action_hash"]): cell for cell in former}
        best, once = _greedy(cells), _greedy(former)
        lines = []
        for state in states:
            name = state["state_hash"]
            document = next((c["state_data"] for c in cells if c["state_hash"] == name), None)
            gap = None if state["second"] is None else state["best"] - state["second"]
            lines.append(
                MatrixRow(
                    name,
                    matrix_line(document),
                    state["visits"],
                    gap,
                    name in once and once[name] != best.get(name),
                    [
                        _cell(
                            known[name, action],
                            largest,
                            visited,
                            best[name] == action,
                            before.get((name, action)),
                        )
                        if (name, action) in known
                        else None
                        for action in columns
                    ],
                )
            )
        return cls(
            [labels[action] for action in columns], lines, len(tried) - len(columns), largest
        )


def _greedy(cells: Sequence[Any]) -> dict[str, str]:
    """The best action of each state, as get_best_action chooses."""
    ordered = sorted(
        cells, key=lambda c: (-c["q_value"], -c["confidence"], -c["visits"], c["action_hash"])
    )
    best: dict[str, str] = {}
    for cell in ordered:
        best.setdefault(cell["state_hash"], cell["action_hash"])
    return best


def _cell(
    row: Any, largest: float, visited: int, is_greedy: bool, before: Any | None
) -> MatrixCell:
    value = row["q_value"]
    step = math.ceil(SHADES * abs(value) / largest) if largest else 0
    sign = "plus" if value > 0 else "minus"
    share = math.log1p(row["visits"]) / math.log1p(visited) if visited else 0.0
    was = None if before is None or before["q_value"] == value else before["q_value"]
    return MatrixCell(
        row,
        f"{sign}-{step}" if step else "zero",
        f"{1 + (MAX_DOT_RADIUS_PX - 1) * share:.1f}",
        is_greedy,
        was,
    )


def matrix_line(document: Any) -> str:
    """A document in one line; of a single key the value alone."""
    if isinstance(document, dict) and len(document) == 1:
        (document,) = document.values()
        return matrix_line(document)
    if isinstance(document, dict) and document:
        text = ", ".join(f"{key}: {dump_json(value)}" for key, value in document.items())
    elif isinstance(document, str):
        text = document
    else:
        text = dump_json(document)
    return cut(text, 90)

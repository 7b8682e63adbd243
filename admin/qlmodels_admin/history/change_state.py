"""A logged change beside its row as it is now: whether it can be taken back, and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from qlmodels_admin.rows import Refused
from qlmodels_admin.values import cut, same_value, shown_difference

MAX_NAMED_ROWS: Final = 3
"""Rows that a refusal names, and columns that it names of each."""


class RowsMoved(Refused):
    """The rows were changed since, so nothing was taken back."""

    status = 409

    def __init__(self, states: Sequence["ChangeState"], all_of_them: Sequence[Any]) -> None:
        more = len(all_of_them) - MAX_NAMED_ROWS
        reasons = " ".join(f"{state.label}: {state.why}." for state in states[:MAX_NAMED_ROWS])
        super().__init__(
            f"Nothing was undone. {reasons}" + (f" And {more} more." if more > 0 else "")
        )
        self.can_be_forced = all(state.can_be_forced for state in states)


@dataclass(frozen=True, slots=True)
class UndoStep:
    """Changes of rows that differ, by one kind of statement on the same `columns`."""

    table: str
    operation: str
    columns: tuple[str, ...]
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChangeState:
    """A change: what its row held before it, after it, and holds now, of the step's columns."""

    label: str
    operation: str
    old: dict[str, Any]
    new: dict[str, Any]
    now: dict[str, Any] | None
    """None if there is no such row."""

    followers: tuple[str, ...] = ()
    """Tables with rows that would be deleted with this one."""

    @property
    def moved(self) -> list[str]:
        """Return the columns that were written since."""
        if self.now is None or self.operation == "delete":
            return []
        return [name for name, value in self.new.items() if not same_value(self.now[name], value)]

    @property
    def why(self) -> str:
        """Return why it cannot be taken back as it is; empty if it can."""
        if self.operation == "delete":
            return "" if self.now is None else "such a row is there again"
        if self.now is None:
            return "the row is no longer there"
        if self.followers:
            tables = " and ".join(self.followers)
            return f"rows of {tables} belong to it by now; its own page deletes it with them"
        parts = (
            f"{name} was {_brief(self.new[name])} after the change, and is {_brief(self.now[name])}"
            for name in self.moved[:MAX_NAMED_ROWS]
        )
        return "; ".join(parts)

    @property
    def can_be_forced(self) -> bool:
        return bool(self.moved) and not self.followers


def _brief(value: Any) -> str:
    return cut(shown_difference(value).striptags(), 60)

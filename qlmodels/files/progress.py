"""How far an export or import is, for whoever watches."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

OnRows: TypeAlias = Callable[[int], None]


class Progress(Protocol):
    """Told before each part what it is and how much there is of it, and then of what is done."""

    def part(self, what: str, total: int) -> Callable[[int], None]: ...


class SilentProgress:
    def part(self, what: str, total: int) -> Callable[[int], None]:  # noqa: ARG002
        return _ignore


def _ignore(_: int) -> None:
    """Nobody asked."""

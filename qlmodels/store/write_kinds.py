"""What a buffer groups: operations that write many as they write one."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple


class WriteKind(NamedTuple):
    """One of the operations that can be grouped."""

    operation: str
    ready: Callable[[Any], Any]
    """Checks and encodes one write; raises what is wrong with it."""

    write: Callable[[Sequence[Any]], Awaitable[Any]]
    """Writes all of what `ready` gave, or none."""


class Kinds(NamedTuple):
    learn: WriteKind
    upsert: WriteKind
    record: WriteKind
    record_reward: WriteKind

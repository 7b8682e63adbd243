"""Where a store tells how long its statements took, for whoever measures."""

from typing import Protocol

import asyncpg


class Meter(Protocol):
    """Is told in passing, on the hot path: each of these must be quick and must not raise.

    `operation` is the name of a statement of the store, such as `learn` or `select_action`;
    times are in seconds.
    """

    def watch(self, pool: asyncpg.Pool) -> None:
        """A store runs on this pool."""
        ...

    def took(self, agent_type: str, operation: str, seconds: float) -> None:
        """An operation was done, with all that it waited for and was tried again."""
        ...

    def failed(self, agent_type: str, operation: str, error: Exception) -> None:
        """An operation was given up."""
        ...

    def retried(self, agent_type: str, operation: str) -> None:
        """An operation is tried once more."""
        ...

    def waits(self) -> None:
        """Somebody asks a pool for a connection."""
        ...

    def waited(self, seconds: float) -> None:
        """Who asked has one, or has given up."""
        ...

"""What can go wrong between a service and its Q-table."""

from collections.abc import Sequence
from typing import NamedTuple, Self

from qlmodels.errors import DatabaseUnreachable, QLModelsError

NAMED = 5
"""Writes that a message names one by one."""


class InvalidValue(QLModelsError, ValueError):
    """A value cannot be stored: see the message for which, and for what is taken."""


class DocumentTooLarge(InvalidValue):
    """A JSON document is larger than Postgres can store: keep it elsewhere, store its name."""


class NoActions(InvalidValue):
    """There is no action to choose from: give the legal ones, or say that the step terminated."""


class StateMismatch(QLModelsError):
    """A hash is stored with another document: hash every feature of it, and nothing else."""


class WrongEnvironment(QLModelsError):
    """The agent type learns in another environment: one Q-table is one environment."""


class UnknownReference(QLModelsError):
    """A session, trajectory or pattern is not one of this agent type: start or record it first."""


class Conflict(QLModelsError):
    """Other transactions kept getting in the way: try again, with fewer writers at a time."""


class OutcomeUnknown(DatabaseUnreachable):
    """The connection broke before the answer: what was sent may or may not have been written.

    An operation that is cancelled while the database carries it out is cancelled from this error,
    its `__cause__`; one that is cancelled without it has written nothing.
    """

    @classmethod
    def of(cls, error: BaseException) -> Self | None:
        """Return this error, or the one among the causes of a cancellation or a TimeoutError.

        None where nothing was written.

        >>> try:
        ...     async with asyncio.timeout(1):
        ...         await store.learn_from(step)
        ... except TimeoutError as error:
        ...     is_known = OutcomeUnknown.of(error) is None
        """
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, cls):
            cause = cause.__cause__
        return cause


class PoolExhausted(DatabaseUnreachable):
    """All connections of the pool are in use: nothing was written. Make the pool larger."""


class StoreClosed(QLModelsError):
    """The pool or the buffer is closed: nothing was written. Keep it open as long as the store."""


class WrongEventLoop(QLModelsError):
    """The pool, session or buffer belongs to another event loop: nothing was written."""


class ConcurrentUse(QLModelsError):
    """Two operations ran at once in one transaction: await one after the other."""


class Refused(QLModelsError):
    """The database refused the operation: see its own words."""


class FailedWrite(NamedTuple):
    """A buffered write: `number` counts from 1 what the buffer was given."""

    number: int
    operation: str
    error: Exception

    def __str__(self) -> str:
        return f"number {self.number}, {self.operation}"


class WritesFailed(QLModelsError):
    """Buffered writes failed that were not awaited.

    `writes` are the first of them, by number and operation, and `failures` their errors.
    """

    def __init__(self, writes: Sequence[FailedWrite], number: int) -> None:
        first = f" The first: {_said(writes[0].error)}" if writes else ""
        super().__init__(
            f"{number} of the buffered writes failed and were not awaited "
            f"({listed(writes, number)}); the others are written.{first} "
            "Await what a write returns to know each."
        )
        self.writes = tuple(writes)
        self.failures = tuple(write.error for write in writes)


def listed(writes: Sequence[object], number: int) -> str:
    """Name the first of `number` writes."""
    return "; ".join([*map(str, writes[:NAMED]), *(["..."] if number > NAMED else [])])


def _said(error: Exception) -> str:
    """Errors that are not ours need their type, and may have no words."""
    if isinstance(error, QLModelsError):
        return str(error)
    return f"{type(error).__name__}: {error}."

"""What can go wrong between a service and its Q-table."""

from collections.abc import Sequence

from qlmodels.errors import DatabaseUnreachable, QLModelsError


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
    """The connection broke before the answer: what was sent may or may not have been written."""


class PoolExhausted(DatabaseUnreachable):
    """All connections of the pool are in use: nothing was written. Make the pool larger."""


class StoreClosed(QLModelsError):
    """The pool or the buffer is closed: nothing was written. Keep it open as long as the store."""


class Refused(QLModelsError):
    """The database refused the operation: see its own words."""


class WritesFailed(QLModelsError):
    """Buffered writes failed that nobody awaited; `failures` are the first of them."""

    def __init__(self, failures: Sequence[QLModelsError], number: int) -> None:
        super().__init__(
            f"{number} of the buffered writes failed and nobody awaited them; the others are "
            f"written. The first: {failures[0]} Await what a write returns to know each."
        )
        self.failures = tuple(failures)

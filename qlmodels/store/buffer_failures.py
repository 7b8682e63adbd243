"""Buffered writes that failed, until they are awaited or told of when the block is left."""

from typing import Any

from qlmodels.store.errors import FailedWrite, WritesFailed
from qlmodels.store.pending import Pending

REMEMBERED = 100
"""Failures that are told one by one; further ones are counted."""


class Failures:
    def __init__(self) -> None:
        self._writes: dict[Pending[Any], FailedWrite] = {}
        self._number = 0

    def add(self, pending: Pending[Any], write: FailedWrite) -> None:
        pending.fail(write.error)
        pending.failure = write
        if not pending.awaited:
            self.count(pending, write)

    def count(self, pending: Pending[Any], write: FailedWrite) -> None:
        """Nothing awaits it, or not any more."""
        pending.counted = True
        self._number += 1
        if len(self._writes) < REMEMBERED:
            self._writes[pending] = write

    def told(self, pending: Pending[Any]) -> None:
        """It is awaited, and so raises its failure itself."""
        self._number -= pending.counted
        pending.counted = False
        self._writes.pop(pending, None)

    def error(self) -> WritesFailed | None:
        if not self._number:
            return None
        return WritesFailed(list(self._writes.values()), self._number)

"""Grouping the writes of a busy service into batches."""

import asyncio
import logging
from dataclasses import dataclass
from itertools import groupby
from types import TracebackType
from typing import Any, Self

from qlmodels.errors import DatabaseUnreachable, QLModelsError
from qlmodels.store import checks
from qlmodels.store.buffer_failures import Failures
from qlmodels.store.checks import Number, Whole
from qlmodels.store.deadlines import one_deadline
from qlmodels.store.episode import Episode
from qlmodels.store.error_translation import on_another_loop
from qlmodels.store.errors import Conflict, FailedWrite, OutcomeUnknown, StoreClosed, listed
from qlmodels.store.pairs import Pair
from qlmodels.store.pending import Pending
from qlmodels.store.recording import GivenReward
from qlmodels.store.transition import Learned, Transition
from qlmodels.store.write_kinds import Kinds, WriteKind

logger = logging.getLogger(__name__)

HASTY_FLUSH_S = 0.4
"""Seconds that a cancelled block waits for a batch, beside twice what the slowest one took."""


@dataclass(slots=True)
class _Write:
    number: int
    kind: WriteKind
    pending: Pending[Any]
    row: Any = None

    def __str__(self) -> str:
        return f"number {self.number}, {self.kind.operation}"


class Buffer:
    """Writes wait until a batch is full, or `delay` seconds; they are made in their order.

    A write is checked and encoded when it is given, and returns as soon as fewer than `size` of
    them wait. What it returns may be awaited for the result, or for the error of this write alone;
    failures of those that were not awaited are raised together as WritesFailed when the block is
    left, which flushes all that was given, also when it is left by an error. A cancelled block
    flushes as long as batches go on being written, and says which writes were not made.
    Where awaiting a write is cancelled, the write goes on. One that is cancelled itself, while
    `size` others wait, is not made.
    A write that cannot be made does not take its batch with it.
    """

    def __init__(
        self, kinds: Kinds, *, batch: Whole, delay: Number, size: Whole, time_limit: float
    ) -> None:
        self._kinds = kinds
        self._batch = checks.at_least(batch, 1, "batch")
        self._delay = checks.not_negative(delay, "delay")
        self._queue: asyncio.Queue[_Write] = asyncio.Queue(checks.at_least(size, 1, "size"))
        self._time_limit = time_limit
        self._taken: list[_Write] = []
        self._open = False
        self._given = 0
        self._failures = Failures()
        self._flushing = 0
        self._window: asyncio.Timeout | None = None
        self._batches = 0
        self._longest = 0.0
        """Seconds that the slowest batch took."""
        self._silent = False
        self._cancelled: list[_Write] = []
        self._doubtful: list[_Write] = []

    async def learn(self, transition: Transition) -> Pending[Learned]:
        return await self._put(transition, self._kinds.learn)

    async def upsert(self, pair: Pair) -> Pending[int]:
        return await self._put(pair, self._kinds.upsert)

    async def record(self, episode: Episode) -> Pending[None]:
        return await self._put(episode, self._kinds.record)

    async def record_reward(self, reward: GivenReward) -> Pending[None]:
        return await self._put(reward, self._kinds.record_reward)

    @property
    def waiting(self) -> int:
        """Writes that no batch has taken yet."""
        return self._queue.qsize()

    async def flush(self) -> None:
        """Wait until all that was given so far is written, or has failed."""
        self._flushing += 1
        self._hurry()
        try:
            await self._queue.join()
        finally:
            self._flushing -= 1

    async def __aenter__(self) -> Self:
        self._open = True
        self._worker = asyncio.create_task(self._work())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open = False
        self._hurry()
        try:
            await self._drain(hastily=isinstance(error, asyncio.CancelledError))
        except asyncio.CancelledError as cancelled:
            error = cancelled
            await self._drain(hastily=True)
            raise
        finally:
            self._worker.cancel()
            await asyncio.wait([self._worker])
            self._abandon(error)
            self._tell(error)

    # -- taking --------------------------------------------------------------------------------

    async def _put(self, value: Any, kind: WriteKind) -> Pending[Any]:
        if not self._open:
            raise _closed()
        if self._worker.get_loop() is not asyncio.get_running_loop():
            raise on_another_loop("buffer")
        self._given += 1
        pending: Pending[Any] = Pending(self._failures)
        write = _Write(self._given, kind, pending)
        try:
            write.row = kind.ready(value)
        except Exception as error:
            self._fail(write, error)
        try:
            await self._queue.put(write)
        except asyncio.CancelledError:
            self._cancelled.append(write)
            raise
        if self._worker.done():
            raise _closed()
        return pending

    async def _gather(self) -> list[_Write]:
        """At least one write, and what else comes within the delay."""
        self._taken = batch = [await self._queue.get()]
        try:
            async with asyncio.timeout(self._delay if self._waits else 0) as self._window:
                while len(batch) < self._batch:
                    batch.append(await self._queue.get())
        except TimeoutError:
            pass
        finally:
            self._window = None
        return batch

    @property
    def _waits(self) -> bool:
        return self._open and not self._flushing

    def _hurry(self) -> None:
        """The batch that is being gathered waits no longer."""
        if self._window is not None and not self._window.expired():
            self._window.reschedule(asyncio.get_running_loop().time())

    # -- writing -------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            batch = await self._gather()
            try:
                writes = [write for write in batch if not write.pending.settled]
                for kind, alike in groupby(writes, key=lambda write: write.kind):
                    with one_deadline(self._time_limit):
                        await self._write(kind, list(alike))
            finally:
                for _ in batch:
                    self._queue.task_done()

    async def _write(self, kind: WriteKind, writes: list[_Write]) -> None:
        if self._silent:
            self._fail_all(writes, _not_tried())
            return
        began = asyncio.get_running_loop().time()
        try:
            results = await kind.write([write.row for write in writes])
        except asyncio.CancelledError as cancelled:
            if OutcomeUnknown.of(cancelled) is not None:
                self._doubtful += writes
                unknown = "The buffer was cancelled while it wrote this."
                for write in writes:
                    write.pending.fail(OutcomeUnknown(unknown))
            raise
        except Exception as error:
            await self._failed(kind, writes, error, asyncio.get_running_loop().time() - began)
            return
        self._batches += 1
        self._longest = max(self._longest, asyncio.get_running_loop().time() - began)
        for index, write in enumerate(writes):
            write.pending.succeed(results[index] if isinstance(results, list) else None)

    async def _failed(
        self, kind: WriteKind, writes: list[_Write], error: Exception, seconds: float
    ) -> None:
        if len(writes) > 1 and _is_of_one(error):
            middle = len(writes) // 2
            await self._write(kind, writes[:middle])
            await self._write(kind, writes[middle:])
            return
        self._fail_all(writes, error)
        silent = isinstance(error, DatabaseUnreachable) and seconds >= self._time_limit
        self._silent = silent and not self._open

    def _fail_all(self, writes: list[_Write], error: Exception) -> None:
        for write in writes:
            self._fail(write, error)

    def _fail(self, write: _Write, error: Exception) -> None:
        self._failures.add(write.pending, FailedWrite(write.number, write.kind.operation, error))

    # -- leaving -------------------------------------------------------------------------------

    async def _drain(self, *, hastily: bool) -> None:
        """Wait until everything is written; `hastily` only as long as batches are."""
        joined = asyncio.ensure_future(self._queue.join())
        try:
            while True:
                before = self._batches
                await asyncio.wait(
                    [joined, self._worker],
                    timeout=HASTY_FLUSH_S + 2 * self._longest if hastily else None,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if joined.done() or self._worker.done() or self._batches == before:
                    return
        finally:
            joined.cancel()

    def _abandon(self, error: BaseException | None) -> None:
        """Say what a cancelled flush left behind."""
        left = [write for write in self._taken if not write.pending.settled]
        while not self._queue.empty():
            write = self._queue.get_nowait()
            left += [] if write.pending.settled else [write]
        for write in left:
            write.pending.fail(StoreClosed("The buffer was cancelled before it wrote this."))
        if isinstance(error, asyncio.CancelledError):
            left += self._cancelled
        parts = [
            (f"{len(writes)} {what}", f" {which}: {listed(writes, len(writes))}.")
            for writes, what, which in (
                (left, "were not made", "Not made"),
                (self._doubtful, "may or may not have been made", "Unknown"),
            )
            if writes
        ]
        if not parts:
            return
        counts, names = zip(*parts, strict=True)
        sentence = (
            f"The buffer was cancelled: of its {self._given} writes {' and '.join(counts)}."
            f"{''.join(names)} Await what a write returns to know each."
        )
        logger.warning(sentence)
        if error is not None:
            error.add_note(sentence)

    def _tell(self, error: BaseException | None) -> None:
        failure = self._failures.error()
        if failure is None:
            return
        if error is None:
            raise failure
        error.add_note(str(failure))


def _is_of_one(error: Exception) -> bool:
    """Whether the database refused the batch for the sake of some of its writes."""
    whole = (Conflict, DatabaseUnreachable, StoreClosed)
    return isinstance(error, QLModelsError) and not isinstance(error, whole)


def _closed() -> StoreClosed:
    return StoreClosed("The buffer is closed, so nothing was written: write inside its block.")


def _not_tried() -> DatabaseUnreachable:
    return DatabaseUnreachable(
        "The database did not answer while the buffer was left, so this was not written: write "
        "it again when the database answers."
    )

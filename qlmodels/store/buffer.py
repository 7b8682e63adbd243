"""Grouping the writes of a busy service into batches."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from qlmodels.errors import DatabaseUnreachable, QLModelsError
from qlmodels.store import checks
from qlmodels.store.episode import Episode
from qlmodels.store.errors import Conflict, StoreClosed, WritesFailed
from qlmodels.store.pairs import Pair
from qlmodels.store.recording import GivenReward
from qlmodels.store.transition import Learned, Transition

T = TypeVar("T")
Many = Callable[[Sequence[Any]], Awaitable[Any]]

REMEMBERED = 100
"""Failures that are told one by one; further ones are counted."""


class Writer(Protocol):
    """The part of the store that writes in batches."""

    async def learn_many(self, transitions: Sequence[Transition]) -> list[Learned]: ...
    async def upsert_many(self, pairs: Sequence[Pair]) -> list[int]: ...
    async def record_many(self, episodes: Sequence[Episode]) -> int: ...
    async def record_rewards(self, rewards: Sequence[GivenReward]) -> None: ...


class Pending(Generic[T]):
    """A write that waits for its batch. Awaited, it gives the result or raises the failure."""

    def __init__(self) -> None:
        self._done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._awaited = False

    def __await__(self) -> Generator[Any, None, T]:
        self._awaited = True
        return asyncio.shield(self._done).__await__()

    @property
    def settled(self) -> bool:
        return self._done.done()

    def succeed(self, result: T) -> None:
        self._done.set_result(result)

    def fail(self, error: QLModelsError) -> bool:
        """Whether nobody waits to be told."""
        self._done.set_exception(error)
        self._done.exception()  # asyncio would complain of one that is never looked at
        return not self._awaited


@dataclass(frozen=True, slots=True)
class _Write:
    value: Any
    many: Many
    pending: Pending[Any]


class Buffer:
    """Writes wait until a batch is full, or `delay` seconds; they are made in their order.

    A write returns as soon as fewer than `size` of them wait. What it returns may be awaited for
    the result; failures of those that nobody awaited are raised together as WritesFailed when
    the block is left, which flushes all that was given, also when it is left by an error.
    A write that the database refuses does not take its batch with it.
    """

    def __init__(self, store: Writer, *, batch: int, delay: float, size: int) -> None:
        self._store = store
        self._batch = checks.at_least(batch, 1, "batch")
        self._delay = checks.finite(delay, "delay")
        self._queue: asyncio.Queue[_Write] = asyncio.Queue(checks.at_least(size, 1, "size"))
        self._taken: list[_Write] = []
        self._open = False
        self._failures: list[QLModelsError] = []
        self._failed = 0

    async def learn(self, transition: Transition) -> Pending[Learned]:
        return await self._put(transition, self._store.learn_many)

    async def upsert(self, pair: Pair) -> Pending[int]:
        return await self._put(pair, self._store.upsert_many)

    async def record(self, episode: Episode) -> Pending[None]:
        return await self._put(episode, self._store.record_many)

    async def record_reward(self, reward: GivenReward) -> Pending[None]:
        return await self._put(reward, self._store.record_rewards)

    @property
    def waiting(self) -> int:
        """Writes that no batch has taken yet."""
        return self._queue.qsize()

    async def flush(self) -> None:
        """Wait until all that was given so far is written, or has failed."""
        await self._queue.join()

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
        try:
            await self._queue.join()
        finally:
            self._worker.cancel()
            await asyncio.wait([self._worker])
            self._abandon()
        if self._failed:
            failure = WritesFailed(self._failures, self._failed)
            if error is None:
                raise failure
            error.add_note(str(failure))

    async def _put(self, value: Any, many: Many) -> Pending[Any]:
        if not self._open:
            raise StoreClosed(
                "The buffer is closed, so nothing was written: write inside its block."
            )
        pending: Pending[Any] = Pending()
        await self._queue.put(_Write(value, many, pending))
        return pending

    async def _work(self) -> None:
        while True:
            batch = await self._gather()
            try:
                for many, writes in groupby(batch, key=lambda write: write.many):
                    await self._write(many, list(writes))
            finally:
                for _ in batch:
                    self._queue.task_done()

    async def _gather(self) -> list[_Write]:
        """At least one write, and what else comes within the delay."""
        self._taken = batch = [await self._queue.get()]
        try:
            async with asyncio.timeout(self._delay):
                while len(batch) < self._batch:
                    batch.append(await self._queue.get())
        except TimeoutError:
            pass
        return batch

    async def _write(self, many: Many, writes: list[_Write]) -> None:
        try:
            results = await many([write.value for write in writes])
        except QLModelsError as error:
            if len(writes) > 1 and not isinstance(error, (Conflict, DatabaseUnreachable)):
                for write in writes:
                    await self._write(many, [write])
                return
            for write in writes:
                self._fail(write, error)
            return
        except asyncio.CancelledError:
            for write in writes:
                self._fail(write, StoreClosed("The buffer was cancelled while it wrote."))
            raise
        for index, write in enumerate(writes):
            write.pending.succeed(results[index] if isinstance(results, list) else None)

    def _fail(self, write: _Write, error: QLModelsError) -> None:
        if write.pending.fail(error):
            self._failed += 1
            self._failures += [error] if len(self._failures) < REMEMBERED else []

    def _abandon(self) -> None:
        """What a cancelled flush left behind."""
        left = [write for write in self._taken if not write.pending.settled]
        while not self._queue.empty():
            left.append(self._queue.get_nowait())
        for write in left:
            self._fail(write, StoreClosed("The buffer was cancelled before it wrote this."))

"""The synchronous buffer, and what its writes return."""

from types import TracebackType
from typing import Generic, Self, TypeVar

from qlmodels.store import Buffer as AsyncBuffer
from qlmodels.store import Episode, GivenReward, Learned, Pair, Pending, Transition
from qlmodels.sync.event_loop import BackgroundLoop, waiting

_Result = TypeVar("_Result")


class Written(Generic[_Result]):
    """A write that waits for its batch."""

    def __init__(self, loop: BackgroundLoop, pending: Pending[_Result]) -> None:
        self._loop = loop
        self._pending = pending

    def result(self) -> _Result:
        """Wait for the batch, and return the result or raise the failure of this write."""
        return self._loop.run(_awaited(self._pending))


class Buffer:
    """Writes that are grouped into batches, see `qlmodels.store.Buffer`.

    Failures of writes whose `result()` was not asked for are raised together as WritesFailed when
    the block is left.
    """

    def __init__(self, loop: BackgroundLoop, inner: AsyncBuffer) -> None:
        self._loop = loop
        self._inner = inner

    def learn(self, transition: Transition) -> Written[Learned]:
        return Written(self._loop, self._loop.run(self._inner.learn(transition)))

    def upsert(self, pair: Pair) -> Written[int]:
        return Written(self._loop, self._loop.run(self._inner.upsert(pair)))

    def record(self, episode: Episode) -> Written[None]:
        return Written(self._loop, self._loop.run(self._inner.record(episode)))

    def record_reward(self, reward: GivenReward) -> Written[None]:
        return Written(self._loop, self._loop.run(self._inner.record_reward(reward)))

    flush = waiting(AsyncBuffer.flush)

    @property
    def waiting(self) -> int:
        """Writes that no batch has taken yet."""
        return self._inner.waiting

    def __enter__(self) -> Self:
        self._loop.run(self._inner.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.run(self._inner.__aexit__(kind, error, traceback))


async def _awaited(pending: Pending[_Result]) -> _Result:
    return await pending

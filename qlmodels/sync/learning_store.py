"""The synchronous store: each operation waits for the one of the store that is asynchronous."""

import random
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from sqlalchemy import URL

from qlmodels.connection import Pool, open_pool
from qlmodels.settings import Pooler
from qlmodels.store import Chooser, EpsilonGreedy, Meter, Softmax
from qlmodels.store import LearningStore as AsyncStore
from qlmodels.sync.buffer import Buffer
from qlmodels.sync.event_loop import BackgroundLoop, waiting, within_loop


class LearningStore:
    """The store of `qlmodels.LearningStore` for code that does not await.

    It takes the URL of the agent's login in place of a pool, and the options of the store; its
    operations, their arguments and errors are the same, but for `within`, which takes an
    AsyncSession. It works in scripts, in notebooks whose event loop runs, and from any thread;
    `with`, or `close()`, closes its connections. A forked process opens a store of its own.

    >>> with LearningStore(url, "test-generator", actions=["unit", "property"]) as store:
    ...     choice = store.select_action({"module": "auth"})
    ...     store.learn({"module": "auth"}, choice.action, 1.0, {"module": "billing"})

    Raises DatabaseUnreachable, LoginRefused, ConfigurationError, InvalidValue.
    """

    def __init__(
        self,
        url: URL | str | None,
        agent_type: str,
        *,
        instance: str | None = None,
        actions: Sequence[Any] | None = None,
        encode: Callable[[Any], Any] | None = None,
        rng: random.Random | None = None,
        seed: int | None = None,
        choose: Chooser | None = None,
        next_policy: EpsilonGreedy | Softmax | None = None,
        patience: float = 30.0,
        meter: Meter | None = None,
        pooler: Pooler | None = None,
        max_size: int = 10,
    ) -> None:
        self._loop = BackgroundLoop()
        self._pool: Pool | None = None
        try:
            self._pool = self._loop.run(open_pool(url, pooler=pooler, max_size=max_size))
            self._inner = AsyncStore(
                self._pool,
                agent_type,
                instance=instance,
                actions=actions,
                encode=encode,
                rng=rng,
                seed=seed,
                choose=choose,
                next_policy=next_policy,
                patience=patience,
                meter=meter,
            )
        except BaseException:
            self.close()
            raise

    best_action = waiting(AsyncStore.best_action)
    actions = waiting(AsyncStore.actions)
    values = waiting(AsyncStore.values)
    select_action = waiting(AsyncStore.select_action)
    search = waiting(AsyncStore.search)
    upsert = waiting(AsyncStore.upsert)
    upsert_many = waiting(AsyncStore.upsert_many)
    nudge_many = waiting(AsyncStore.nudge_many)
    learn = waiting(AsyncStore.learn)
    learn_from = waiting(AsyncStore.learn_from)
    learn_and_select = waiting(AsyncStore.learn_and_select)
    learn_many = waiting(AsyncStore.learn_many)
    record = waiting(AsyncStore.record)
    record_many = waiting(AsyncStore.record_many)
    record_rewards = waiting(AsyncStore.record_rewards)
    replay = waiting(AsyncStore.replay)
    update_priorities = waiting(AsyncStore.update_priorities)
    remember_pattern = waiting(AsyncStore.remember_pattern)
    match_patterns = waiting(AsyncStore.match_patterns)
    use_pattern = waiting(AsyncStore.use_pattern)
    start_session = waiting(AsyncStore.start_session)
    finish_session = waiting(AsyncStore.finish_session)
    heartbeat = waiting(AsyncStore.heartbeat)
    purge_expired = waiting(AsyncStore.purge_expired)
    exploration_rate = waiting(AsyncStore.exploration_rate)
    prepare = within_loop(AsyncStore.prepare)
    finish_episode = within_loop(AsyncStore.finish_episode)

    def buffered(self, *, batch: int = 500, delay: float = 0.02, size: int = 10_000) -> Buffer:
        """Group writes into batches: `with store.buffered() as buffer`.

        A batch is at most `batch` writes and waits at most `delay` seconds; when `size` writes
        wait, the next one waits too.
        """
        return Buffer(self._loop, self._inner.buffered(batch=batch, delay=delay, size=size))

    @property
    def agent_type(self) -> str:
        return self._inner.agent_type

    @property
    def instance(self) -> str | None:
        return self._inner.instance

    @property
    def session(self) -> UUID | None:
        """The session that is running, if one was started; what is written belongs to it."""
        return self._inner.session

    @property
    def time_limit(self) -> float:
        """Seconds that an operation may take."""
        return self._inner.time_limit

    def close(self) -> None:
        """Close the connections, within ten seconds. A second time does nothing."""
        if self._loop.is_open:
            try:
                if self._pool is not None:
                    self._loop.run(self._pool.__aexit__())
            finally:
                self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

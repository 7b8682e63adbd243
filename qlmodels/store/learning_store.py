"""The store: all hot paths of one agent type, each operation in the module that is named here.

pairs      best_action, actions, values, select_action, search, upsert, upsert_many
nudges     nudge_many
learning   learn, learn_from, learn_and_select, learn_many
recording  record, record_many, record_rewards
replay     replay, update_priorities
patterns   remember_pattern, match_patterns, use_pattern
instances  start_session, finish_session, heartbeat
retention  purge_expired
core       within, prepare, exploration_rate, finish_episode
buffer     buffered
"""

from qlmodels.store.adopted_hashing import keyed_later
from qlmodels.store.buffer import Buffer
from qlmodels.store.checks import Number, Whole
from qlmodels.store.instances import Instances
from qlmodels.store.learning import LearningOperations
from qlmodels.store.nudges import Nudges
from qlmodels.store.pairs import Pairs
from qlmodels.store.patterns import Patterns
from qlmodels.store.recording import Recording
from qlmodels.store.replay import Replay
from qlmodels.store.retention import Retention
from qlmodels.store.write_kinds import Kinds, WriteKind


class LearningStore(
    Pairs, Nudges, LearningOperations, Recording, Replay, Patterns, Instances, Retention
):
    """The Q-table of one agent type, over a pool of that agent's own login.

    `instance` names the running agent, whose exploration and totals it counts; `actions` are the
    legal actions wherever none are given; `encode` rounds or buckets a state before it is hashed
    and stored; `seed` or `rng` makes choices repeatable; `choose` is the way to choose, `greedy()`,
    `epsilon_greedy(e)`, `softmax(t)` or `ucb(c)`, by default epsilon-greedy with an epsilon that
    decays; `next_policy` is the target of steps that give none, `epsilon_greedy(e)` or
    `softmax(t)`, by default greedy; `patience` (seconds) bounds how long an operation waits, for a
    connection of the pool and for answers, with 0 it is not tried again; `meter` is told how long
    operations take, see qlmodels.monitoring.

    A database that does not answer in time raises DatabaseUnreachable, OutcomeUnknown where it may
    have written, PoolExhausted where the pool had no connection to give.

    >>> async with create_pool(url) as pool:
    ...     store = LearningStore(pool, "test-generator", actions=["unit", "property"])
    ...     choice = await store.select_action({"module": "auth"})
    ...     await store.learn({"module": "auth"}, choice.action, 1.0, {"module": "billing"})
    """

    def buffered(self, *, batch: Whole = 500, delay: Number = 0.02, size: Whole = 10_000) -> Buffer:
        """Group the writes of many tasks into batches: `async with store.buffered() as buffer`.

        A batch is at most `batch` writes and waits at most `delay` seconds; when `size` writes
        wait, the next one waits too.

        >>> async with store.buffered() as buffer:
        ...     learned = await buffer.learn(transition)
        ...     await learned  # optional: the batch is written now
        """
        kinds = Kinds(
            learn=WriteKind("learn", *keyed_later(self, self._step, self._learn_written)),
            upsert=WriteKind("upsert", *keyed_later(self, self._row, self._upsert_written)),
            record=WriteKind("record", *keyed_later(self, self._written, self._record_written)),
            record_reward=WriteKind(
                "record_reward", *keyed_later(self, self._reward, self._reward_written)
            ),
        )
        return Buffer(kinds, batch=batch, delay=delay, size=size, time_limit=self.time_limit)

"""Recording episodes and rewards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from qlmodels.errors import UnknownAgentType
from qlmodels.reward_types import REWARD_TYPES, RewardType
from qlmodels.store import checks
from qlmodels.store.adopted_hashing import keyed
from qlmodels.store.core import Core
from qlmodels.store.deadlines import within_time_limit
from qlmodels.store.episode import Episode
from qlmodels.store.hashing import Document, Encode, Hashed, array, document


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenReward:
    """One reward for one action in one state, for example one that came long after."""

    state: Any
    action: Any
    reward: float
    reward_type: RewardType = "immediate"
    reward_source: str | None = None
    step: int | None = None
    session: UUID | None = None
    trajectory_id: UUID | None = None


class _Written(NamedTuple):
    """An episode as its row, but for what the agent type's discount factor decides."""

    episode: Episode
    before: tuple[Any, ...]
    after: tuple[Any, ...]

    def row(self, discount_factor: float) -> tuple[Any, ...]:
        discounted = self.episode.discounted_reward(discount_factor)
        return (*self.before, checks.finite(discounted, "discounted reward"), *self.after)


class Recording(Core):
    async def record(self, episode: Episode, *, rewards: bool = False) -> None:
        """Store an episode; with `rewards`, each step's reward as a row of its own too.

        The same transaction adds it to the instance's row of agent_states, from which epsilon goes
        on, unless it is an evaluation. Stores without an instance share the row of
        UNNAMED_INSTANCE. Recording it again stores and counts nothing more.

        Raises UnknownAgentType, UnknownReference for a session that is not this agent type's,
        InvalidValue.
        """
        await self.record_many([episode], rewards=rewards)

    @keyed
    @within_time_limit
    async def record_many(self, episodes: Sequence[Episode], *, rewards: bool = False) -> int:
        """`record` of all in one statement, or of none; how many were not stored before."""
        given = checks.instances(episodes, Episode, "episodes")
        with_rewards = checks.flag(rewards, "rewards")
        written = [self._written(episode) for episode in given]
        first = {episode.trajectory_id: episode for episode in reversed(given)}.values()
        steps = [row for episode in first for row in self._rewards(episode)] if with_rewards else []
        return await self._record_written(written, steps) if written else 0

    async def _record_written(
        self, episodes: Sequence[_Written], rewards: Sequence[tuple[Any, ...]] = ()
    ) -> int:
        """What `_written` and `_rewards` wrote."""
        gamma = (await self._kind())["discount_factor"]
        stored = await self._fetch_one(
            "record_many",
            self.agent_type,
            *_columns([one.row(gamma) for one in episodes]),
            *_columns(rewards, width=7),
            self._row_name,
        )
        if stored is None:
            raise UnknownAgentType.hidden_or_absent(self.agent_type)
        self._explore(stored)
        return int(stored["stored"])

    @keyed
    async def record_rewards(self, rewards: Sequence[GivenReward]) -> None:
        """Store rewards in one statement, all or none.

        Raises UnknownReference for a session or trajectory that is not this agent type's.
        """
        given = checks.instances(rewards, GivenReward, "rewards")
        await self._reward_written([self._reward(reward) for reward in given])

    async def _reward_written(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """What `_reward` wrote."""
        if rows:
            await self._fetch("record_rewards", self.agent_type, *_columns(rows), repeatable=False)

    def _reward(self, given: GivenReward) -> tuple[Any, ...]:
        checks.instance(given, GivenReward, "reward")
        return (
            checks.optional(checks.uuid, given.session, "session") or self.session,
            checks.optional(checks.uuid, given.trajectory_id, "trajectory_id"),
            self._state(given.state).hash,
            self._action(given.action).hash,
            checks.finite(given.reward, "reward"),
            checks.optional(checks.at_least, given.step, 0, "step"),
            checks.one_of(given.reward_type, REWARD_TYPES, "reward_type"),
            checks.optional(checks.text, given.reward_source, 100, "reward_source"),
        )

    def _written(self, episode: Episode) -> _Written:
        checks.instance(episode, Episode, "episode")
        first, last = (self._document(episode.states[end], "state") for end in (0, -1))
        duration = (episode.completed_at - episode.started_at).total_seconds()
        before = (
            checks.uuid(episode.trajectory_id, "trajectory_id"),
            checks.optional(checks.uuid, episode.session, "session") or self.session,
            checks.text(episode.task_id, 100, "task_id"),
            first,
            last,
            self._array(episode.actions, "action", self._action),
            self._array(episode.states, "state", self._state, self._encode),
            document(episode.rewards, "rewards"),
            checks.finite(episode.total_reward, "total reward"),
        )
        after = (
            min(max(0, round(1000 * duration)), checks.MAX_INTEGER),
            checks.flag(episode.success, "success"),
            checks.flag(episode.terminated, "terminated"),
            checks.flag(episode.truncated, "truncated"),
            checks.flag(episode.is_evaluation, "is_evaluation"),
            checks.optional(checks.bigint, episode.seed, "seed"),
            checks.optional(checks.rate, episode.exploration_rate, "exploration_rate"),
            checks.at_least(episode.policy_version, 0, "policy_version"),
            checks.positive(episode.priority, "priority"),
            checks.optional(checks.words, episode.error_message, "error_message"),
            episode.started_at,
            episode.completed_at,
            document(checks.mapping(episode.extra, "extra"), "extra"),
            checks.optional(self._legal_actions, episode.legal, "legal action"),
        )
        return _Written(episode, before, after)

    def _rewards(self, episode: Episode) -> list[tuple[Any, ...]]:
        last = len(episode.actions) - 1
        return [
            (
                checks.uuid(episode.trajectory_id, "trajectory_id"),
                self._state(state).hash,
                self._action(action).hash,
                reward,
                step,
                "terminal" if step == last and episode.terminated else "immediate",
                episode.completed_at,
            )
            for step, (state, action, reward) in enumerate(
                zip(episode.states, episode.actions, episode.rewards, strict=False)
            )
        ]

    def _document(self, state: Any, what: str) -> str:
        return self._state(state, what).stored(what)

    def _legal_actions(self, lists: Sequence[Sequence[Any]], what: str) -> str:
        return array(self._array(actions, what, self._action) for actions in lists)

    def _array(
        self,
        values: Sequence[Any],
        what: str,
        identify: Callable[[Any, str], Document],
        encode: Encode | None = None,
    ) -> str:
        """A JSON array of states or actions; written at once where none of them is made ready."""
        if self._adopted or any(isinstance(value, Hashed | Document) for value in values):
            return array(identify(value, what).stored(what) for value in values)
        return document([encode(value) if encode else value for value in values], what)


def _columns(rows: Sequence[tuple[Any, ...]], width: int = 0) -> list[list[Any]]:
    """Rows as the arrays that `unnest` takes; `width` empty ones where there is no row."""
    return (
        [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
    )

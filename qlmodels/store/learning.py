"""Learning: one step or many, atomic in the database."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from qlmodels.reward_types import REWARD_TYPES, RewardType
from qlmodels.store import checks
from qlmodels.store.adopted_hashing import keyed
from qlmodels.store.checks import Number, Whole
from qlmodels.store.choice import Choice, choose
from qlmodels.store.core import Core
from qlmodels.store.deadlines import within_time_limit
from qlmodels.store.errors import InvalidValue, NoActions
from qlmodels.store.hashing import Document, array, record
from qlmodels.store.next_policy import NextPolicy, Target, target
from qlmodels.store.transition import Learned, Transition


class _Given(NamedTuple):
    """A transition, checked and hashed."""

    state: Document
    action: Document
    reward: float
    follower: str | None
    legal: list[str] | None
    terminated: bool
    session: UUID | None
    discount_factor: float | None
    reward_type: RewardType | None
    reward_source: str | None
    step: int | None
    next_policy: Target
    learning_rate: float | None
    weight: float | None

    @property
    def has_options(self) -> bool:
        return (self.next_policy, self.learning_rate, self.weight) != (None, None, None)


class LearningOperations(Core):
    async def learn(
        self,
        state: Any,
        action: Any,
        reward: Number,
        next_state: Any,
        next_actions: Sequence[Any] | None = None,
        terminated: bool = False,
        truncated: bool = False,
        *,
        discount_factor: Number | None = None,
        session: UUID | None = None,
        reward_type: RewardType | None = None,
        reward_source: str | None = None,
        step: Whole | None = None,
        next_policy: NextPolicy | None = None,
        learning_rate: Number | None = None,
        weight: Number | None = None,
    ) -> Learned:
        """One step of Q-learning in one round trip: Q <- Q + alpha w (r + gamma V' - Q).

        V' is the maximum over the legal actions of the next state, untried ones counting as the
        agent type's initial_q_value, and 0 when `terminated`; a `truncated` step bootstraps like
        any other. Where the legal actions are known neither from here nor from the store, there are
        the agent type's action_space_dimensions of them.
        alpha = max(min_learning_rate, learning_rate / visits^learning_rate_decay) and
        gamma, unless given, are the agent type's; w is the `weight`, 1 unless given.
        Concurrent steps lose nothing.

        With a `next_policy`, V' is what those actions are worth under it: `epsilon_greedy(e)` or
        `softmax(t)` makes the step one of Expected SARSA, {action: 1.0} one of SARSA. The database
        computes it from the values that the update itself reads, and such steps are serial.
        See `Transition` for the arguments.

        Raises NoActions where that number is null too; StateMismatch, UnknownAgentType,
        UnknownReference, InvalidValue; OutcomeUnknown when the connection broke, for then the step
        may have been made.
        """
        return await self.learn_from(
            Transition(
                state=state,
                action=action,
                reward=checks.finite(reward, "reward"),
                next_state=next_state,
                next_actions=next_actions,
                terminated=terminated,
                truncated=truncated,
                discount_factor=checks.optional(checks.rate, discount_factor, "discount_factor"),
                session=session,
                reward_type=reward_type,
                reward_source=reward_source,
                step=checks.optional(checks.at_least, step, 0, "step"),
                next_policy=next_policy,
                learning_rate=checks.optional(checks.rate, learning_rate, "learning_rate"),
                weight=checks.optional(checks.not_negative, weight, "weight"),
            )
        )

    @keyed
    async def learn_from(self, transition: Transition) -> Learned:
        """`learn`, from a transition."""
        given = self._given(transition)
        options = (
            (record(given.next_policy, {}) if given.next_policy else None),
            given.learning_rate,
            given.weight,
        )
        row = await self._fetch_only(
            "learn_with_options" if given.has_options else "learn",
            self.agent_type,
            given.state.hash,
            given.state.stored("state"),
            given.action.hash,
            given.action.stored("action"),
            given.reward,
            given.follower,
            given.legal,
            given.terminated,
            given.session,
            given.discount_factor,
            given.reward_type,
            given.reward_source,
            given.step,
            *(options if given.has_options else ()),
            repeatable=False,
        )
        self._tally.pairs += row["is_new"]
        return Learned(
            row["q_value"],
            row["td_error"],
            row["learning_rate"],
            row["visit_count"],
            row["next_values"] and tuple(row["next_values"]),
            row["next_visits"] and tuple(row["next_visits"]),
        )

    @keyed
    @within_time_limit
    async def learn_and_select(
        self, transition: Transition, epsilon: Number | None = None
    ) -> tuple[Learned, Choice]:
        """Learn from a step and choose the action of its next state, in one round trip.

        As `learn` and then `select_action(next_state, next_actions)`. Raises as they do, and
        InvalidValue for a step that terminated, after which there is nothing to choose.
        """
        checks.instance(transition, Transition, "transition")
        if checks.flag(transition.terminated, "terminated"):
            raise InvalidValue("The step terminated, so that no action follows it: use learn().")
        legal = self._legal(transition.next_actions, "next_actions")
        if legal is None:
            raise NoActions(
                "No actions of the next state were given: give them in the transition, or all of "
                "them to LearningStore(actions=)."
            )
        chooser = await self._chooser(epsilon)
        learned = await self.learn_from(transition)
        visits = learned.next_visits or ()
        self._tally.looked_up(any(visits))
        return learned, choose(chooser, self._rng, legal[0], learned.next_values or (), visits)

    @keyed
    async def learn_many(self, transitions: Sequence[Transition]) -> list[Learned]:
        """`learn` from all in their order, in one round trip and one transaction.

        The result is that of one by one. Batches never deadlock. Raises as `learn` does, and
        then nothing of the batch was learned.
        """
        steps = checks.instances(transitions, Transition, "transitions")
        if not steps:
            return []
        return await self._learn_written([self._step(transition) for transition in steps])

    async def _learn_written(self, steps: Sequence[str]) -> list[Learned]:
        """What `_step` wrote."""
        rows = await self._fetch("learn_many", self.agent_type, array(steps), repeatable=False)
        self._tally.pairs += sum(row["is_new"] for row in rows)
        return [Learned(*tuple(row)[:4]) for row in rows]

    def _step(self, transition: Transition) -> str:
        given = self._given(transition)
        options = {
            "next_policy": given.next_policy,
            "learning_rate": given.learning_rate,
            "weight": given.weight,
        }
        return record(
            {
                **(options if given.has_options else {}),
                "state_hash": given.state.hash,
                "action_hash": given.action.hash,
                "reward": given.reward,
                "next_state_hash": given.follower,
                "next_action_hashes": given.legal,
                "terminated": given.terminated,
                "discount_factor": given.discount_factor,
                "session_id": given.session and str(given.session),
                "reward_type": given.reward_type,
                "reward_source": given.reward_source,
                "step": given.step,
            },
            {
                "state_data": given.state.stored("state"),
                "action_data": given.action.stored("action"),
            },
        )

    def _given(self, transition: Transition) -> _Given:
        checks.instance(transition, Transition, "transition")
        checks.flag(transition.truncated, "truncated")
        terminated = checks.flag(transition.terminated, "terminated")
        follower, legal = (None, None) if terminated else self._follower(transition)
        wanted = transition.next_policy
        policy = target(self._next_policy if wanted is None else wanted, legal, self._action)
        if policy is not None and legal is None and not terminated:
            legal = list(policy.get("probabilities", ())) or None
        return _Given(
            self._state(transition.state),
            self._action(transition.action),
            checks.finite(transition.reward, "reward"),
            follower,
            legal,
            terminated,
            checks.optional(checks.uuid, transition.session, "session") or self.session,
            checks.optional(checks.rate, transition.discount_factor, "discount_factor"),
            checks.optional(checks.one_of, transition.reward_type, REWARD_TYPES, "reward_type"),
            checks.optional(checks.text, transition.reward_source, 100, "reward_source"),
            checks.optional(checks.at_least, transition.step, 0, "step"),
            policy,
            checks.optional(checks.rate, transition.learning_rate, "learning_rate"),
            checks.optional(checks.not_negative, transition.weight, "weight"),
        )

    def _follower(self, transition: Transition) -> tuple[str, list[str] | None]:
        """The hash of the next state, and those of its legal actions."""
        legal = self._legal(transition.next_actions, "next_actions")
        return self._state(transition.next_state, "next_state").hash, legal and legal[1]

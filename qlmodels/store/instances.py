"""Sessions of an agent, and what its instances report of themselves."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias, get_args
from uuid import UUID, uuid4

import qlmodels
from qlmodels.errors import UnknownAgentType
from qlmodels.store import checks, own_arguments
from qlmodels.store.checks import Number, Whole
from qlmodels.store.core import Core
from qlmodels.store.deadlines import within_time_limit
from qlmodels.store.errors import InvalidValue, OutcomeUnknown, UnknownReference, WrongEnvironment
from qlmodels.store.hashing import Json, document
from qlmodels.store.plain import MAX_WHOLE
from qlmodels.tables import MAX_TAGS

InstanceStatus: TypeAlias = Literal["idle", "active", "learning", "paused", "error"]
Ending: TypeAlias = Literal["completed", "failed", "cancelled"]


LONGEST_TAG = 50


class Instances(Core):
    @within_time_limit
    async def start_session(
        self,
        name: str | None = None,
        *,
        environment: str = "development",
        extra: Mapping[str, Json] | None = None,
        hyperparameters: Mapping[str, Json] | None = None,
        tags: Iterable[str] = (),
        notes: str | None = None,
    ) -> UUID:
        """Begin a session, to which what this store writes belongs until it is finished.

        Stores with it how the agent learns now: the rates, decays, discount factor and initial
        value of the agent type, how this store chooses (`chooser`), what it learns towards
        (`target`), its `seed`, and the `qlmodels_version`. `hyperparameters` are added to these, or
        take their place: what else the run is to be compared by. `tags` and `notes` are for people.

        Raises WrongEnvironment when the agent type learns in another environment, for then its
        Q-table would mix two worlds; UnknownAgentType, InvalidValue.
        """
        session = uuid4()
        made = await self._fetch_one(
            "start_session",
            self.agent_type,
            session,
            checks.optional(checks.text, name, 200, "name"),
            checks.text(environment, 50, "environment"),
            document({} if extra is None else checks.mapping(extra, "extra"), "extra"),
            self.instance,
            document(
                self._hyperparameters(
                    {}
                    if hyperparameters is None
                    else checks.mapping(hyperparameters, "hyperparameters")
                ),
                "hyperparameters",
            ),
            checks.texts(tags, LONGEST_TAG, MAX_TAGS, "tags"),
            checks.optional(checks.words, notes, "notes"),
        )
        if made is None:
            kind = await self._kind()
            raise WrongEnvironment(
                f"Agent type {self.agent_type} learns in environment {kind['environment']!r} and "
                f"the session is for {environment!r}: one Q-table is one environment, so use an "
                "agent type of its own for each."
            )
        self.session = session
        return session

    def _hyperparameters(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What is known of the run here; the database adds what the agent type says."""
        seed = self._seed
        return {
            "chooser": own_arguments.described(self._choose, "epsilon_greedy"),
            "target": own_arguments.described(self._next_policy, "greedy"),
            "seed": seed if seed is None or abs(seed) <= MAX_WHOLE else str(seed),
            "qlmodels_version": qlmodels.__version__,
            **given,
        }

    async def finish_session(
        self,
        session: UUID | None = None,
        *,
        status: Ending = "completed",
        task_count: Whole | None = None,
        total_reward: Number | None = None,
    ) -> None:
        """End a session, by default the one that runs.

        Totals that are not given are computed from the session's recorded episodes. Raises
        UnknownReference when this agent type has no such session.
        """
        session = checks.optional(checks.uuid, session, "session") or self.session
        if session is None:
            raise InvalidValue("No session is running: start one, or say which is to be finished.")
        done = await self._fetch_one(
            "finish_session",
            self.agent_type,
            checks.uuid(session, "session"),
            checks.one_of(status, get_args(Ending), "status"),
            checks.optional(checks.at_least, task_count, 0, "task_count"),
            checks.optional(checks.finite, total_reward, "total_reward"),
        )
        if done is None:
            raise UnknownReference(
                f"Agent type {self.agent_type} has no session {session}: start it first."
            )
        if session == self.session:
            self.session = None

    async def heartbeat(
        self,
        instance: str | None = None,
        *,
        status: InstanceStatus = "active",
        exploration_rate: Number | None = None,
        learning_rate: Number | None = None,
    ) -> None:
        """Say that an instance is alive, and add what was counted since the last time.

        `instance` is by default the store's own; all stores without one share the row of
        UNNAMED_INSTANCE. Episodes that are not recorded, their successes and rewards, pairs and
        patterns made, look-ups and those that found a learned pair are added to the instance's row
        by the database; recorded episodes are there already. Rates that are not given are the
        agent type's; epsilon decays by the instance's finished episodes.

        When it fails or is cancelled the counts are kept for the next one, except where the outcome
        is unknown: they may have been added, and totals must not count twice.
        """
        name = checks.optional(checks.text, instance, 100, "instance") or self._row_name
        taken = self._tally.take()
        try:
            row = await self._fetch_one(
                "heartbeat",
                self.agent_type,
                name,
                taken.episodes,
                taken.successes,
                taken.total_reward,
                checks.one_of(status, get_args(InstanceStatus), "status"),
                checks.optional(checks.rate, exploration_rate, "exploration_rate"),
                checks.optional(checks.rate, learning_rate, "learning_rate"),
                taken.patterns,
                taken.pairs,
                taken.lookups,
                taken.lookup_hits,
                repeatable=False,
            )
            if row is None:
                raise UnknownAgentType.hidden_or_absent(self.agent_type)
        except BaseException as error:
            if OutcomeUnknown.of(error) is None:
                self._tally.give_back(taken)
            raise
        if name == self._row_name:
            self._explore(row)
        else:
            self._tally.elsewhere += taken.episodes

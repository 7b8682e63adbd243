"""What every part of the store has: connections, an agent type, hashes, and counts."""

import asyncio
import copy
import random
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from qlmodels.connection import SessionGuard
from qlmodels.errors import UnknownAgentType
from qlmodels.files import sql_of
from qlmodels.logins import LOGIN_PREFIXES
from qlmodels.store import checks, own_arguments
from qlmodels.store.adopted_hashing import AdoptedHashing, original_text
from qlmodels.store.checks import Number, Whole
from qlmodels.store.choice import Chooser, EpsilonGreedy, Softmax, epsilon_greedy
from qlmodels.store.connections import Call, Connections, Inside, Pooled, T, begin_transaction
from qlmodels.store.counters import Counters, Exploration
from qlmodels.store.deadlines import deadline_of, within_time_limit
from qlmodels.store.error_translation import (
    login_of,
    on_another_loop,
    speaks_for_none,
    unreachable,
)
from qlmodels.store.errors import InvalidValue, NoActions
from qlmodels.store.hashing import Document, Encode, Hashed, identify
from qlmodels.store.metrics_protocol import Meter
from qlmodels.store.plain import shown

sql = sql_of("qlmodels.store")

SINGLE_ATTEMPT_S = 5.0
"""Seconds that an operation may take with a patience of 0, which tries it only once."""

UNNAMED_INSTANCE = "unnamed"
"""The agent_instance_id of the row that all stores without an instance of an agent type share."""

_ACTING_AS = "select nullif(current_setting('app.agent_type', true), '')"

"""Any statement begins the transaction; a pooled connection may come with row_security off."""


class Core:
    _connections: Connections

    def __init__(
        self,
        pool: asyncpg.Pool,
        agent_type: str,
        *,
        instance: str | None = None,
        actions: Sequence[Any] | None = None,
        encode: Encode | None = None,
        rng: random.Random | None = None,
        seed: Whole | None = None,
        choose: Chooser | None = None,
        next_policy: EpsilonGreedy | Softmax | None = None,
        patience: Number = 30.0,
        meter: Meter | None = None,
    ) -> None:
        seconds = checks.not_negative(patience, "patience")
        self.time_limit = seconds or SINGLE_ATTEMPT_S
        """Seconds that an operation may take, of all its statements and attempts together."""
        self._connections = Pooled(pool, self.time_limit, meter, retries=seconds > 0)
        self._meter = meter
        self.agent_type = checks.text(agent_type, 50, "agent_type")
        self.instance = checks.optional(checks.text, instance, 100, "instance")
        self.session: UUID | None = None
        """The session that is running, if one was started; what is written belongs to it."""
        self._encode = checks.optional(checks.function, encode, "encode")
        self._seed = checks.optional(checks.bigint, seed, "seed")
        self._rng = own_arguments.generator(rng, self._seed)
        self._choose = checks.optional(own_arguments.chooser, choose, "choose")
        self._next_policy = checks.optional(own_arguments.target, next_policy, "next_policy")
        self._tally = Counters()
        self._exploration: Exploration | None = None
        self._outer: Core | None = None
        self._made_at: datetime | None = None
        self._knows_hashing = False
        self._adopted: AdoptedHashing | None = None
        self._actions = checks.optional(self._identify_actions, actions, "actions")

    @within_time_limit
    async def within(self, session: AsyncSession) -> Self:
        """This store inside the transaction of `session`, which commits or rolls back as one.

        Flushes the session first. Counts and exploration are shared with this store; a count of
        what is rolled back stays. With an engine of isolation_level "AUTOCOMMIT" each operation
        is a transaction of its own, and spares three round trips of four.

        Raises DatabaseUnreachable when the session gets no connection within the time limit.
        """
        ends = deadline_of(self.time_limit)
        try:
            async with asyncio.timeout_at(ends):
                held = await SessionGuard.by(_checked(session))
        except TimeoutError as error:
            late = TimeoutError(f"no connection within {self.time_limit:g} seconds")
            raise unreachable(late) from error
        except DBAPIError as error:
            refused = error.orig.__cause__ if error.orig is not None else None
            raise unreachable(refused or error) from error
        except RuntimeError as error:
            if "different loop" not in str(error) and "different event loop" not in str(error):
                raise
            raise on_another_loop("session's engine") from error
        inside = copy.copy(self)
        inside._outer = self
        inside._connections = within = Inside(held, self.time_limit)
        await within.enter(session.run_sync(begin_transaction))
        login = login_of(held.driver)
        if login.startswith(LOGIN_PREFIXES["fleet"]):
            seconds = ends - asyncio.get_running_loop().time()
            if not await held.within(held.driver.fetchval(_ACTING_AS), seconds):
                raise speaks_for_none(login, self.agent_type)
        return inside

    # -- statements ----------------------------------------------------------------------------

    async def _run(self, operation: str, call: Call[T], *, repeatable: bool) -> T:
        began = time.perf_counter()
        try:
            result = await self._connections.run(
                call, self.agent_type, operation, repeatable=repeatable
            )
        except Exception as error:
            if self._meter is not None:
                self._meter.failed(self.agent_type, operation, error)
            raise
        if self._meter is not None:
            self._meter.took(self.agent_type, operation, time.perf_counter() - began)
        return result

    async def _fetch(
        self, name: str, *values: Any, repeatable: bool = True
    ) -> list[asyncpg.Record]:
        statement = sql(name)
        return await self._run(
            name, lambda connection: connection.fetch(statement, *values), repeatable=repeatable
        )

    async def _fetch_one(
        self, name: str, *values: Any, repeatable: bool = True
    ) -> asyncpg.Record | None:
        rows = await self._fetch(name, *values, repeatable=repeatable)
        return rows[0] if rows else None

    async def _fetch_only(self, name: str, *values: Any, repeatable: bool = True) -> asyncpg.Record:
        """The row of a statement that always gives one."""
        return (await self._fetch(name, *values, repeatable=repeatable))[0]

    async def _kind(self) -> asyncpg.Record:
        row = await self._fetch_one("kind", self.agent_type)
        if row is None:
            raise UnknownAgentType.hidden_or_absent(self.agent_type)
        self._recognize(row)
        return row

    def _recognize(self, kind: asyncpg.Record) -> None:
        """Forget what was read of an agent type that was deleted and made again since."""
        if self._made_at not in (None, kind["created_at"]):
            self._forget()
        self._made_at = kind["created_at"]

    def _forget(self) -> None:
        self._exploration = None

    # -- documents -----------------------------------------------------------------------------

    def prepare(self, state: Any) -> Document:
        """A state that is used again and again, encoded, hashed and written as JSON once.

        Takes the place of the state in every operation. Raises InvalidValue.
        """
        found = self._state(state)
        if self._knows_hashing or isinstance(state, Document | Hashed):
            return found
        encoded = self._encode(state) if self._encode else state
        return Document(found.hash, found.text, original_text(encoded), _is_prepared=True)

    def _state(self, state: Any, what: str = "state") -> Document:
        if self._adopted is None:
            return identify(state, what, self._encode)
        return self._adopted.state(state, what, self._encode)

    def _action(self, action: Any, what: str = "action") -> Document:
        if self._adopted is None:
            return identify(action, what)
        return self._adopted.action(action, what)

    async def _know_hashing(self) -> None:
        """Read how the agent type hashes, once: nothing changes it while its agents run."""
        if self._knows_hashing:
            return
        kind = await self._fetch_one("hashing", self.agent_type)
        if kind is not None and kind["hashing"] is not None:
            rows = await self._fetch("adopted_hashes", self.agent_type)
            of_kind: dict[str, dict[str, str]] = {"state": {}, "action": {}}
            for row in rows:
                of_kind[row["kind"]][row["document_hash"]] = row["hash"]
            self._adopted = AdoptedHashing(of_kind["state"], of_kind["action"])
            if self._actions is not None:
                self._actions = self._identify_actions(self._actions[0], "actions")
        self._knows_hashing = True

    def _identify_actions(
        self, actions: Sequence[Any], what: str
    ) -> tuple[tuple[Any, ...], list[str]]:
        """The actions, each once, and their hashes. Raises NoActions, InvalidValue."""
        found: dict[str, Any] = {}
        for action in checks.sequence(actions, what):
            found.setdefault(self._action(action, f"action in {what}").hash, action)
        if not found:
            raise NoActions(
                f"There are 0 actions in {what}. Give the legal actions of the state, or say that "
                "the step terminated."
            )
        return tuple(found.values()), list(found)

    def _legal(
        self, actions: Sequence[Any] | None, what: str
    ) -> tuple[tuple[Any, ...], list[str]] | None:
        return self._actions if actions is None else self._identify_actions(actions, what)

    # -- exploration ---------------------------------------------------------------------------

    async def exploration_rate(self) -> float:
        """Epsilon of this instance now: the agent type's, decayed once a finished episode.

        Finished episodes are those in the instance's row of agent_states, to which `record` and
        `heartbeat` add, and those that `finish_episode` counted since. Read from the database at
        the first call and whenever the store adds to the row. Raises UnknownAgentType.
        """
        if self._exploration is None:
            row = await self._fetch_one("exploration", self.agent_type, self._row_name)
            if row is None:
                raise UnknownAgentType.hidden_or_absent(self.agent_type)
            self._recognize(row)
            return self._explore(row).epsilon
        return self._exploration.epsilon

    @property
    def _row_name(self) -> str:
        """The agent_instance_id of this store's row of agent_states."""
        return self.instance or UNNAMED_INSTANCE

    async def _chooser(self, epsilon: Number | None) -> Chooser:
        """What the store chooses by, or epsilon-greedy with this epsilon or the present one."""
        if epsilon is not None:
            return epsilon_greedy(epsilon)
        return self._choose or EpsilonGreedy(await self.exploration_rate())

    def _explore(self, row: asyncpg.Record) -> Exploration:
        if self._outer is not None:
            self._outer._exploration = None  # it may yet roll back
        self._exploration = found = Exploration(
            row["exploration_rate"],
            row["exploration_decay"],
            row["min_exploration_rate"],
            row["total_tasks"],
            self._tally,
        )
        return found

    def finish_episode(self, *, success: bool, total_reward: Number) -> None:
        """Count an episode that is not recorded; `record` counts those that are.

        The next heartbeat adds it to the instance's row of agent_states.
        """
        self._tally.finished(
            checks.flag(success, "success"), checks.finite(total_reward, "total_reward")
        )


def _checked(session: Any) -> AsyncSession:
    if isinstance(session, AsyncSession):
        return session
    raise InvalidValue(f"The session is {shown(session)}. Give an AsyncSession of SQLAlchemy.")

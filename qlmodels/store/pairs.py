"""Looking up and storing what actions are worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from qlmodels.errors import UnknownAgentType
from qlmodels.store import checks
from qlmodels.store.adopted_hashing import keyed
from qlmodels.store.checks import Number
from qlmodels.store.choice import Choice, KnownAction, choose
from qlmodels.store.core import Core
from qlmodels.store.deadlines import within_time_limit
from qlmodels.store.errors import NoActions, StateMismatch
from qlmodels.store.hashing import array, document, parse, record


@dataclass(frozen=True, slots=True)
class Pair:
    """What to store for one action in one state: JSON values or `Hashed`."""

    state: Any
    action: Any
    q_value: float
    session: UUID | None = None


@dataclass(frozen=True, slots=True)
class StoredPair:
    """A pair as the table has it."""

    q_value_id: int
    state: Any
    action: Any
    state_hash: str
    action_hash: str
    q_value: float
    visit_count: int


class Pairs(Core):
    # -- looking up ----------------------------------------------------------------------------

    @keyed
    async def best_action(self, state: Any) -> KnownAction | None:
        """The action of the highest value that was tried in `state`; None where none was.

        Equal values: the more trusted, then the more visited one, as get_best_action has it.
        """
        row = await self._fetch_one("best_action", self.agent_type, self._state(state).hash)
        self._tally.looked_up(row is not None)
        return None if row is None else _known(row)

    @keyed
    async def actions(self, state: Any) -> list[KnownAction]:
        """All actions that were tried in `state`, the best first."""
        rows = await self._fetch("actions", self.agent_type, self._state(state).hash)
        self._tally.looked_up(bool(rows))
        return [_known(row) for row in rows]

    @keyed
    @within_time_limit
    async def select_action(
        self, state: Any, actions: Sequence[Any] | None = None, epsilon: Number | None = None
    ) -> Choice:
        """Choose among the legal `actions`, by default the store's own.

        By the store's `choose`, and unless it has one epsilon-greedy. An action that was never
        tried counts as the agent type's initial_q_value; ties are broken at random, by the store's
        `rng`. `epsilon` (0 to 1) is by default `exploration_rate()`, which choosing does not
        change; where it is given the choice is epsilon-greedy.

        Raises NoActions, UnknownAgentType, InvalidValue.
        """
        legal = self._legal(actions, "actions")
        if legal is None:
            raise _no_actions()
        key = self._state(state).hash
        chooser = await self._chooser(epsilon)
        values, visits = await self._worth(key, legal[1])
        return choose(chooser, self._rng, legal[0], values, visits)

    @keyed
    async def values(self, state: Any, actions: Sequence[Any] | None = None) -> list[float]:
        """What each of the `actions`, by default the store's own, is worth in `state`, in order.

        One that was never tried has the agent type's initial_q_value. Raises NoActions,
        UnknownAgentType, InvalidValue.
        """
        given = None if actions is None else checks.sequence(actions, "actions")
        legal = self._legal(given, "actions")
        if legal is None:
            raise _no_actions()
        values, _ = await self._worth(self._state(state).hash, legal[1])
        if given is None:
            return values
        worth = dict(zip(legal[1], values, strict=True))
        return [worth[self._action(action).hash] for action in given]

    async def _worth(self, state: str, actions: Sequence[str]) -> tuple[list[float], list[int]]:
        """Values and visits of actions by their hashes, looked up as one."""
        row = await self._fetch_one("select_action", self.agent_type, state, actions)
        if row is None:
            raise UnknownAgentType.hidden_or_absent(self.agent_type)
        self._recognize(row)
        self._tally.looked_up(bool(row["action_hashes"]))
        values = dict(zip(row["action_hashes"], row["q_values"], strict=True))
        visits = dict(zip(row["action_hashes"], row["visits"], strict=True))
        return (
            [values.get(known, row["initial_q_value"]) for known in actions],
            [visits.get(known, 0) for known in actions],
        )

    async def search(
        self, *, state_contains: Any = None, action_contains: Any = None, limit: int = 50
    ) -> list[StoredPair]:
        """Pairs whose state and action contain these JSON documents (`@>`), at most `limit`.

        An index answers; the order is not defined.
        """
        rows = await self._fetch(
            "search",
            checks.optional(document, state_contains, "state_contains"),
            checks.optional(document, action_contains, "action_contains"),
            checks.at_least(limit, 1, "limit"),
            self.agent_type,
        )
        return [
            StoredPair(
                row["q_value_id"],
                parse(row["state"]),
                parse(row["action"]),
                row["state_hash"],
                row["action_hash"],
                row["q_value"],
                row["visit_count"],
            )
            for row in rows
        ]

    # -- storing -------------------------------------------------------------------------------

    @keyed
    @within_time_limit
    async def upsert(
        self, state: Any, action: Any, q_value: Number, session: UUID | None = None
    ) -> int:
        """Store a value and count a visit; the pair's id. A new pair takes two round trips.

        Session and documents are the first writer's. Raises StateMismatch when a hash is stored
        with another document, UnknownAgentType, UnknownReference, InvalidValue.
        """
        key, act = self._state(state), self._action(action)
        values = (
            self.agent_type,
            key.hash,
            key.stored("state"),
            act.hash,
            act.stored("action"),
            checks.finite(q_value, "q_value"),
        )
        session = checks.optional(checks.uuid, session, "session") or self.session
        row = await self._fetch_one("update", *values, repeatable=False)
        if row is None:
            row = await self._fetch_one("upsert", *values, session, repeatable=False)
            self._tally.pairs += row is not None
        if row is None:  # another writer may have made it meanwhile
            row = await self._fetch_one("update", *values, repeatable=False)
        if row is None:
            if await self._fetch_one("is_known", self.agent_type) is None:
                raise UnknownAgentType.hidden_or_absent(self.agent_type)
            raise StateMismatch(
                f"Pair {key.hash!r}, {act.hash!r} is stored with another state or action: hash "
                "every feature that the document holds, and nothing else."
            )
        return int(row["q_value_id"])

    @keyed
    async def upsert_many(self, pairs: Sequence[Pair]) -> list[int]:
        """`upsert` of all in one round trip, or of none; ids in the order of `pairs`.

        A pair that occurs twice takes the last value and counts both visits. Batches never
        deadlock. Raises as `upsert` does.
        """
        rows = [self._row(pair) for pair in checks.instances(pairs, Pair, "pairs")]
        return await self._upsert_written(rows) if rows else []

    async def _upsert_written(self, rows: Sequence[str]) -> list[int]:
        """What `_row` wrote."""
        row = await self._fetch_only("upsert_many", array(rows), repeatable=False)
        self._tally.pairs += row["made"]
        return list(row["ids"])

    def _row(self, pair: Pair) -> str:
        checks.instance(pair, Pair, "pair")
        key, act = self._state(pair.state), self._action(pair.action)
        session = checks.optional(checks.uuid, pair.session, "session") or self.session
        return record(
            {
                "agent_type": self.agent_type,
                "state_hash": key.hash,
                "action_hash": act.hash,
                "q_value": checks.finite(pair.q_value, "q_value"),
                "session_id": session and str(session),
            },
            {"state_data": key.stored("state"), "action_data": act.stored("action")},
        )


def _no_actions() -> NoActions:
    return NoActions(
        "No actions were given. Give them here, or all of them to LearningStore(actions=)."
    )


def _known(row: Any) -> KnownAction:
    return KnownAction(
        parse(row["action"]), row["q_value"], row["confidence_score"], row["visit_count"]
    )

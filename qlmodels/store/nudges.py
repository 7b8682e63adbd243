"""Adding to what pairs are worth, for eligibility traces and planning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from qlmodels.store import checks
from qlmodels.store.adopted_hashing import keyed
from qlmodels.store.core import Core
from qlmodels.store.hashing import array, record


@dataclass(frozen=True, slots=True)
class Nudge:
    """What to add to the value of one action in one state: JSON values or `Hashed`."""

    state: Any
    action: Any
    by: float
    visit: bool = False
    session: UUID | None = None


class Nudges(Core):
    @keyed
    async def nudge_many(self, nudges: Sequence[Nudge]) -> list[float]:
        """Add to the values of pairs, all or none; the value of each after its nudge, in order.

        Atomic in the database, so that concurrent nudges add up. A missing pair begins at the agent
        type's initial_q_value; a nudge renews when its pair expires, and counts as a visit where
        `visit` says so. Batches never deadlock. Raises StateMismatch when a hash is stored with
        another document, UnknownAgentType, UnknownReference, InvalidValue also for a sum that is
        not finite; OutcomeUnknown when the connection broke.
        """
        rows = [self._nudge(nudge) for nudge in checks.instances(nudges, Nudge, "nudges")]
        if not rows:
            return []
        found = await self._fetch("nudge_many", self.agent_type, array(rows), repeatable=False)
        self._tally.pairs += sum(row["is_new"] for row in found)
        return [row["q_value"] for row in found]

    def _nudge(self, nudge: Nudge) -> str:
        state, action = self._state(nudge.state), self._action(nudge.action)
        session = checks.optional(checks.uuid, nudge.session, "session") or self.session
        return record(
            {
                "state_hash": state.hash,
                "action_hash": action.hash,
                "by": checks.finite(nudge.by, "by"),
                "visit": checks.flag(nudge.visit, "visit"),
                "session_id": session and str(session),
            },
            {"state_data": state.stored("state"), "action_data": action.stored("action")},
        )

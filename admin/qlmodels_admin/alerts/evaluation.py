"""Evaluates which agent types need attention, and queues a message to each target on a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qlmodels.advisory_locks import AdvisoryLock
from qlmodels.verdicts import LearningStatus
from qlmodels_admin.alerts.messages import change_of
from qlmodels_admin.db import statements_of
from qlmodels_admin.jobs import Job
from qlmodels_admin.learning import CachedVerdicts
from qlmodels_admin.values import dump_json

query = statements_of(__package__)

EVALUATION_INTERVAL: Final = timedelta(seconds=30)

_LOCK: Final = text("select pg_advisory_xact_lock(:lock)")
_IS_ASKED: Final = text("select exists (select from qlmodels_admin.alert_targets)")
_REPORTED: Final = text("select * from qlmodels_admin.alert_states")
_FORGET: Final = text(
    "delete from qlmodels_admin.alert_states where agent_type <> all (cast(:known as text[]))"
)


@dataclass(frozen=True, slots=True)
class AlertState:
    """What was reported of an agent type, and whether the last evaluation differed from it."""

    agent_type: str
    needs_attention: bool
    is_changing: bool

    def after(self, status: LearningStatus) -> "AlertState":
        """Return the state after an evaluation: what differs twice in a row is a change."""
        differs = status.needs_attention != self.needs_attention
        if differs and self.is_changing:
            return AlertState(self.agent_type, status.needs_attention, is_changing=False)
        return AlertState(self.agent_type, self.needs_attention, is_changing=differs)


def evaluating(engine: AsyncEngine, learning: CachedVerdicts) -> Job:
    """Return the job that evaluates."""
    return Job("alerts: evaluate", EVALUATION_INTERVAL, partial(evaluate, engine, learning))


async def evaluate(engine: AsyncEngine, learning: CachedVerdicts) -> None:
    """Evaluate once. State and messages are written together, or neither."""
    async with engine.connect() as connection:
        is_asked = await connection.scalar(_IS_ASKED)
    statuses = await learning.agent_types() if is_asked else []
    async with engine.begin() as connection:
        await connection.execute(_LOCK, {"lock": AdvisoryLock.ALERTS})
        await connection.execute(_FORGET, {"known": [status.agent_type for status in statuses]})
        if statuses:
            await _report(connection, statuses)


async def _report(connection: AsyncConnection, statuses: Sequence[LearningStatus]) -> None:
    rows = (await connection.execute(_REPORTED)).all()
    reported = {row.agent_type: AlertState(*row) for row in rows}
    changes, states = [], []
    for status in statuses:
        former = reported.get(status.agent_type, AlertState(status.agent_type, False, False))
        state = former.after(status)
        if state != former:
            states.append(state)
        if state.needs_attention != former.needs_attention:
            changes.append(change_of(status))
    if states:
        columns = {
            "agent_types": [state.agent_type for state in states],
            "needs_attention": [state.needs_attention for state in states],
            "is_changing": [state.is_changing for state in states],
        }
        await connection.execute(query("report"), columns)
    if changes:
        await connection.execute(query("queue"), {"changes": dump_json(changes), "target": None})

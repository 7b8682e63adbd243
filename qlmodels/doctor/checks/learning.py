"""Values learned without a counted look-up, and look-ups that never find a learned pair."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from qlmodels.connection import engine_at, read_transaction
from qlmodels.doctor.check import CheckContext
from qlmodels.doctor.finding import Finding
from qlmodels.verdicts import LearningStatus, Verdict, read_statuses

LEARNING_REASON: Final = (
    "An agent that never looks up what it learned, or never finds it, gains nothing from learning."
)

PROBLEMS: Final[Mapping[Verdict, tuple[str, str]]] = {
    "never_looked_up": (
        "{} learns values, and no look-up of them was counted",
        "see that agents of {} choose by select_action, whose look-ups are counted; those by "
        "get_best_action and by SQL of one's own are not, and need no change",
    ),
    "lookups_always_miss": (
        "{} looks up states that were never learned",
        "see that agents of {} hash a state alike when they learn and when they look it up",
    ),
}
"""What is wrong and its fix, for each verdict that is about look-ups."""


@dataclass(frozen=True)
class LearningCheck:
    name: str = "learning"
    needs_owner: bool = False

    async def findings(self, context: CheckContext) -> list[Finding]:
        async with (
            engine_at(context.url) as engine,
            read_transaction(engine, "30s") as connection,
        ):
            statuses = await read_statuses(connection, history=())
        return [
            self._finding(status, verdict)
            for status in sorted(statuses, key=lambda status: status.agent_type)
            for verdict in status.verdicts
            if verdict in PROBLEMS
        ]

    def _finding(self, status: LearningStatus, verdict: Verdict) -> Finding:
        what, fix = (text.format(status.agent_type) for text in PROBLEMS[verdict])
        return Finding(self.name, "warning", what, status.reason(verdict), LEARNING_REASON, fix)


CHECK = LearningCheck()

"""The first page: is the fleet learning, and which agent types need attention?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request

from qlmodels.connection import read_transaction
from qlmodels.formatting import format_age
from qlmodels.verdicts import LearningStatus, Verdict
from qlmodels_admin.db import statements_of
from qlmodels_admin.pages.fleet_filter import FleetFilter
from qlmodels_admin.pages.page import Page, Sources

query = statements_of(__package__)

MAX_NAMED = 2
"""Agent types that the headline names."""

MAX_NEEDY = 20
"""Agent types that need attention, of which the reasons stand at the top."""

MAX_NOT_STARTED = 100
"""Agent types that have not started, which are named."""

PREDICATES: Final[Mapping[Verdict, str]] = {
    "stalled": "has stalled",
    "fell": "fell",
    "never_looked_up": "never looks up its values",
    "lookups_always_miss": "looks up what was never learned",
    "heartbeat_lost": "lost its heartbeat",
}


@dataclass(frozen=True, slots=True)
class HomeSummary:
    every: list[LearningStatus]
    database: dict[str, Any]
    measured_ago: float
    filter: FleetFilter = field(default_factory=FleetFilter)

    @property
    def states(self) -> list[LearningStatus]:
        """Those that are not hidden."""
        return self.filter.shown(self.every)

    @property
    def started(self) -> list[LearningStatus]:
        return [state for state in self.states if state.has_started]

    @property
    def not_started(self) -> list[LearningStatus]:
        return [state for state in self.states if not state.has_started]

    @property
    def needy(self) -> list[LearningStatus]:
        return [state for state in self.states if state.needs_attention]

    @property
    def measured(self) -> str:
        """How long ago the pairs were counted."""
        ago = self.measured_ago
        return "now" if ago < 1 else format_age(timedelta(seconds=-ago))

    @property
    def pairs(self) -> int:
        return sum(state.pairs or 0 for state in self.states)

    @property
    def headline(self) -> str:
        """Return whether the fleet is learning, in one or two sentences."""
        ran, needy = len(self.started), self.needy
        if not ran:
            verb = "is" if len(self.states) == 1 else "are"
            return f"{agent_types(len(self.states))} {verb} ready; none has played an episode yet."
        improved = sum(
            state.trend == "improved" for state in self.started if not state.needs_attention
        )
        if not needy:
            return f"{_all(ran)} or holds what it learned; {improved} improved lately."
        well = ran - len(needy)
        begin = f"{well} of {agent_types(ran)} {'learns' if well == 1 else 'learn'} or hold"
        begin += f"{'s' if well == 1 else ''} what was learned."
        named = ", ".join(f"{state.name} {_is(state)}" for state in needy[:MAX_NAMED])
        more = f", and {len(needy) - MAX_NAMED} more" if len(needy) > MAX_NAMED else ""
        verb = "needs" if len(needy) == 1 else "need"
        return f"{begin} {len(needy)} {verb} attention: {named}{more}."


def _all(ran: int) -> str:
    return "The one agent type that ran learns" if ran == 1 else f"Each of {ran} agent types learns"


def _is(status: LearningStatus) -> str:
    """Return the worst verdict as a predicate: `is failing`, `has stalled`."""
    return PREDICATES.get(status.verdicts[0], f"is {status.label}")


def agent_types(count: int) -> str:
    return f"{count} agent type{'s' * (count != 1)}"


async def read(sources: Sources, request: Request) -> dict[str, Any]:
    states = await sources.learning.all_agent_types()
    async with read_transaction(sources.engine) as connection:
        database = (await connection.execute(query("home"))).mappings().one()
    chosen = FleetFilter.read(request)
    return {
        "home": HomeSummary(states, dict(database), sources.learning.scan.age_s, chosen),
        "most_needy": MAX_NEEDY,
        "most_not_started": MAX_NOT_STARTED,
    }


HOME = Page("index", "Home", "Learning", "/", "pages/home.html", read)

"""The first page: is the fleet learning, and who needs a look?"""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from qlmodels.transactions import read_transaction
from qlmodels_admin.learning import State
from qlmodels_admin.pages import Page, Sources
from qlmodels_admin.queries import query

NAMED = 2
"""Agent types that the headline names."""


@dataclass(frozen=True, slots=True)
class Home:
    states: list[State]
    database: dict[str, Any]
    measured_ago: float

    @property
    def ran(self) -> list[State]:
        return [state for state in self.states if state.ran]

    @property
    def never_ran(self) -> list[State]:
        return [state for state in self.states if not state.ran]

    @property
    def needy(self) -> list[State]:
        return [state for state in self.states if state.needs_a_look]

    @property
    def pairs(self) -> int:
        return sum(state.pairs or 0 for state in self.states)

    @property
    def headline(self) -> str:
        """Whether the fleet is learning, in one or two sentences."""
        ran, needy = len(self.ran), self.needy
        if not ran:
            verb = "is" if len(self.states) == 1 else "are"
            return f"{agent_types(len(self.states))} {verb} ready; none has played an episode yet."
        improved = sum(state.trend == "improved" for state in self.ran if not state.needs_a_look)
        if not needy:
            return f"{_all(ran)} or holds what it learned; {improved} improved lately."
        well = ran - len(needy)
        begin = f"{well} of {agent_types(ran)} {'learns' if well == 1 else 'learn'} or hold"
        begin += f"{'s' if well == 1 else ''} what was learned."
        named = ", ".join(f"{state.name} {_is(state)}" for state in needy[:NAMED])
        more = f", and {len(needy) - NAMED} more" if len(needy) > NAMED else ""
        verb = "needs" if len(needy) == 1 else "need"
        return f"{begin} {len(needy)} {verb} a look: {named}{more}."


def _all(ran: int) -> str:
    return "The one agent type that ran learns" if ran == 1 else f"Each of {ran} agent types learns"


def _is(state: State) -> str:
    """`is failing`, `has stalled`: the word of the worst verdict as a predicate."""
    predicates = {
        "stalled": "has stalled", "return fell": "fell", "never read": "never reads its values",
        "never learned": "asks for what was never learned",
    }  # fmt: skip
    return predicates.get(state.word, f"is {state.word}")


def agent_types(count: int) -> str:
    return f"{count} agent type{'s' * (count != 1)}"


async def read(sources: Sources, request: Request) -> dict[str, Any]:  # noqa: ARG001
    states = await sources.learning.agent_types()
    async with read_transaction(sources.engine) as connection:
        database = (await connection.execute(query("database"))).mappings().one()
    return {"home": Home(states, dict(database), sources.learning.measured_ago)}


HOME = Page("index", "Home", "Learning", "/", "panel/home.html", read)

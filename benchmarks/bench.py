"""What every part of a run has at hand."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.clients import Fleet, Seat, Work
from benchmarks.databases import Databases, Side
from benchmarks.interleave import Plan, Rounds, take_turns
from benchmarks.results import Row
from benchmarks.world import World
from qlmodels.connection import connect

BASELINE: Side = "baseline"
OURS: Side = "ours"
UNGUARDED: Side = "ours, no RLS"


@dataclass(frozen=True)
class Bench:
    databases: Databases
    fleet: Fleet
    world: World
    plan: Plan
    programs: Path
    """Where pgbench is."""

    quick: bool

    def seats(
        self, side: Side, *, agent: str | None = None, world: World | None = None
    ) -> list[Seat]:
        """Clients of the two large databases."""
        name = "baseline" if side == BASELINE else "ours"
        return self.databases.seats(side, name, world or self.world, agent)

    def compare(self, sides: Mapping[str, tuple[Work, Sequence[Seat]]]) -> Rounds:
        with ExitStack() as crews:
            workers = {
                side: crews.enter_context(self.fleet.crew(work, seats))
                for side, (work, seats) in sides.items()
            }
            return take_turns(workers, self.plan)

    async def fetch(self, database: str, query: str, *values: Any) -> list[asyncpg.Record]:
        """Ask as superuser, who sees every row."""
        async with connect(self.databases.superuser(database)) as superuser:
            return await superuser.fetch(query, *values)

    async def fetch_value(self, database: str, query: str, *values: Any) -> Any:
        return (await self.fetch(database, query, *values))[0][0]


Part = Callable[[Bench], Awaitable[list[Row]]]
"""One of `benchmarks.goals`: measures, and tells what it found."""

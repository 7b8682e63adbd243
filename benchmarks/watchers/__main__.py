"""`python -m benchmarks.watchers`: who watches the fleet learn misses nothing, and costs no memory.

Every minute the agents wait for a moment, and what each watcher shows is compared with the
database. One watcher in ten loses its connection each minute; in the middle the server restarts.
Slow, silent and hostile clients open connections beside them all the time.
"""

import asyncio
import logging
import random
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated, Final

import typer
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from rich.console import Console

from benchmarks import databases
from benchmarks.databases import CLIENTS, Databases
from benchmarks.panel.sides import Server, serving, sign_in
from benchmarks.watchers.audience import RETRY, Seen, Watcher, watching
from benchmarks.watchers.hostile import attacking
from benchmarks.watchers.learners import Learner, learning
from benchmarks.world import AGENTS, World
from qlmodels.connection import connect
from qlmodels.embedded import find_binaries

DATABASE: Final = "watched"
WORLD: Final = World(pairs=len(AGENTS) * 80, hot=len(AGENTS) * 8)

PATIENCE: Final = 20.0
"""Seconds in which the last change is to be seen by everybody."""

GROWTH: Final = 1.10
"""Of the panel's memory, once it is warm."""

FILES_GROWTH: Final = 1.25
"""Of the panel's open files, once it is warm: watchers come back at different moments."""

SEEN: Final = "select agent_type || '/' || agent_instance_id, last_activity from agent_states"

console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Minute:
    """What was measured in one, and at its end."""

    memory: float
    """MB of the panel's process."""

    open_files: int

    behind: int
    """Watchers that do not show the last change of every instance."""

    caught_up: float
    """Seconds until nobody was behind, or PATIENCE."""


def main(
    watchers: Annotated[int, typer.Option(min=1, help="Open pages")] = 200,
    minutes: Annotated[float, typer.Option(min=0.1, help="How long")] = 60,
    agents: Annotated[int, typer.Option(min=1, max=CLIENTS, help="Agents that learn")] = CLIENTS,
    hostile: Annotated[int, typer.Option(min=0, help="Slow, silent and hostile clients")] = 80,
    every: Annotated[float, typer.Option(min=1, help="Seconds between two lines")] = 60,
) -> None:
    """Exits 1 if a page missed a change, or if memory or open files grew once it was warm."""
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # the restart costs each connection
    lines = max(3, round(minutes * 60 / every))
    found = asyncio.run(_run(watchers, hostile, lines, agents, every))
    warm = len(found) // 10 + 1
    growth = max(one.memory for one in found[warm:]) / found[warm - 1].memory
    files = max(one.open_files for one in found[warm:]) / found[warm - 1].open_files
    missed = sum(one.behind for one in found)
    console.print(
        f"memory {growth - 1:+.1%}, open files {files - 1:+.1%} at most since line {warm}; "
        f"{missed} of {watchers * len(found)} looks at a page missed a change",
        soft_wrap=True,
    )
    if growth > GROWTH or files > FILES_GROWTH or missed:
        raise typer.Exit(1)


async def _run(number: int, hostile: int, lines: int, agents: int, every: float) -> list[Minute]:
    with databases.home() as home:
        async with databases.serve(home, find_binaries(), {}) as served:
            await served.make_ours(DATABASE, WORLD)
            token = await sign_in(served, DATABASE)
            seats = served.seats("ours", DATABASE, WORLD)[:agents]
            async with (
                serving("ours", served.panel(DATABASE), token) as panel,
                learning(seats) as learners,
                watching(str(panel.client.base_url), {SESSION_COOKIE: token}, number) as watchers,
                attacking(
                    str(panel.client.base_url), {SESSION_COOKIE: token}, hostile
                ) as attackers,
            ):
                found = await _watch(served, panel, learners, watchers, lines, every)
                console.print(f"{sum(one.connections for one in attackers):,} hostile connections")
                return found


async def _watch(
    served: Databases,
    panel: Server,
    learners: Sequence[Learner],
    watchers: Sequence[Watcher],
    lines: int,
    every: float,
) -> list[Minute]:
    found = []
    dice = random.Random(0)
    for line in range(lines):
        ends = time.monotonic() + every
        await asyncio.sleep(every / 2)
        for watcher in dice.sample(watchers, max(1, len(watchers) // 10)) if line else ():
            watcher.drop()
        if line == lines // 2:
            await asyncio.sleep(RETRY)  # some come back to a panel that has no database
            await asyncio.to_thread(served.restart)
            console.print("the server restarted")
        await asyncio.sleep(ends - time.monotonic())
        found.append(await _look(served, panel, learners, watchers))
        _tell(line, found[-1], learners, watchers)
    return found


async def _look(
    served: Databases, panel: Server, learners: Sequence[Learner], watchers: Sequence[Watcher]
) -> Minute:
    """Have the agents wait, and compare."""
    with ExitStack() as stack:
        for learner in learners:
            await learner.turn.acquire()
            stack.callback(learner.turn.release)
        truth = await _truth(served)
        began = time.monotonic()
        while behind := sum(watcher.is_behind(truth) for watcher in watchers):
            if time.monotonic() - began > PATIENCE:
                break
            await asyncio.sleep(0.1)
        return Minute(panel.memory(), panel.open_files(), behind, time.monotonic() - began)


async def _truth(served: Databases) -> Seen:
    async with connect(served.panel(DATABASE)) as connection:
        return dict(await connection.fetch(SEEN))


def _tell(
    line: int, minute: Minute, learners: Sequence[Learner], watchers: Sequence[Watcher]
) -> None:
    lags = sorted(lag for watcher in watchers for lag in watcher.lags)
    for watcher in watchers:
        watcher.lags.clear()
    p50, p95, most = (lags[int(len(lags) * share)] if lags else 0 for share in (0.5, 0.95, 0.9999))
    modes = sorted({watcher.mode for watcher in watchers})
    console.print(
        f"{line + 1:3}  {minute.memory:6.1f} MB  {minute.open_files} files  "
        f"{sum(watcher.events for watcher in watchers):,} events  "
        f"lag {p50:.2f} s p50, {p95:.2f} s p95, {most:.2f} s at most  "
        f"{sum(watcher.connections for watcher in watchers) - len(watchers)} reconnects, "
        f"{sum(watcher.refusals for watcher in watchers)} refused  "
        f"{sum(learner.steps for learner in learners):,} steps learned, "
        f"{sum(learner.failures for learner in learners)} episodes cut off  "
        f"{minute.behind} behind after {minute.caught_up:.1f} s  {', '.join(modes)}",
        soft_wrap=True,
        highlight=False,
    )


if __name__ == "__main__":
    typer.run(main)

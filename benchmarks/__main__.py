"""`python -m benchmarks`: two databases on a server of its own, and a table of ratios."""

import asyncio
import os
import platform
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console

from benchmarks import databases, report
from benchmarks.bench import Bench
from benchmarks.clients import start_fleet
from benchmarks.goals import PARTS
from benchmarks.goals.wal import wal
from benchmarks.interleave import Plan
from benchmarks.plot import plot
from benchmarks.results import Row
from benchmarks.world import World
from qlmodels.embedded import Binaries, all_binaries, find_binaries

HOT = 50_000
console = Console(stderr=True)


class Findings(NamedTuple):
    rows: list[Row]
    setting: dict[str, Any]


def main(
    quick: Annotated[bool, typer.Option(help="50,000 pairs, in less than a minute")] = False,
    pairs: Annotated[int | None, typer.Option(help="How many pairs; 1,000,000 by default")] = None,
    rounds: Annotated[int | None, typer.Option(help="Turns of each side")] = None,
    seconds: Annotated[float | None, typer.Option(help="How long a turn takes")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Parts: " + ", ".join(PARTS))] = None,
    major: Annotated[int | None, typer.Option(help="Major version of PostgreSQL")] = None,
    output: Annotated[Path, typer.Option(help="Where results go")] = Path("build/benchmarks"),
) -> None:
    """Measure every goal beside the system that ours replaces; nothing fails for being slow."""
    if unknown := set(only or ()) - set(PARTS):
        raise typer.BadParameter(f"There is no part {', '.join(sorted(unknown))}.")
    plan = Plan(rounds or (1 if quick else 7), seconds or (0.2 if quick else 3.0))
    world = World(pairs or (50_000 if quick else 1_000_000), 5_000 if quick else HOT)
    binaries = _binaries(major)
    output.mkdir(parents=True, exist_ok=True)
    asyncio.run(_tell(_run(only or list(PARTS), world, plan, binaries, quick), output))


def _binaries(major: int | None) -> Binaries:
    if major is None:
        return find_binaries()
    for found in all_binaries():
        if found.major == major:
            return found
    raise typer.BadParameter(f"PostgreSQL {major} is not on this machine.")


async def _run(
    parts: Sequence[str], world: World, plan: Plan, binaries: Binaries, quick: bool
) -> AsyncGenerator[Findings, None]:
    """What is known after each part, and in which setting."""
    rows: list[Row] = []
    begin = time.monotonic()
    with databases.home() as home, start_fleet() as fleet:
        async with databases.serve(home, binaries, {"wal_level": "replica"}) as served:
            bench = Bench(served, fleet, world, plan, binaries.folder, quick)
            _say(f"loading {world.pairs:,} pairs twice")
            await served.make_baseline("baseline", world)
            await served.make_ours("ours", world)
            for name in PARTS:
                if name in parts:
                    _say(name)
                    rows += await PARTS[name](bench)
                    yield Findings(rows, _setting(bench, binaries, time.monotonic() - begin))
        if wal.__name__ in parts:
            _say("wal at wal_level logical")
            async with databases.serve(home, binaries, {"wal_level": "logical"}) as served:
                rows += await wal(replace(bench, databases=served))
            yield Findings(rows, _setting(bench, binaries, time.monotonic() - begin))


def _setting(bench: Bench, binaries: Binaries, seconds: float) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgres": binaries.release,
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load_average": os.getloadavg(),
        "pairs": bench.world.pairs,
        "hot_pairs": bench.world.hot,
        "clients": databases.CLIENTS,
        "rounds": bench.plan.rounds,
        "seconds_a_turn": bench.plan.seconds,
        "took_seconds": round(seconds),
    }


async def _tell(run: AsyncGenerator[Findings, None], output: Path) -> None:
    """Written after each part, so that a run that is ended early has not been for nothing."""
    found = None
    async with aclosing(run):
        async for found in run:
            (output / "results.json").write_text(report.document(*found), "utf-8")
            (output / "results.md").write_text(report.markdown(found.rows), "utf-8")
            (output / "results.svg").write_text(plot(found.rows, _title(found.setting)), "utf-8")
    if found is not None:
        wide = Console(width=None if console.is_terminal else 170)
        wide.print(report.table(found.rows, _title(found.setting)))
    _say(f"written to {output}: results.json, results.md, results.svg")


def _title(setting: dict[str, Any]) -> str:
    return (
        f"{setting['pairs']:,} pairs, {setting['clients']} clients, PostgreSQL "
        f"{setting['postgres']}, {setting['processors']} processors, {setting['rounds']} rounds"
    )


def _say(text: str) -> None:
    console.print(f"{datetime.now(UTC):%H:%M:%S} {text}", highlight=False)


if __name__ == "__main__":
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command()(main)
    command()

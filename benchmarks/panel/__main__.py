"""`python -m benchmarks.panel`: the panel and sqladmin as it comes, by turns on the same rows."""

import asyncio
import os
import platform
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks import databases
from benchmarks.panel.explaining import explaining
from benchmarks.panel.exports import EXPORTED, export_both
from benchmarks.panel.pages import Page, pages
from benchmarks.panel.results import Row, markdown
from benchmarks.panel.sides import Sides, start
from qlmodels.embedded import Binaries, all_binaries, find_binaries

console = Console(stderr=True)


def main(
    pairs: Annotated[int, typer.Option(help="How many rows q_values has", min=100_000)] = 1_000_000,
    rounds: Annotated[int, typer.Option(help="Turns of each side on each page")] = 20,
    major: Annotated[int | None, typer.Option(help="Major version of PostgreSQL")] = None,
    exported: Annotated[int, typer.Option(help="Rows that sqladmin exports; 0 for all")] = EXPORTED,
    output: Annotated[Path, typer.Option(help="Where results go")] = Path("build/benchmarks"),
) -> None:
    """Pages, exports and memory; nothing fails for being slow."""
    found = [one for one in all_binaries() if major in {None, one.major}]
    if not found:
        raise typer.BadParameter(f"PostgreSQL {major} is not on this machine.")
    binaries = find_binaries() if major is None else found[0]
    rows = asyncio.run(_run(pairs, rounds, exported, binaries))
    output.mkdir(parents=True, exist_ok=True)
    title = (
        f"{datetime.now(UTC):%Y-%m-%d}, {pairs:,} rows, PostgreSQL {binaries.release}, Python "
        f"{platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    )
    (output / "panel.md").write_text(f"{title}\n\n{markdown(rows)}", "utf-8")
    table = Table(*Row.HEAD, title=title)
    for row in rows:
        table.add_row(*row.cells())
    Console(width=None if console.is_terminal else 170).print(table)
    _say(f"written to {output / 'panel.md'}")


async def _run(pairs: int, rounds: int, exported: int, binaries: Binaries) -> list[Row]:
    with databases.home() as home:
        async with databases.serve(home, binaries, {}) as served:
            _say(f"loading {pairs:,} rows")
            await served.make_panel("panel", pairs)
            async with start(served, "panel", exported) as sides:
                rows = await sides.idle()
                for page in await pages(served, "panel", pairs):
                    _say(page.name)
                    rows.append(await _compare(sides, page, rounds))
                _say("exports")
                rows += await export_both(sides, served, "panel", pairs, exported)
                _say("loading episodes")
                for page in await explaining(served, "panel"):
                    _say(page.name)
                    rows.append(await _compare(sides, page, rounds))
    return rows


async def _compare(sides: Sides, page: Page, rounds: int) -> Row:
    """The median of `rounds` turns; a side that is slow has fewer."""
    spent: dict[str, list[float]] = {"sqladmin": [], "ours": []}
    for number in range(rounds + 1):
        for side, url in (("sqladmin", page.theirs), ("ours", page.ours)):
            if url is None or sum(spent[side]) > 20:
                continue
            seconds = await _timed(sides.get(side, url))
            if number:  # the first fills the caches
                spent[side].append(seconds)
    found = {side: statistics.median(times) for side, times in spent.items() if times}
    return Row(page.name, found.get("sqladmin"), found["ours"], page.goal)


async def _timed(request: Callable[[], Awaitable[None]]) -> float:
    begin = time.perf_counter()
    await request()
    return time.perf_counter() - begin


def _say(text: str) -> None:
    console.print(f"{datetime.now(UTC):%H:%M:%S} {text}", highlight=False)


if __name__ == "__main__":
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command()(main)
    command()

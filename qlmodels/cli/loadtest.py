"""`qlmodels loadtest`: what this database and this connection stand."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from qlmodels.cli.progress import bars, busy
from qlmodels.loadtest import LoadTestReport, clean, plot, run
from qlmodels.owner import owner_database

app = typer.Typer(
    help="Let a fleet of agents of its own work on the database, and take it away again."
)


@app.callback(invoke_without_command=True)
def loadtest(
    context: typer.Context,
    agents: Annotated[int, typer.Option(min=1, max=99, help="Agents at work.")] = 18,
    seconds: Annotated[int, typer.Option(min=1, help="How long.")] = 60,
    most_rows: Annotated[
        int, typer.Option(min=1, help="End when so many rows are made.")
    ] = 200_000,
    picture: Annotated[Path, typer.Option("--plot", help="File of the plot, an SVG image.")] = Path(
        "loadtest.svg"
    ),
) -> None:
    """Let a fleet of agents of its own work on the database, and take it away again."""
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    picture.touch()  # before the run: an hour's figures are not lost to a wrong path
    with owner_database() as owner:
        typer.echo(
            f"Database {owner.database} at {owner.host}: {agents} agents, {seconds} s", err=True
        )
        with _watched(seconds) as on_operation:
            report = asyncio.run(
                run(
                    owner,
                    agents=agents,
                    seconds=seconds,
                    most_rows=most_rows,
                    on_operation=on_operation,
                )
            )
    picture.write_text(plot(report, f"{agents} agents, {report.seconds:.0f} s"), "utf-8")
    _show(report, picture)
    if report.lost_updates:
        raise typer.Exit(1)


def _refuse_options(context: typer.Context) -> None:
    """Those of a run say nothing to a subcommand."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name != "DEFAULT":
            raise typer.BadParameter(
                f"Options of a run do not go with `{context.invoked_subcommand}`. Leave them out."
            )


@app.command("clean")
def clean_up() -> None:
    """Remove the leftovers of a killed load test."""
    with owner_database() as owner, busy("cleaning up"):
        rows = asyncio.run(clean(owner))
    typer.echo(f"Removed the leftovers of load tests: {rows} rows.")


@contextmanager
def _watched(seconds: int) -> Iterator[Callable[[], None]]:
    with bars() as watch:
        advance, shown, began = watch.part("seconds", seconds), 0, time.monotonic()

        def on_operation() -> None:
            nonlocal shown
            passed = min(seconds, int(time.monotonic() - began))
            if passed > shown:
                advance(passed - shown)
                shown = passed

        yield on_operation


def _show(report: LoadTestReport, picture: Path) -> None:
    table = Table(
        "operation", title=f"{report.operations / report.seconds:,.0f} operations a second"
    )
    for heading in ("number", "a second", "p50 ms", "p95 ms", "p99 ms", "longest ms"):
        table.add_column(heading, justify="right")
    for name, timing in sorted(report.timings.operations.items()):
        number = len(timing.latencies)
        latencies = (timing.percentile(share) for share in (0.5, 0.95, 0.99, 1.0))
        table.add_row(
            name,
            f"{number:,}",
            f"{number / report.seconds:,.0f}",
            *(f"{ms:.1f}" for ms in latencies),
        )
    Console().print(table)
    errors = ", ".join(f"{name} {number}" for name, number in report.timings.errors.items())
    typer.echo(f"errors        {errors or 'none'}")
    typer.echo(f"lost updates  {report.lost_updates} of {report.acknowledged:,}")
    typer.echo(f"plot          {picture}")

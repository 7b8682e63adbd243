"""`qlmodels estimate`: how much room a fleet will take."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from qlmodels.cli.progress import bars
from qlmodels.estimate import (
    ESTIMATED_TABLES,
    Load,
    Measured,
    Plan,
    days_within,
    measure,
    moments,
    plans,
    storage,
)
from qlmodels.owner import owner_database


def estimate(
    agents: Annotated[int, typer.Option(min=1, help="Number of agent types.")] = 18,
    pairs: Annotated[int, typer.Option(min=0, help="State-action pairs of each.")] = 1000,
    tasks_a_day: Annotated[int, typer.Option(min=0, help="Episodes of each, a day.")] = 100,
    retention_days: Annotated[int, typer.Option(min=1, help="Days that episodes are kept.")] = 30,
    rewards_a_task: Annotated[
        int, typer.Option(min=0, help="Rewards kept as rows of their own, for each episode.")
    ] = 0,
) -> None:
    """Measure what a row takes, and say how the database will grow."""
    load = Load(agents, pairs, tasks_a_day, retention_days, rewards_a_task)
    with owner_database() as owner, bars() as watch:
        measured = asyncio.run(measure(owner, watch.part("measuring", len(ESTIMATED_TABLES))))
    console = Console()
    console.print(_sizes(measured))
    console.print(_growth(measured, load))
    limits = plans()
    for plan in limits.plans:
        typer.echo(f"{plan.name} ({_size(plan.database_bytes)}): {_fits(measured, load, plan)}")
    typer.echo(f"Limits: {limits.source}, {limits.as_of}.")


def _sizes(measured: Measured) -> Table:
    table = Table("table", title="Bytes of a row")
    for heading in ("heap", "indexes", "TOAST", "in all"):
        table.add_column(heading, justify="right")
    table.add_column("measured on")
    for size in measured.sizes:
        figures = (size.heap, size.indexes, size.toast, size.total)
        what = "sample rows" if size.sampled else "its rows"
        table.add_row(size.table, *(f"{part:,.0f}" for part in figures), f"{size.rows:,} {what}")
    return table


def _growth(measured: Measured, load: Load) -> Table:
    table = Table("day", title="The database, as it grows")
    for heading in (*ESTIMATED_TABLES, "size"):
        table.add_column(heading, justify="right")
    for day in moments(load):
        rows = load.rows(day)
        table.add_row(
            str(day),
            *(f"{rows[name]:,}" for name in ESTIMATED_TABLES),
            _size(storage(measured, load, day)),
        )
    return table


def _fits(measured: Measured, load: Load, plan: Plan) -> str:
    days = days_within(measured, load, plan)
    if days is None:
        return "large enough"
    return f"large enough for {days} days" if days else "too small from the first day"


def _size(number: float) -> str:
    """Decimal, as plans are sold."""
    return f"{number / 1e9:,.1f} GB" if number >= 1e9 else f"{number / 1e6:,.0f} MB"

"""`qlmodels status`: how each agent type learns, and which need attention."""

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.connection import create_engine, reaching
from qlmodels.formatting import format_number
from qlmodels.owner import owner_database
from qlmodels.verdicts import LearningStatus, fleet_status


def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show how each agent type learns; exit code 1 if one needs attention."""
    with owner_database() as url:
        statuses = asyncio.run(_read(url))
    if as_json:
        typer.echo(json.dumps([_document(one) for one in statuses], indent=2))
    else:
        _print(statuses)
    if any(one.needs_attention for one in statuses):
        raise typer.Exit(1)


async def _read(url: URL) -> list[LearningStatus]:
    await migrate.require_head(url)
    engine = create_engine(url)
    try:
        with reaching(url):
            return await fleet_status(engine)
    finally:
        await engine.dispose()


def _document(one: LearningStatus) -> dict[str, Any]:
    return {
        "agent_type": one.agent_type,
        "needs_attention": one.needs_attention,
        "verdicts": one.verdicts,
        "reasons": one.reasons,
        "trend": one.trend,
        "episodes": one.episodes,
        "mean_return": one.mean,
        "success_rate": one.success,
        "pairs": one.pairs,
        "instances": one.instances,
        "last_seen": one.last_seen and one.last_seen.isoformat(),
    }


def _print(statuses: Sequence[LearningStatus]) -> None:
    started = [one for one in statuses if one.has_started]
    table = Table("agent type", "state", "episodes", "mean return", "pairs", "reason", box=None)
    for one in started:
        style = "bold red" if one.needs_attention else ""
        table.add_row(
            one.agent_type,
            f"[{style}]{one.label}[/]" if style else one.label,
            f"{one.episodes:,}",
            "" if one.mean is None else format_number(one.mean),
            "" if one.pairs is None else f"{one.pairs:,}",
            "; ".join(one.reasons),
        )
    console = Console()
    if started:
        console.print(table)
    attention = sum(one.needs_attention for one in started)
    console.print(
        f"{attention} of {len(started)} agent types need attention; "
        f"{len(statuses) - len(started)} have not started.",
        highlight=False,
    )

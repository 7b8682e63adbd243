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
from qlmodels.connection import engine_at
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
        typer.echo(json.dumps([_document(status) for status in statuses], indent=2))
    else:
        _print(statuses)
    if any(status.needs_attention for status in statuses):
        raise typer.Exit(1)


async def _read(url: URL) -> list[LearningStatus]:
    await migrate.require_head(url)
    async with engine_at(url) as engine:
        return await fleet_status(engine)


def _document(status: LearningStatus) -> dict[str, Any]:
    return {
        "agent_type": status.agent_type,
        "needs_attention": status.needs_attention,
        "verdicts": status.verdicts,
        "reasons": status.reasons,
        "too_early": status.is_too_early,
        "trend": status.trend,
        "episodes": status.episodes,
        "mean_return": status.mean,
        "success_rate": status.success,
        "pairs": status.pairs,
        "instances": status.instances,
        "last_seen": status.last_seen and status.last_seen.isoformat(),
    }


def _print(statuses: Sequence[LearningStatus]) -> None:
    started = [status for status in statuses if status.has_started]
    table = Table("agent type", "state", "episodes", "mean return", "pairs", "reason", box=None)
    for status in started:
        style = "bold red" if status.needs_attention else ""
        table.add_row(
            status.agent_type,
            f"[{style}]{status.label}[/]" if style else status.label,
            f"{status.episodes:,}",
            "" if status.mean is None else format_number(status.mean),
            "" if status.pairs is None else f"{status.pairs:,}",
            "; ".join(status.reasons),
        )
    console = Console()
    if started:
        console.print(table)
    attention = sum(status.needs_attention for status in started)
    console.print(
        f"{attention} of {len(started)} agent types need attention; "
        f"{len(statuses) - len(started)} have not started.",
        highlight=False,
    )

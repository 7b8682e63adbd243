"""Commands that say what Supabase's Realtime is told of."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import asyncpg
import typer

from qlmodels import realtime
from qlmodels.cli.upgraded import upgraded_database
from qlmodels.connection import connect

app = typer.Typer(no_args_is_help=True, help="Which tables Supabase's Realtime publishes.")


@app.command()
def on(
    q_values: Annotated[
        bool, typer.Option("--q-values", help=f"Learned values too. {realtime.REALTIME_COST}")
    ] = False,
) -> None:
    """Publish the agents' states; learned values only if they are asked for."""
    _show(lambda owner: realtime.turn_on(owner, q_values=q_values))
    if q_values:
        typer.echo(realtime.REALTIME_COST)


@app.command()
def off() -> None:
    """Publish nothing of ours; what others publish stays."""
    _show(realtime.turn_off)


@app.command()
def status() -> None:
    """Say what is published."""
    _show(realtime.published)


def _show(action: Callable[[asyncpg.Connection], Awaitable[realtime.Published]]) -> None:
    async def run() -> realtime.Published:
        async with connect(url) as owner:
            return await action(owner)

    with upgraded_database() as url:
        publication = asyncio.run(run())
    carried = " and ".join(publication.tables) or "none of our tables"
    typer.echo(f"Publication {realtime.PUBLICATION} carries {carried}.")
    if publication.tables and publication.wal_level != "logical":
        typer.echo(
            f"No change is published: the server's wal_level is {publication.wal_level}. Set it to "
            "logical (`alter system set wal_level = logical;` as superuser, and a restart)."
        )

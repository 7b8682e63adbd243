"""`qlmodels export` and `qlmodels import`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from qlmodels.archive import Encoding, Manifest, export, import_archive
from qlmodels.cli.progress import bars
from qlmodels.owner import owner_database

Agents = Annotated[
    list[str] | None,
    typer.Option("--agent", help="Only this agent type; may be repeated. By default all."),
]


def export_(
    folder: Annotated[Path, typer.Argument(help="An empty folder, or one to be made.")],
    agent: Agents = None,
    format_: Annotated[
        Encoding, typer.Option("--format", help="JSON Lines, or Parquet, which needs pyarrow.")
    ] = "jsonl",
) -> None:
    """Write all rows of agents, as they are at one moment, to a folder."""
    with owner_database() as owner, bars() as watch:
        page = asyncio.run(export(owner, folder, agents=agent, encoding=format_, watch=watch))
    typer.echo(f"{folder} holds {_rows(page, page.agent_types)}.")


def import_(
    folder: Annotated[Path, typer.Argument(help="What `qlmodels export` wrote.")],
    agent: Agents = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Delete the rows that these agent types hold here first."),
    ] = False,
) -> None:
    """Write the rows of an archive into the database: all of them, or none."""
    with owner_database() as owner, bars() as watch:
        page = asyncio.run(
            import_archive(owner, folder, agents=agent, replace=replace, watch=watch)
        )
    typer.echo(
        f"The database has {_rows(page, agent or page.agent_types)}, as {folder} holds them."
    )


def _rows(page: Manifest, agents: list[str]) -> str:
    rows = sum(table.rows.get(agent, 0) for table in page.tables.values() for agent in set(agents))
    return f"{rows:,} rows of {len(set(agents))} agent types"

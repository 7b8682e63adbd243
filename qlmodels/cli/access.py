"""Who may do what, from the declarations or from the database."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from qlmodels import migrate
from qlmodels.access import LEGEND, Matrix, Undeclared, declared_matrix, live_matrix, undeclared
from qlmodels.connection import connect
from qlmodels.owner import owner_database


def access(
    live: Annotated[
        bool, typer.Option("--live", help="Read the database, not the declarations.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As pgrls matrix writes it.")] = False,
) -> None:
    """Show who may do what: role by table and command."""
    matrix, others = _live() if live else (declared_matrix(), [])
    if as_json:
        live_only = {"undeclared": [asdict(other) for other in others]} if live else {}
        typer.echo(json.dumps(matrix.document() | live_only, indent=2))
        return
    table = Table("role", *matrix.tables)
    for role in matrix.roles:
        table.add_row(role, *(matrix.letters(role, name) for name in matrix.tables))
    console = Console()
    console.print(table)
    console.print(LEGEND)
    _list(others)


def _list(others: list[Undeclared]) -> None:
    """What is not declared counts in the table above as if the restrictive rule were not there."""
    if others:
        typer.echo(
            "\nNot declared by qlmodels, over its tables. The table counts what these allow; the "
            'restrictive policy "confined" keeps agents and anon out of it.'
        )
    for other in others:
        typer.echo(f"- {other.what}: {other.evidence}\n  {other.fix}")


def _live() -> tuple[Matrix, list[Undeclared]]:
    async def read() -> tuple[Matrix, list[Undeclared]]:
        await migrate.require_head(url)
        async with connect(url) as owner:
            return await live_matrix(owner), await undeclared(owner)

    with owner_database() as url:
        return asyncio.run(read())

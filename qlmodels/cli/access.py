"""Who may do what, from the declarations or from the database."""

import asyncio
import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from qlmodels import migrate
from qlmodels.access import LEGEND, Matrix, declared_matrix, live_matrix
from qlmodels.connection import connect
from qlmodels.owner import owner_database


def access(
    live: Annotated[
        bool, typer.Option("--live", help="Read the database, not the declarations.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As pgrls matrix writes it.")] = False,
) -> None:
    """Show who may do what: role by table and command."""
    matrix = _live() if live else declared_matrix()
    if as_json:
        typer.echo(json.dumps(matrix.document(), indent=2))
        return
    table = Table("role", *matrix.tables)
    for role in matrix.roles:
        table.add_row(role, *(matrix.letters(role, name) for name in matrix.tables))
    console = Console()
    console.print(table)
    console.print(LEGEND)


def _live() -> Matrix:
    async def read() -> Matrix:
        await migrate.require_head(url)
        async with connect(url) as owner:
            return await live_matrix(owner)

    with owner_database() as url:
        return asyncio.run(read())

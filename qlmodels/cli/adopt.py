"""`qlmodels adopt`: take over a database that the original made."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from qlmodels.adopt import Adoption
from qlmodels.adopt import adopt as take_over
from qlmodels.cli.consequences import announce_first_schema
from qlmodels.cli.progress import bars
from qlmodels.owner import owner_database


def adopt(
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Do all of it, say what came of it, and take it back."),
    ] = False,
    rehash: Annotated[
        bool,
        typer.Option(
            "--rehash",
            help="Give the pairs hashes of qlmodels; the original's clients then lose them.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Go on without asking.")] = False,
) -> None:
    """Take over a database made by the original's SQL file or Alembic revision, rows and all.

    One transaction: the agents wait meanwhile. Stop them first, for they keep it waiting too. It
    says before what it does beyond the schema, and on a terminal it asks.
    """
    with owner_database() as url:
        announce_first_schema(url, yes=yes or dry_run)
        with bars() as watch:
            adoption = take_over(url, dry_run=dry_run, rehash=rehash, on_step=watch.step)
    _show(adoption, dry_run)


def _show(adoption: Adoption, dry_run: bool) -> None:
    table = Table("table", title=f"Made by the original's {adoption.form}")
    for heading in ("rows", "kept", "of them corrected", "left out"):
        table.add_column(heading, justify="right")
    for moved in adoption.tables:
        figures = (moved.rows, moved.kept, moved.corrected, moved.left_out)
        table.add_row(moved.table, *(f"{figure:,}" for figure in figures))
    Console().print(table)
    for note in adoption.notes:
        typer.echo(f"- {note}")
    if any(moved.corrected or moved.left_out for moved in adoption.tables):
        typer.echo(
            "Rows that were corrected or left out stand as they were, with the reason, in "
            "qlmodels_private.adopt_rejects."
        )
    if adoption.expiring:
        typer.echo(
            "Retention counts from the adoption on. Unless agents go on using them, rows expire:"
        )
    for due in adoption.expiring:
        typer.echo(f"- {due.day}: {due.rows:,} rows of {due.table}")
    typer.echo(
        "That was a rehearsal: the database is as it was."
        if dry_run
        else "The database is ours now."
    )

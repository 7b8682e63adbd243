"""What a command is about to delete, by table, and whether it is to go on."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import typer
from sqlalchemy import URL

from qlmodels.connection import connect
from qlmodels.ddl.quoting import literal, qualified
from qlmodels.errors import QLModelsError
from qlmodels.files import sql_of
from qlmodels.tables import metadata

_sql = sql_of("qlmodels.cli")

DeleteYes = Annotated[bool, typer.Option("--yes", help="Delete the rows without asking.")]

ROWS_OF_AGENTS: Final = tuple(
    qualified("public", table.name)
    for table in metadata.sorted_tables
    if table.schema is None and "agent_type" in table.columns
)
WRITTEN_BY_UPGRADES: Final = frozenset({"qlmodels_private.declared_facts"})
"""Tables that hold nothing of anybody's: the next upgrade writes the same rows."""


class NotConfirmed(QLModelsError):
    """A command that deletes rows was not told to go on."""


def confirm_row_loss(
    owner: URL,
    what: str,
    yes: bool,
    tables: Sequence[str] = ROWS_OF_AGENTS,
    agent_types: Sequence[str] | None = None,
    instead: str = "`qlmodels backup FILE` keeps a copy before that",
) -> None:
    """Print how many rows of `tables` a command deletes, and ask whether it is to go on.

    With `agent_types` only their rows are counted. Nothing is asked where there are none.
    Raises NotConfirmed without a terminal.
    """
    counts = asyncio.run(_row_counts(owner, tables, agent_types))
    if not counts:
        return
    rows = ", ".join(f"{number:,} of {table}" for table, number in counts.items())
    typer.echo(f"{what} deletes these rows: {rows}.")
    if yes:
        return
    if not sys.stdin.isatty():
        raise NotConfirmed(
            f"{what} was not confirmed, and nothing was changed. Run it again with --yes to "
            f"delete the rows; {instead}."
        )
    typer.confirm("Delete them?", abort=True)


async def _row_counts(
    owner: URL, tables: Sequence[str], agent_types: Sequence[str] | None
) -> Mapping[str, int]:
    named = [name for name in tables if name not in WRITTEN_BY_UPGRADES]
    if not named:
        return {}
    condition = "true" if agent_types is None else "agent_type = any ($1::text[])"
    counting = " union all ".join(
        _sql("count_rows").format(label=literal(name), table=name, condition=condition)
        for name in sorted(named)
    )
    async with connect(owner) as connection:
        counts = await connection.fetch(
            counting, *([] if agent_types is None else [list(agent_types)])
        )
    return {row["name"].removeprefix("public."): row["rows"] for row in counts if row["rows"]}

"""`qlmodels export` and `qlmodels import`."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from sqlalchemy import URL

from qlmodels.archive import (
    Encoding,
    Manifest,
    export,
    import_archive,
    merge_archive,
    read_manifest,
)
from qlmodels.cli.minari import export_minari
from qlmodels.cli.progress import bars
from qlmodels.cli.row_loss import DeleteYes, confirm_row_loss
from qlmodels.owner import owner_database
from qlmodels.policies import MergeRule

ExportFormat = Literal["jsonl", "parquet", "minari"]

ENCODINGS: Final[Mapping[ExportFormat, Encoding]] = {"jsonl": "jsonl", "parquet": "parquet"}
"""Formats of an archive; the others are datasets of one agent type."""

Agents = Annotated[
    list[str] | None,
    typer.Option("--agent", help="Only this agent type; may be repeated. By default all."),
]


def export_(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="An empty folder, or one to be made. With --format minari the folder of all "
            "datasets, by default MINARI_DATASETS_PATH or ~/.minari/datasets."
        ),
    ] = None,
    agent: Agents = None,
    format_: Annotated[
        ExportFormat,
        typer.Option(
            "--format",
            help="JSON Lines; Parquet, which needs pyarrow; or the episodes of one agent type as a "
            "Minari dataset, for offline reinforcement learning.",
        ),
    ] = "jsonl",
    id_: Annotated[
        str | None,
        typer.Option("--id", help="Minari: the dataset's id; by default the agent type and -v0."),
    ] = None,
    env: Annotated[
        str | None,
        typer.Option(
            help="Minari: the Gymnasium environment, if states and actions are as it has them."
        ),
    ] = None,
) -> None:
    """Write all rows of agents to a folder, or an agent type's episodes as a Minari dataset."""
    encoding = ENCODINGS.get(format_)
    if encoding is None:
        export_minari(_single(agent), folder, id_, env)
        return
    _refuse(format_, {"--id": id_, "--env": env})
    if folder is None:
        raise typer.BadParameter(f"--format {format_} needs a folder. Name one that is empty.")
    with owner_database() as owner, bars() as watch:
        page = asyncio.run(export(owner, folder, agents=agent, encoding=encoding, watch=watch))
    typer.echo(f"{folder} holds {_rows(page, page.agent_types)}.")


def _single(agents: list[str] | None) -> str:
    if agents is None or len(agents) != 1:
        raise typer.BadParameter(
            f"--format minari writes one agent type, and {len(agents or ())} were named. "
            "Name it by --agent, once."
        )
    return agents[0]


def _refuse(format_: ExportFormat, options: Mapping[str, str | None]) -> None:
    for name, value in options.items():
        if value is not None:
            raise typer.BadParameter(
                f"{name} does not go with --format {format_}. Leave it out, or use --format minari."
            )


def import_(
    folder: Annotated[Path, typer.Argument(help="What `qlmodels export` wrote.")],
    agent: Agents = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Delete the rows that these agent types hold here first."),
    ] = False,
    merge: Annotated[
        MergeRule | None,
        typer.Option(
            "--merge",
            help="Merge the Q-tables of the archive into those of the same agent types here, and "
            "write no other rows. The rule is that of `qlmodels policy merge`.",
        ),
    ] = None,
    yes: DeleteYes = False,
) -> None:
    """Write the rows of an archive into the database: all of them, or none."""
    if merge is not None and replace:
        raise typer.BadParameter("--merge does not go with --replace. Give one of them.")
    with owner_database() as owner:
        if merge is not None:
            _merge(owner, folder, merge, agent)
            return
        if replace:
            agent_types = agent or read_manifest(folder).agent_types
            confirm_row_loss(owner, "`import --replace`", yes, agent_types=agent_types)
        _import(owner, folder, agent, replace)


def _import(owner: URL, folder: Path, agent: list[str] | None, replace: bool) -> None:
    with bars() as watch:
        page = asyncio.run(
            import_archive(owner, folder, agents=agent, replace=replace, watch=watch)
        )
    typer.echo(
        f"The database has {_rows(page, agent or page.agent_types)}, as {folder} holds them."
    )


def _merge(owner: URL, folder: Path, rule: MergeRule, agent: list[str] | None) -> None:
    with bars() as watch:
        merged = asyncio.run(merge_archive(owner, folder, rule, agents=agent, watch=watch))
    for name, done in merged.items():
        typer.echo(
            f"{name}: of {done.pairs:,} pairs {done.made:,} are new, {done.changed:,} have other "
            f"values now. It is at version {done.after}. What was there is version {done.before}."
        )


def _rows(page: Manifest, agents: list[str]) -> str:
    rows = sum(table.rows.get(agent, 0) for table in page.tables.values() for agent in set(agents))
    return f"{rows:,} rows of {len(set(agents))} agent types"

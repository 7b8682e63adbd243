"""`qlmodels export-minari`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from qlmodels.cli.progress import bars
from qlmodels.owner import owner_database


def export_minari(
    agent: Annotated[str, typer.Argument(help="The agent type whose episodes are written.")],
    id_: Annotated[
        str | None,
        typer.Option("--id", help="The dataset's id; by default the agent type and -v0."),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(
            help="The folder of all datasets; by default Minari's own, MINARI_DATASETS_PATH or "
            "~/.minari/datasets."
        ),
    ] = None,
    env: Annotated[
        str | None,
        typer.Option(help="The Gymnasium environment, if states and actions are as it has them."),
    ] = None,
) -> None:
    """Write an agent type's episodes as a Minari dataset, for offline reinforcement learning."""
    from qlmodels.minari import export_dataset

    with owner_database() as owner, bars() as watch:
        exported = asyncio.run(
            export_dataset(owner, agent, dataset_id=id_, root=root, environment=env, watch=watch)
        )
    tally = exported.tally
    typer.echo(
        f"{exported.folder} holds {tally.episodes:,} episodes of {tally.steps:,} steps: "
        f'minari.load_dataset("{exported.dataset_id}").'
    )
    if tally.were_left:
        typer.echo(f"Marked as truncated, as nothing says how they ended: {tally.were_left:,}.")
    for reason, count in sorted(tally.left_out.items()):
        typer.echo(f"Left out, as {reason}: {count:,}.")

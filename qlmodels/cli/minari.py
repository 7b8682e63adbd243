"""`qlmodels export --format minari`."""

import asyncio
from pathlib import Path

import typer

from qlmodels.cli.progress import bars
from qlmodels.owner import owner_database


def export_minari(agent: str, root: Path | None, id_: str | None, env: str | None) -> None:
    """Write an agent type's episodes as a Minari dataset, and print what it holds."""
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

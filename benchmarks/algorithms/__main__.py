"""`python -m benchmarks.algorithms`: the figures of docs/algorithms.md, run again."""

import asyncio
import json
import time
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.algorithms import experiments
from benchmarks.algorithms.experiments import EXPERIMENTS, StoredResult
from benchmarks.algorithms.figures import FIGURES
from benchmarks.algorithms.results import Result, file_of
from benchmarks.algorithms.server import serve_runs

SEED = 1


def main(
    only: Annotated[list[str] | None, typer.Option(help="Figures: " + "; ".join(FIGURES))] = None,
    runs: Annotated[int | None, typer.Option(help="Runs of each; by default the book's")] = None,
    stored: Annotated[
        bool, typer.Option(help="Run the recipes through a throwaway server instead")
    ] = False,
    output: Annotated[Path, typer.Option(help="Where results go")] = Path("build/algorithms"),
) -> None:
    """Run the figures in memory and print means with 95 % intervals, and the curves' order."""
    if unknown := set(only or ()) - set(FIGURES):
        raise typer.BadParameter(f"There is no figure {', '.join(sorted(unknown))}.")
    output.mkdir(parents=True, exist_ok=True)
    if stored:
        results = asyncio.run(_run_stored(runs or experiments.RUNS))
        (output / experiments.KEPT.name).write_text(experiments.document(results), "utf-8")
        typer.echo(experiments.table(results))
        return
    for key in only or FIGURES:
        began = time.monotonic()
        figure = FIGURES[key]
        result = Result.of(figure, figure.run(runs or figure.runs))
        text = json.dumps(result.document(), indent=1) + "\n"
        (output / file_of(figure)).write_text(text, "utf-8")
        typer.echo(f"{key}, {time.monotonic() - began:.0f} s\n\n{result.markdown()}\n")


async def _run_stored(runs: int) -> list[StoredResult]:
    results = []
    async with serve_runs(SEED) as stored:
        for experiment in EXPERIMENTS:
            began = time.monotonic()
            results.append(await experiment.compare(stored, runs))
            typer.echo(f"{experiment.name}, {time.monotonic() - began:.0f} s", err=True)
    return results


if __name__ == "__main__":
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command()(main)
    command()

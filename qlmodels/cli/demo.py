"""`qlmodels demo`: a fleet that learns for real."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from qlmodels.cli.progress import bars, busy
from qlmodels.cli.row_loss import DeleteYes, confirm_row_loss
from qlmodels.cli.upgraded import upgraded_database
from qlmodels.demo import AGENT_TYPES, TASKS, OnLearningStep, Task, TaskResult, remove, run


def demo(
    remove_: Annotated[
        bool, typer.Option("--remove", help="Take the demo's agent types and rows away.")
    ] = False,
    yes: DeleteYes = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress bars.")] = False,
    seed: Annotated[int, typer.Option(help="Of the environments and the choices.")] = 0,
    while_stdin: Annotated[
        bool, typer.Option("--while-stdin", hidden=True, help="End when standard input is closed.")
    ] = False,
) -> None:
    """Let a fleet learn Taxi, CliffWalking and FrozenLake in the database."""
    if while_stdin:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    with upgraded_database() as owner:
        if remove_:
            confirm_row_loss(owner, "`demo --remove`", yes, agent_types=AGENT_TYPES)
            with busy("removing the demo"):
                rows = asyncio.run(remove(owner))
            typer.echo(f"The demo's agent types are gone, and {rows} rows with them.")
            return
        with nullcontext() if quiet else _watched() as on_step:
            results = asyncio.run(run(owner, seed=seed, on_step=on_step))
    _show(results)


def _end_with_stdin() -> None:
    """End as by Ctrl-C when the process that holds the other end of standard input ends."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGINT)


@contextmanager
def _watched() -> Iterator[OnLearningStep]:
    """A bar for each task, in learning steps."""
    with bars() as watch:
        advances = {task.agent_type: watch.part(task.environment, task.steps) for task in TASKS}
        before = dict.fromkeys(advances, 0)

        def on_step(task: Task, done: int) -> None:
            advances[task.agent_type](done - before[task.agent_type])
            before[task.agent_type] = done

        yield on_step


def _show(results: Sequence[TaskResult]) -> None:
    """The greedy policy as it stands in q_values, valued by dynamic programming."""
    table = Table(title="Expected return of the greedy policy, over all start states")
    table.add_column("environment")
    table.add_column("agent type")
    for heading in ("learned now", "expected return", "optimum"):
        table.add_column(heading, justify="right")
    for result in results:
        table.add_row(
            result.task.environment,
            result.task.agent_type,
            f"{result.learned_now:,}",
            f"{result.expected_return:.3f}",
            f"{result.optimum:.3f}",
        )
    Console().print(table)

"""Progress: bars on a terminal, lines in a log that was asked for, and nothing elsewhere."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from qlmodels import logs

logger = logging.getLogger(__name__)

WHAT, BAR = TextColumn("{task.description}"), BarColumn()


class Bars:
    """A bar for each part of a long command."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def part(self, what: str, total: int) -> Callable[[int], None]:
        """What to call with how much more of `what` is done."""
        bar = self._progress.add_task(what, total=total)
        done = 0
        logger.info("begins: %s", what, extra={"total": total})

        def advance(number: int) -> None:
            nonlocal done
            self._progress.update(bar, advance=number)
            was, done = done, done + number
            if was < total <= done:
                logger.info("done: %s", what, extra={"total": total})

        return advance

    def step(self, what: str, share: float) -> None:
        """One bar for what is known by its share alone; `what` is done now."""
        if not self._progress.tasks:
            self._progress.add_task(what, total=1.0)
        bar = self._progress.tasks[0]
        if bar.description != what or not share:
            logger.info("begins: %s", what)
        self._progress.update(bar.id, description=what, completed=share)


@contextmanager
def bars() -> Iterator[Bars]:
    """On standard error, so that what a command prints can go elsewhere."""
    with _progress(MofNCompleteColumn(), TimeRemainingColumn()) as progress:
        yield Bars(progress)


@contextmanager
def busy(what: str) -> Iterator[None]:
    """While something works of which nobody knows how much there is."""
    logger.info("begins: %s", what)
    with _progress(TimeElapsedColumn(), transient=True) as progress:
        progress.add_task(what, total=None)
        yield
    logger.info("done: %s", what)


def _progress(*columns: ProgressColumn, transient: bool = False) -> Progress:
    console = Console(stderr=True)
    return Progress(
        WHAT,
        BAR,
        *columns,
        console=console,
        transient=transient,
        disable=logs.is_json() or not console.is_terminal,
    )

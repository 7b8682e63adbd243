"""Progress bars, on a terminal and nowhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Bars:
    """A bar for each part of a long command."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def part(self, what: str, total: int) -> Callable[[int], None]:
        """What to call with how much more of `what` is done."""
        bar = self._progress.add_task(what, total=total)

        def advance(number: int) -> None:
            self._progress.update(bar, advance=number)

        return advance


@contextmanager
def bars() -> Iterator[Bars]:
    """On standard error, so that what a command prints can go elsewhere."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    )  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield Bars(progress)

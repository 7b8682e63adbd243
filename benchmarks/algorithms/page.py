"""docs/algorithms.md: the kept runs as it shows them, and the recipes as its blocks have them."""

import inspect
from collections.abc import Iterator
from pathlib import Path

from benchmarks.algorithms import experiments, recipes
from benchmarks.algorithms.experiments import EXPERIMENTS, StoredResult
from benchmarks.algorithms.figures import FIGURES
from benchmarks.algorithms.results import Result

PAGE = Path(__file__).parents[2] / "docs" / "algorithms.md"


def shown_tables() -> Iterator[str]:
    """Each table of the page, of the kept runs."""
    for figure in FIGURES.values():
        yield Result.kept(figure).markdown()
    kept = StoredResult.kept()
    yield experiments.table([kept[experiment.name] for experiment in EXPERIMENTS])


def shown_recipes() -> Iterator[str]:
    """The text of each recipe, which a block of the page holds."""
    for _, recipe in inspect.getmembers(recipes, inspect.iscoroutinefunction):
        yield inspect.getsource(recipe)

"""What docs/algorithms.md says is what was measured, and is measured again."""

from collections.abc import Mapping

import pytest

from benchmarks.algorithms.figures import FIGURES, Figure
from benchmarks.algorithms.page import PAGE, shown_recipes, shown_tables
from benchmarks.algorithms.results import LARGE, Result

RUNS: Mapping[str, int] = {
    "example 6.6": 12,
    "figure 6.5": 400,
    "figure 7.2": 20,
    "figure 12.6": 20,
}
"""Of the figures that are run again by default; with `slow` they are run again whole."""

LONGEST = ("figure 6.3, interim", "figure 6.3, asymptotic")
"""Not run again whole: half an hour and more."""


def test_the_page_shows_the_kept_runs() -> None:
    page = PAGE.read_text("utf-8")
    assert [table for table in shown_tables() if table not in page] == []


def test_the_page_shows_the_recipes_that_are_tested() -> None:
    page = PAGE.read_text("utf-8")
    assert [recipe for recipe in shown_recipes() if recipe not in page] == []


@pytest.mark.parametrize("figure", [FIGURES[key] for key in RUNS], ids=lambda each: each.key)
def test_fewer_runs_agree_with_the_kept_ones(figure: Figure) -> None:
    kept = Result.kept(figure)
    again = Result.of(figure, figure.run(RUNS[figure.key]))
    for point, mean in again.points.items():
        diverges = kept.points[point].mean > LARGE
        assert diverges or mean.agrees_with(kept.points[point]), point
    for each in again.differences:
        if max(kept.points[each.upper].mean, kept.points[each.lower].mean) <= LARGE:
            assert each.by.agrees_with(kept.difference(each.upper, each.lower)), each


@pytest.mark.slow
def test_a_block_of_runs_agrees_with_figure_6_3() -> None:
    figure = FIGURES["figure 6.3, interim"]
    kept = Result.kept(figure)
    again = Result.of(figure, figure.run(500))
    assert [at for at, mean in again.points.items() if not mean.agrees_with(kept.points[at])] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "figure", [each for each in FIGURES.values() if each.key not in LONGEST], ids=lambda it: it.key
)
def test_all_runs_say_what_the_page_says(figure: Figure) -> None:
    assert Result.of(figure, figure.run(figure.runs)).markdown() == Result.kept(figure).markdown()


def test_the_order_of_the_curves_is_the_books() -> None:
    interim, asymptotic, bias, steps, traces = (
        Result.kept(FIGURES[key])
        for key in (
            "figure 6.3, interim",
            "figure 6.3, asymptotic",
            "figure 6.5",
            "figure 7.2",
            "figure 12.6",
        )
    )
    for curve, at in interim.points:
        if curve != "Expected SARSA":
            assert interim.difference(("Expected SARSA", at), (curve, at)).low > 0
            assert asymptotic.difference(("Expected SARSA", at), (curve, at)).low > 0
    for curve, at in bias.points:
        if curve == "Q-learning":
            assert bias.difference((curve, at), ("Double Q-learning", at)).low > 0
    for result in (steps, traces):
        for upper, lower in result.figure.compared:
            assert result.difference(upper, lower).low > 0

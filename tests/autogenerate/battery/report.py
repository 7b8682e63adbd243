"""Outcomes as a table, one line a kind."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from tests.autogenerate.battery.runner import Outcome

HEAD = ("kind", "cases", "seen", "repaired", "undone")


def rows(outcomes: Iterable[Outcome]) -> list[tuple[str, int, int, int, int]]:
    """Kind, number of cases, and how many of them were seen, repaired and undone; sum last.

    Cases that nobody is to repair count among the seen alone, those not to be seen nowhere.
    """
    counted = (outcome for outcome in outcomes if outcome.case.expected != "nothing")
    ordered = sorted(counted, key=lambda outcome: outcome.case.kind)
    groups = groupby(ordered, key=lambda outcome: outcome.case.kind)
    return [*(_row(kind, list(group)) for kind, group in groups), _row("all", ordered)]


def _row(kind: str, outcomes: Sequence[Outcome]) -> tuple[str, int, int, int, int]:
    return (
        kind,
        len(outcomes),
        sum(outcome.seen for outcome in outcomes),
        sum(outcome.repaired for outcome in outcomes),
        sum(outcome.undone for outcome in outcomes),
    )


def table(outcomes: Iterable[Outcome]) -> str:
    """For a terminal."""
    lines = [HEAD, *rows(outcomes)]
    return "\n".join(
        f"{kind:<24}" + "".join(f"{number:>10}" for number in numbers) for kind, *numbers in lines
    )

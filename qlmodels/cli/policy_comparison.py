"""Two versions of a Q-table, compared on the terminal."""

import json
from collections.abc import Sequence
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from qlmodels.policies import Comparison, ValueChange


def show_comparison(comparison: Comparison) -> None:
    """Print what changed: greedy actions first, then pairs."""
    before, after = (
        "now" if number is None else f"version {number}"
        for number in (comparison.before, comparison.after)
    )
    moved = (
        "" if comparison.mean_change is None else f", by {comparison.mean_change:.4g} on average"
    )
    common = comparison.pairs - comparison.made - comparison.lost
    typer.echo(
        f"{comparison.agent_type}, {before} to {after}: {comparison.greedy_changed:,} of "
        f"{comparison.states:,} states have another greedy action; {comparison.made:,} pairs are "
        f"new, {comparison.lost:,} are gone, {comparison.changed:,} of {common:,} changed{moved}."
    )
    console = Console()
    if comparison.turned_states:
        table = _table("Greedy actions", "state", "was", "is")
        for line in comparison.turned_states:
            table.add_row(
                _line(line.state),
                f"{_line(line.old_action)} ({line.old:.4g})",
                f"{_line(line.new_action)} ({line.new:.4g})",
                f"{line.visits:,}",
            )
        console.print(table)
    for title, pairs in (
        ("New pairs", comparison.made_pairs),
        ("Gone", comparison.lost_pairs),
        ("Largest changes", comparison.changed_pairs),
    ):
        if pairs:
            console.print(_pairs(title, pairs))


def _pairs(title: str, pairs: Sequence[ValueChange]) -> Table:
    table = _table(title, "state", "action", "value")
    for pair in pairs:
        values = (f"{value:.4g}" for value in (pair.old, pair.new) if value is not None)
        table.add_row(_line(pair.state), _line(pair.action), " → ".join(values), f"{pair.visits:,}")
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(*headings, title=title, title_justify="left")
    table.add_column("visits", justify="right")
    return table


def _line(document: Any) -> str:
    return escape(json.dumps(document, ensure_ascii=False))

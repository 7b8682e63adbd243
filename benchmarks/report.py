"""A run as a table for people, and as JSON for whatever comes after."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.table import Table

from benchmarks.results import Row


def table(rows: Sequence[Row], title: str) -> Table:
    drawn = Table(title=title, box=box.SIMPLE_HEAD)
    drawn.add_column("what")
    for heading in ("min", "median", "max", "goal"):
        drawn.add_column(heading, justify="right", no_wrap=True)
    drawn.add_column("")
    drawn.add_column("detail")
    for row in rows:
        drawn.add_row(
            row.what,
            *(figure(value, row.unit) for value in (row.minimum, row.median, row.maximum)),
            str(row.goal),
            verdict(row),
            row.detail,
        )
    return drawn


def markdown(rows: Sequence[Row]) -> str:
    """The same table for a page."""
    lines = ["| what | min | median | max | goal | met | detail |", "|-|-:|-:|-:|-:|-|-|"]
    for row in rows:
        figures = (figure(value, row.unit) for value in (row.minimum, row.median, row.maximum))
        cells = (row.what, *figures, str(row.goal), verdict(row), row.detail)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def figure(value: float, unit: str) -> str:
    number = f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.2f}"
    return f"{number}{unit}" if unit in ("", "x") else f"{number} {unit}"


def verdict(row: Row) -> str:
    if not row.is_a_goal:
        return ""
    return "met" if row.met else "missed"


def document(rows: Sequence[Row], setting: Mapping[str, Any]) -> str:
    told = [
        {
            **asdict(row),
            "min": row.minimum,
            "median": row.median,
            "max": row.maximum,
            "met": row.met if row.is_a_goal else None,
        }
        for row in rows
    ]
    return json.dumps({"setting": setting, "rows": told}, indent=1) + "\n"

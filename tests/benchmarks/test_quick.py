"""A quick run of the benchmarks: everything works and counts right; how fast is not asked here."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.results import Goal, Row

ROOT = Path(__file__).parents[2]
FIGURES = {
    "single upsert",
    "HOT",
    "upsert_many",
    "one learning step",
    "lost learning steps",
    "learn_many",
    "deadlocks",
    "best_action",
    "pgbench",
    "record_many",
    "record_rewards",
    "bytes of a pair",
    "growth by 10 updates",
    "agent_performance_summary",
    "pattern_effectiveness",
    "replay",
    "SQLModel session",
    "AUTOCOMMIT",
    "audit on",
    "in the audit log",
    "cost of upsert",
    "cost of best_action",
    "wal_level replica",
    "wal_level logical",
}


@pytest.mark.long
def test_every_goal_is_measured_and_nothing_is_counted_wrong(tmp_path: Path) -> None:
    quick = [sys.executable, "-m", "benchmarks", "--quick", "--pairs", "5000"]
    subprocess.run([*quick, "--output", tmp_path], cwd=ROOT, check=True)
    rows = json.loads((tmp_path / "results.json").read_text())["rows"]
    for figure in FIGURES:
        assert any(figure in row["what"] for row in rows), figure
    assert [row for row in rows if row["met"] is False and not row["is_timed"]] == []
    assert (tmp_path / "results.md").read_text().count("\n") == len(rows) + 2
    ElementTree.parse(tmp_path / "results.svg")  # noqa: S314  (our own)


@pytest.mark.parametrize(
    ("values", "goal", "median", "met"),
    [
        ((3.0, 1.0, 2.0), Goal(at_least=2), 2.0, True),
        ((1.0, 2.0), Goal(at_least=1.6), 1.5, False),
        ((4.0,), Goal(at_most=4), 4.0, True),
        ((4.1,), Goal(at_most=4), 4.1, False),
    ],
)
def test_the_median_meets_a_goal_or_does_not(
    values: tuple[float, ...], goal: Goal, median: float, met: bool
) -> None:
    row = Row("what", values, goal)
    assert (row.median, row.met) == (median, met)

"""The outcomes of all tools side by side, as Markdown."""

from collections.abc import Mapping, Sequence

from tests.autogenerate.battery.report import rows
from tests.autogenerate.battery.runner import Outcome

INTRODUCTION = """\
# Comparison: what migration tools see of a changed schema

A database that equals its models is changed behind their back, in one way at a time. A tool *sees*
the change if it proposes anything that it did not propose before, has *repaired* it if
`pg_dump --schema-only --create` and `pg_dumpall --roles-only` then print the very same as before
the change, and has *undone* the repair if they print the same as after it. Cells hold
seen / repaired / undone. Every tool works as the database's owner, who is no superuser, on a server
of its own, and is told all that it can be told; what it proposes for an unchanged database does not
count as seen. Some changes can only be seen: a rule or a cast is of no kind that we compare, and
none but a superuser may take REPLICATION away, or undo such a repair.

The cases lie in `tests/autogenerate/battery/mutations`, the tools' declarations in
`benchmarks/migrations/sides`. A virtual environment and an npm folder are made for them:

    python -m benchmarks.migrations --page docs/comparison.md

"""


def markdown(found: Mapping[str, Sequence[Outcome]], setting: Mapping[str, str]) -> str:
    """The whole page: one line a kind; a cell says how many were seen / repaired / undone."""
    counted = {
        name: {row[0]: row[1:] for row in rows(outcomes)} for name, outcomes in found.items()
    }
    kinds = list(next(iter(counted.values())))
    lines = [
        ", ".join(f"{name} {value}" for name, value in setting.items()) + ".",
        "",
        f"| kind | cases | {' | '.join(counted)} |",
        f"|-|-:|{'-|' * len(counted)}",
    ]
    for kind in kinds:
        cells = [" / ".join(map(str, tool[kind][1:])) for tool in counted.values()]
        number = next(iter(counted.values()))[kind][0]
        lines.append(f"| {kind} | {number} | {' | '.join(cells)} |")
    return INTRODUCTION + "\n".join(lines) + "\n"

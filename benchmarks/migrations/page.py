"""The outcomes of all tools side by side, as Markdown."""

from collections.abc import Mapping, Sequence

from tests.autogenerate.battery.report import rows
from tests.autogenerate.battery.runner import Outcome


def markdown(found: Mapping[str, Sequence[Outcome]], setting: Mapping[str, str]) -> str:
    """One line a kind; a cell says how many were seen / repaired / undone."""
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
    return "\n".join(lines) + "\n"

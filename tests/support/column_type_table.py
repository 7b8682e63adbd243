"""The table of column types and operations in docs/panel.md, made of what the tests declare.

`python -m tests.support.column_type_table` writes it again.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from qlmodels_admin.rows import read_only_reason

from tests.support.specimens import SPECIMENS, Specimen

PAGE: Final = Path(__file__).parents[2] / "docs" / "panel.md"
BEGIN: Final = "<!-- column types: written by tests/support/column_type_table.py -->\n\n"
END: Final = "<!-- end of column types -->"


def table() -> str:
    """Return the table in Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "| type | list, detail | sort, filter, search | create, edit, set in bulk | files | key |"
    yield "|---|---|---|---|---|---|"
    ordered = sorted(SPECIMENS, key=lambda specimen: specimen.family.name)
    for name, group in groupby(ordered, key=lambda specimen: specimen.family.name):
        yield " | ".join(["| " + name, *_cells([*group])]) + " |"


def _cells(alike: list[Specimen]) -> Iterator[str]:
    specimen = alike[0]
    family = specimen.family
    yield "as psql shows it" if family.by_text else "yes"
    yield "by its order" if specimen.is_ordered else "by its text"
    yield "read-only" if read_only_reason(specimen.column) else "yes"
    yield "CSV and JSON Lines" if family.has_json else "CSV and JSON Lines, as text"
    yield "yes" if all(part.is_key for part in alike) else "where Postgres orders it"


def write() -> None:
    """Write the table into the page."""
    text = PAGE.read_text("utf-8")
    head, _, rest = text.partition(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}{table()}\n\n{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    write()

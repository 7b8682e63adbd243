"""One name has one meaning: classes and constants of both packages, by their module."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("qlmodels", "admin/qlmodels_admin")

CONVENTIONS = {
    "Buffer": "the synchronous one, in qlmodels.sync, has the name of the one that it waits for",
    "CHECK": "a module of doctor/checks declares its check",
    "EDITABLE": "a view declares which columns its forms have",
    "LearningStore": "as Buffer",
    "T": "a type variable",
    "TABLE": "a module of tables names its table",
    "app": "a module of commands has its typer application",
    "log": "a module's logger",
    "logger": "a module's logger",
    "query": "a module's reader of its own SQL",
    "sql": "a module's reader of its own SQL",
}
"""Names that mean the same wherever they are."""

REPEATED_BY_THE_PANEL = {
    "CHUNK_BYTES",
    "Conflict",
    "DATABASE",
    "EXPIRING_TABLES",
    "ROWS_A_BATCH",
    "Refused",
    "TABLES",
    "ValueChange",
}
"""Names that the panel has beside the library, or twice."""


def _names(tree: ast.Module) -> Iterator[str]:
    """Public classes and constants at the top of a module; functions are read with their module."""
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def _homes() -> dict[str, list[str]]:
    homes = defaultdict(list)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for name in set(_names(ast.parse(path.read_text("utf-8")))):
                if not name.startswith("_"):
                    homes[name].append(path.relative_to(ROOT).as_posix())
    return homes


def test_no_name_has_two_homes() -> None:
    declared = CONVENTIONS.keys() | REPEATED_BY_THE_PANEL
    repeated = {name: homes for name, homes in _homes().items() if len(homes) > 1}
    assert {name: homes for name, homes in repeated.items() if name not in declared} == {}


def test_no_declared_exception_is_left_over() -> None:
    homes = _homes()
    assert {name for name in CONVENTIONS if len(homes.get(name, ())) < 2} == set()


def test_within_the_library_only_conventions_repeat() -> None:
    library = {
        name: [home for home in homes if home.startswith("qlmodels/")]
        for name, homes in _homes().items()
    }
    repeated = {name: homes for name, homes in library.items() if len(homes) > 1}
    assert {name: homes for name, homes in repeated.items() if name not in CONVENTIONS} == {}

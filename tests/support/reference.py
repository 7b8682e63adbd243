"""docs/reference.md, made of docstrings, field descriptions, help texts and the SQL's comments.

`python -m tests.support.reference` writes it anew; test_reference.py says when it has to be.
"""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import qlmodels_admin
import typer
from sqlalchemy import CheckConstraint
from sqlalchemy import inspect as inspect_mapper
from sqlmodel import SQLModel

import qlmodels
from qlmodels import archive, doctor, errors, minari, store
from qlmodels.cli import app
from qlmodels.cli.commands import CLI_COMMANDS
from qlmodels.ddl.dialect import DIALECT
from qlmodels.ddl.domains import DOMAINS
from qlmodels.ddl.routines import FUNCTIONS
from qlmodels.tables import metadata
from qlmodels.tables._row import Row
from tests.support import arguments

PAGE = Path(__file__).parents[2] / "docs" / "reference.md"

OF_TYPER = {"help", "install_completion", "show_completion"}

HEAD = """\
# Reference

Commands, Python names, tables and SQL functions, each in the words of its own help text,
docstring, description or comment: this page is made of them (`python -m tests.support.reference`).
Environment variables stand in the [README](../README.md#use-your-own-postgres).
"""


def reference() -> str:
    parts = (_commands(), _python(), _arguments(), _tables(), _functions())
    return "\n".join([HEAD, *(line for part in parts for line in part)])


def _commands() -> Iterator[str]:
    yield "## Commands\n"
    root = typer.main.get_command(app)
    loaded = {name: command.load(name) for name, command in CLI_COMMANDS.items()}
    leaves = [leaf for name, each in loaded.items() for leaf in _leaves(f"qlmodels {name}", each)]
    for name, command in [("qlmodels", root), *leaves]:
        arguments = [each for each in command.params if each.param_type_name == "argument"]
        words = [f"[{each.name}]" if not each.required else str(each.name) for each in arguments]
        yield f"### `{' '.join([name, *words])}`\n\n{_text(command.help)}\n"
        described = [each for each in command.params if each.help and each.name not in OF_TYPER]
        if described:
            yield "\n".join(f"- `{_spelled(each)}`: {each.help}" for each in described) + "\n"


def _leaves(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield name, command
        return
    for word, inner in command.commands.items():
        yield from _leaves(f"{name} {word}", inner)


def _spelled(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.name)
    spelled = "/".join([*parameter.opts, *parameter.secondary_opts])
    if parameter.is_flag or parameter.default in (None, [], ""):
        return spelled
    return f"{spelled} = {parameter.default}"


def _python() -> Iterator[str]:
    yield "## Python\n"
    for module in (qlmodels, store, minari, archive, doctor, qlmodels_admin):
        names = [name for name in module.__all__ if _is_told_at(module, name)]
        yield f"### {module.__name__}\n\n{_text(module.__doc__)}\n"
        for name in names:
            yield from _thing(getattr(module, name))
    yield "### qlmodels.errors\n\nAll are `QLModelsError`, whose text says what to do.\n"
    yield "\n".join(
        f"- `{name}`: {_text(thing.__doc__)}"
        for name, thing in vars(errors).items()
        if inspect.isclass(thing) and thing is not errors.QLModelsError
    )
    yield ""


def _is_told_at(module: Any, name: str) -> bool:
    thing = getattr(module, name)
    told_before = module is not qlmodels and name in qlmodels.__all__
    is_row = inspect.isclass(thing) and issubclass(thing, SQLModel)
    return not told_before and not is_row and (inspect.isclass(thing) or inspect.isfunction(thing))


def _thing(thing: Any) -> Iterator[str]:
    node = _parsed(thing)
    if isinstance(node, ast.ClassDef):
        yield f"#### `{thing.__name__}`\n"
        if fields := _fields(node):
            yield f"    {thing.__name__}({', '.join(fields)})\n"
        yield f"{_docstring(node)}\n"
        for base in thing.__mro__:
            if base.__module__.startswith("qlmodels"):
                yield from _methods(thing.__name__, _parsed(base))
    else:
        yield f"#### `{node.name}`\n\n    {_signature(node)}\n\n{_docstring(node)}\n"


def _methods(thing: str, node: Any) -> Iterator[str]:
    for each in node.body:
        is_method = isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        if is_method and not each.name.startswith("_") and ast.get_docstring(each):
            yield f"##### `{thing}.{each.name}`\n\n    {_signature(each)}\n\n{_docstring(each)}\n"


def _fields(node: ast.ClassDef) -> list[str]:
    """Of a dataclass, those that it is made with and shows."""
    declared = [each for each in node.body if isinstance(each, ast.AnnAssign)]
    is_data = any("dataclass" in ast.unparse(each) for each in node.decorator_list)
    shown = [ast.unparse(each) for each in declared if not ast.unparse(each).startswith("_")]
    return shown if is_data else []


def _parsed(thing: Any) -> Any:
    return ast.parse(dedent(inspect.getsource(inspect.unwrap(thing)))).body[0]


def _signature(node: Any) -> str:
    arguments = ast.unparse(node.args).removeprefix("self, ").removeprefix("self")
    begins = "async " if isinstance(node, ast.AsyncFunctionDef) else ""
    returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{begins}{node.name}({arguments}){returned}"


def _docstring(node: Any) -> str:
    """Examples, which begin with a prompt, as blocks that are no commands."""
    return "\n".join(
        f"    {line}" if line.startswith((">>>", "...")) else line
        for line in (ast.get_docstring(node) or "").splitlines()
    )


def _arguments() -> Iterator[str]:
    yield "## Arguments of the store\n"
    yield (
        "Where an argument may be None, that is its default. What cannot be taken raises "
        "`InvalidValue`, which names the\nargument and its value, before anything is written.\n"
    )
    yield from arguments.table()
    yield ""


def _tables() -> Iterator[str]:
    yield "## Tables\n"
    for name in qlmodels.__all__:
        row = getattr(qlmodels, name)
        if not (inspect.isclass(row) and issubclass(row, Row)):
            continue
        table = metadata.tables[str(row.__tablename__)]
        models = ", ".join(f"`{name}{purpose}`" for purpose in ("Create", "Read", "Update"))
        paths = ", ".join(f"`{path.key}`" for path in inspect_mapper(row).relationships)
        yield (
            f"### {table.name}\n\n`{name}`. {_text(row.__doc__)}\n\n"
            f"Without a table: {models}. Relationships: {paths}.\n"
        )
        yield "| column | type | default | bounds | |\n|-|-|-|-|-|"
        for column in table.columns:
            null = ", may be null" if column.nullable else ""
            kind = column.type.compile(DIALECT).lower()
            yield (
                f"| `{column.name}` | {kind}{null} | {_default(column)} | {_bounds(column)} "
                f"| {column.comment} |"
            )
        yield ""


def _default(column: Any) -> str:
    if column.identity is not None:
        return "the next number"
    if column.computed is not None:
        return "computed"
    if column.server_default is None:
        return "null" if column.nullable else ""
    return f"`{column.server_default.arg}`".replace("|", "\\|")


def _bounds(column: Any) -> str:
    """Its CHECKs, and those of its type where that is a domain."""
    kind = column.type.compile(DIALECT)
    conditions: list[Any] = [it.check for it in DOMAINS if kind == f"{it.schema}.{it.name}"]
    conditions += [
        constraint.sqltext
        for constraint in column.table.constraints
        if isinstance(constraint, CheckConstraint)
        and constraint.name == f"ck_{column.table.name}_{column.name}"
    ]
    return "<br>".join(f"`{condition}`".replace("|", "\\|") for condition in conditions)


def _functions() -> Iterator[str]:
    yield "## SQL functions\n"
    for function in sorted(FUNCTIONS, key=lambda each: each.name):
        if function.schema == "public" or function.name in {"act_as", "prune_audit_log"}:
            comment, _, rest = function.sql.partition("create or replace function ")
            head = rest.partition("\nlanguage")[0].replace("\n", "\n    ")
            words = " ".join(line.removeprefix("--").strip() for line in comment.splitlines())
            yield f"### `{function.name}`\n\n    {head}\n\n{words.strip()}\n"


def _text(text: str | None) -> str:
    return inspect.cleandoc(text or "")


if __name__ == "__main__":
    PAGE.write_text(reference(), "utf-8")

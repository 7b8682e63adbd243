"""qlmodels/tables/data_models, made of the seven classes: Create, Read and Update of each.

`python -m tests.support.data_models` writes them; tests/tables/test_data_models.py says when.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import getfile, getsource
from pathlib import Path
from textwrap import dedent
from typing import Any

from sqlalchemy import inspect

from qlmodels import AgentSession, AgentState, AgentType, Pattern, QValue, Reward, Trajectory
from qlmodels.tables import data_models

FOLDER = Path(getfile(data_models)).parent
ROWS: tuple[type[Any], ...] = (
    AgentType,
    AgentSession,
    QValue,
    Trajectory,
    Reward,
    Pattern,
    AgentState,
)
FROM_SERVER = "FromServer["
OR_NOW = "MomentOrNow"
DOCUMENTS = {"StorableJson", "JsonNotNull"}
"""Any to type checkers; each takes or refuses null by itself."""

HEAD = '"""Made of the class of {table} by `python -m tests.support.data_models`."""'


@dataclass(frozen=True)
class Declared:
    """A field as the class of the table declares it."""

    name: str
    kind: str
    default: str | None
    description: str
    is_key: bool

    @property
    def is_set_by_server(self) -> bool:
        return self.kind.startswith(FROM_SERVER)

    @property
    def value(self) -> str:
        """The type of a value that is stored."""
        if self.kind == OR_NOW:
            return "AwareDatetime"
        return (
            self.kind.removeprefix(FROM_SERVER).removesuffix("]")
            if self.is_set_by_server
            else self.kind
        )

    def line(self, kind: str, default: str | None) -> str:
        if self.name == "extra":
            alias = 'validation_alias="metadata", serialization_alias="metadata"'
            default = f"{default}, {alias}" if default else alias
        parts = [default] if default else []
        parts.append(f"description={self.description}")
        return f"    {self.name}: {kind} = Field({', '.join(parts)})"


def declared(row: type[Any]) -> list[Declared]:
    (declaration,) = ast.parse(dedent(getsource(row))).body
    assert isinstance(declaration, ast.ClassDef)
    keys = {column.key for column in inspect(row).primary_key}
    return [
        Declared(
            node.target.id,
            ast.unparse(node.annotation),
            *_arguments(node.value),
            node.target.id in keys,
        )
        for node in declaration.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(node.value, ast.Call)
        and node.target.id in row.model_fields
    ]


def _arguments(call: ast.Call) -> tuple[str | None, str]:
    """Return default and description, as source."""
    given = {part.arg: ast.unparse(part) for part in call.keywords}
    if not given:  # extra()
        return "default_factory=dict", "'Anything else'"
    return given.get("default_factory", given.get("default")), given["description"].partition("=")[
        2
    ]


def create_fields(fields: list[Declared]) -> Iterator[str]:
    for field in fields:
        if field.kind == OR_NOW:
            yield field.line("AwareDatetime | None", "default=None")
        elif not field.is_set_by_server:
            yield field.line(field.kind, field.default)


def read_fields(fields: list[Declared]) -> Iterator[str]:
    return (field.line(field.value, None) for field in fields)


def update_fields(fields: list[Declared]) -> Iterator[str]:
    for field in fields:
        if not field.is_key and not field.is_set_by_server:
            says_itself = field.value.endswith(" | None") or field.value in DOCUMENTS
            kind = field.value if says_itself else f"NotNullIfGiven[{field.value}]"
            yield field.line(kind, "default=None")


def module(row: type[Any]) -> str:
    """Return the module of the three classes of a table."""
    fields, name = declared(row), row.__name__
    source = Path(getfile(row)).read_text("utf-8")
    validators = [
        node.strip()
        for node in source.splitlines()
        if node.startswith("    _") and "validator(" in node
    ]
    checks = ["", *(f"    {line}" for line in validators)] if validators else []
    table = row.__tablename__
    classes = [
        f"class {name}Create(CreateModel):",
        f'    """A new row of {table} as a client sends it: without what the server sets."""\n',
        *create_fields(fields),
        *checks,
        f"\n\nclass {name}Read(ReadModel):",
        f'    """A row of {table} as the database has it."""\n',
        *read_fields(fields),
        f"\n\nclass {name}Update(UpdateModel):",
        f'    """Changes of a row of {table}; what is left out stays as it is."""\n',
        *update_fields(fields),
    ]
    body = "\n".join(classes)
    home = row.__module__
    imports = [
        "from uuid import UUID, uuid4",
        "from pydantic import model_validator",
        "from sqlmodel import Field",
        "from qlmodels.reward_types import RewardType",
        "from qlmodels.tables._values import *",
        "from qlmodels.tables.data_models._base import CreateModel, ReadModel, UpdateModel",
    ]
    values = sorted(_names_of("qlmodels.tables._values") & _words(body))
    local = sorted(_names_of(home) & _words(body) - {"TABLE", *values, row.__name__})
    imports[4] = f"from qlmodels.tables._values import {', '.join(values)}"
    if local:
        imports.append(f"from {home} import {', '.join(local)}")
    return _formatted("\n".join([HEAD.format(table=row.__tablename__), *imports, body, ""]))


def _names_of(module_name: str) -> set[str]:
    """Return the names that a module defines itself."""
    tree = ast.parse(Path(sys.modules[module_name].__file__ or "").read_text("utf-8"))
    return (
        {
            name.id
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for name in ([node.target] if isinstance(node, ast.AnnAssign) else node.targets)
            if isinstance(name, ast.Name)
        }
        | {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        | ({"AwareDatetime", "JsonValue"} if module_name.endswith("_values") else set())
    )


def _words(body: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}


def _formatted(source: str) -> str:
    """Return the module as ruff writes it, without imports that nothing uses."""
    ruff = [str(Path(sys.executable).parent / "ruff")]
    for arguments in (["check", "--fix", "--quiet", "--select", "I,F401"], ["format"]):
        command = [*ruff, *arguments, "--stdin-filename", str(FOLDER / "made.py"), "-"]
        source = subprocess.run(
            command, input=source, capture_output=True, text=True, check=True
        ).stdout
    return source


def modules() -> dict[Path, str]:
    """Return what each file of the folder is to hold."""
    return {FOLDER / f"{row.__tablename__}.py": module(row) for row in ROWS}


if __name__ == "__main__":
    for path, text in modules().items():
        path.write_text(text, "utf-8")

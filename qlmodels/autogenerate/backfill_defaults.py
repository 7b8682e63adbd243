"""What a NOT NULL column takes in rows that exist: the default of its model."""

import json
from collections.abc import Iterator
from typing import Any

from alembic.util import CommandError
from pydantic_core import PydanticUndefined
from sqlalchemy import Column, Connection, MetaData, Table, inspect, literal
from sqlalchemy.exc import CompileError
from sqlalchemy.orm import Mapper
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlmodel import SQLModel

from qlmodels.autogenerate.diff import SchemaDifference
from qlmodels.autogenerate.facts import Facts, Key
from qlmodels.autogenerate.reader import VERBATIM
from qlmodels.ddl.dialect import compiled
from qlmodels.ddl.quoting import identifier, qualified
from qlmodels.ddl.quoting import literal as quoted
from qlmodels.errors import QLModelsError


class NoValue(QLModelsError, CommandError):
    """A column becomes NOT NULL in a table that holds rows, and has no default."""


def fills(metadata: MetaData, target: Facts) -> dict[str, str]:
    """SQL literals by qualified column name: the server's default, else the model's."""
    found = {
        key.name: str(fact["expression"]) for key, fact in target.items() if key.kind == "default"
    }
    fields = _fields(metadata)
    for table in metadata.tables.values():
        for column in table.columns:
            name = f"{qualified(table.schema or 'public', table.name)}.{identifier(column.name)}"
            value = _default(column, fields)
            if value is not None and name not in found:
                found[name] = _literal(value, column)
    return found


def _fields(metadata: MetaData) -> dict[Column[Any], Any]:
    """Defaults that only the class knows, for columns given to SQLModel whole."""
    found: dict[Column[Any], Any] = {}
    for mapper in _mappers(SQLModel):
        table = mapper.local_table
        if not isinstance(table, Table) or metadata.tables.get(table.key) is not table:
            continue
        for name, field in getattr(mapper.class_, "model_fields", {}).items():
            if name in mapper.columns:
                empty = field.default_factory in (dict, list) and field.default_factory()
                default = field.default if field.default is not PydanticUndefined else None
                found[mapper.columns[name]] = empty if empty is not False else default
    return found


def _mappers(base: type[Any]) -> Iterator[Mapper[Any]]:
    """Yield the mappers of the classes derived from `base`, in whichever registry they are."""
    for derived in base.__subclasses__():
        mapper = inspect(derived, raiseerr=False)
        if mapper is not None:
            yield mapper
        yield from _mappers(derived)


def _default(column: Column[Any], fields: dict[Column[Any], Any]) -> Any:
    if isinstance(column.default, ScalarElementColumnDefault):
        return column.default.arg
    return fields.get(column)


def _literal(value: Any, column: Column[Any]) -> str:
    if isinstance(value, dict | list):
        return quoted(json.dumps(value))
    try:
        return compiled(literal(value, column.type))
    except CompileError:
        return quoted(str(value))


def without_value(
    connection: Connection, different: list[SchemaDifference], live: Facts, known: dict[str, str]
) -> str | None:
    """Why a revision must not be written: rows that would have no value for a column."""
    for difference in different:
        key, old, new = difference.key, difference.old, difference.new
        if key.kind != "column" or new is None or not new["not null"] or key.name in known:
            continue
        if (old is not None and old["not null"]) or new["generated"] or new["identity"]:
            continue
        if new.of in live and _rows_lack(connection, new.parent, key, old is not None):
            return (
                f"column {key.name} becomes NOT NULL, and rows of {new.parent.name} have no value"
                " for it: give the column a default in the model, or fill it in a revision of its"
                " own first"
            )
    return None


def _rows_lack(connection: Connection, table: Key, column: Key, exists: bool) -> bool:
    bare = column.name.removeprefix(f"{table.name}.")
    where = f" where {bare} is null" if exists else ""
    lack = f"select exists (select from {table.name}{where})"  # noqa: S608
    return bool(connection.exec_driver_sql(lack, execution_options=VERBATIM).scalar_one())

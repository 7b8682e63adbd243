"""What belongs to the history of qlmodels, as another history in the same database sees it."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from qlmodels.autogenerate.facts import Key
from qlmodels.ddl import metadata
from qlmodels.ddl.functions import Function
from qlmodels.ddl.objects import Extension, Schema, View, declared
from qlmodels.ddl.quoting import PUBLIC, identifier, qualified


@cache
def fleet_schemas() -> frozenset[str]:
    """Schemas that hold nothing of others."""
    shared = {"extensions"}
    return frozenset(it.name for it in declared(metadata) if isinstance(it, Schema)) - shared


@cache
def fleet_names() -> frozenset[str]:
    """Qualified names of tables, views and functions."""
    tables = {qualified(table.schema or PUBLIC, table.name) for table in metadata.tables.values()}
    objects = {
        qualified(thing.schema, thing.name)
        for thing in declared(metadata)
        if isinstance(thing, Function | View)
    }
    return frozenset(tables | objects)


@cache
def shared_with_fleet() -> frozenset[Key]:
    """What both histories may use, which neither drops under the other."""
    extensions = (it for it in declared(metadata) if isinstance(it, Extension))
    keys = {Key("extension", identifier(it.name)) for it in extensions}
    return frozenset(keys | {Key("schema", "extensions")})


def beside_qlmodels(name: str | None, type_: str, parent_names: Mapping[str, Any]) -> bool:
    """Alembic's `include_name`, for a plain history beside that of qlmodels in one database.

    >>> context.configure(..., include_name=beside_qlmodels)
    """
    if type_ == "schema":
        return name not in fleet_schemas()
    schema = parent_names.get("schema_name") or PUBLIC
    table = name if type_ == "table" else parent_names.get("table_name")
    return schema not in fleet_schemas() and qualified(schema, str(table)) not in fleet_names()

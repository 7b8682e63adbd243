"""Undeclared objects that let protected rows be seen or changed.

They stand beside the tables that they read, so that the comparison leaves them alone. What hangs
on a table itself, as a policy or a grant does, is a difference like any other.
"""

from sqlalchemy import Connection, MetaData, text

from qlmodels.autogenerate.platform import PLATFORM_ROLES, PLATFORM_SCHEMAS
from qlmodels.ddl.functions import Function
from qlmodels.ddl.objects import (
    DDLObject,
    Policy,
    RowSecurity,
    Schema,
    View,
    declared,
)
from qlmodels.ddl.quoting import PUBLIC, qualified
from qlmodels.ddl.triggers import Publication
from qlmodels.files import sql_of
from qlmodels.logins import LOGIN_PREFIXES

_EXPOSURE = text(sql_of("qlmodels.autogenerate")("exposure"))
_ALL_ROWS = "true"
_SENTENCE = "{object} is not declared and {why}: {fix}, or declare it"


def exposures(connection: Connection, metadata: MetaData) -> list[str]:
    """Say what exposes rows, and how that ends; nothing where no table has row security."""
    things = declared(metadata)
    if not any(isinstance(thing, RowSecurity) for thing in things):
        return []
    rows = connection.execute(_EXPOSURE, _parameters(metadata, things))
    return [_SENTENCE.format(**row) for row in rows.mappings()]


def _parameters(metadata: MetaData, things: tuple[DDLObject, ...]) -> dict[str, str | list[str]]:
    tables = metadata.tables.values()
    schemas = {thing.name for thing in things if isinstance(thing, Schema)}
    unconfined = {
        role
        for thing in things
        if isinstance(thing, Policy) and thing.permissive and thing.using == _ALL_ROWS
        for role in thing.to
    }
    return {
        "tables": [qualified(table.schema or PUBLIC, table.name) for table in tables],
        "views": [qualified(it.schema, it.name) for it in things if isinstance(it, View)],
        "functions": [qualified(it.schema, it.name) for it in things if isinstance(it, Function)],
        "publications": [it.name for it in things if isinstance(it, Publication)],
        "confined": sorted(_named(things) - unconfined),
        "unconfined": sorted(unconfined - {PUBLIC}),
        "platform": sorted(PLATFORM_SCHEMAS - schemas),
        "hosted": sorted(PLATFORM_ROLES),
        "panel": LOGIN_PREFIXES["panel"],
    }


def _named(things: tuple[DDLObject, ...]) -> set[str]:
    """Roles to which a policy shows some rows."""
    return {
        role
        for thing in things
        if isinstance(thing, Policy) and thing.permissive
        for role in thing.to
        if role != PUBLIC
    }

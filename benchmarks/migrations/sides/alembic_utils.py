"""alembic-utils: whatever it reads in a database that has the declared schema is declared.

All but grants: it tries each on its own, and one comparison of this schema takes minutes.
"""

from importlib import import_module
from typing import Any

from sqlalchemy import Connection, MetaData
from sqlalchemy.orm import Session

KINDS = {
    "pg_function": "PGFunction",
    "pg_view": "PGView",
    "pg_materialized_view": "PGMaterializedView",
    "pg_trigger": "PGTrigger",
    "pg_policy": "PGPolicy",
    "pg_extension": "PGExtension",
}


def declare(_: MetaData, reference: Connection, schemas: list[str]) -> dict[str, Any]:
    kinds = [getattr(import_module(f"alembic_utils.{file}"), name) for file, name in KINDS.items()]
    entities = []
    for kind in kinds:
        with Session(reference) as session:
            for schema in [*schemas, "extensions"]:
                entities += kind.from_database(session, schema)
    registry = import_module("alembic_utils.replaceable_entity")
    registry.registry.clear()
    registry.register_entities(
        entities,
        schemas=schemas,
        exclude_schemas=["monitoring", "pg_catalog"],
        entity_types=kinds,
    )
    return {"autogenerate_plugins": ["alembic.autogenerate.*", "alembic.ext.*"]}

"""Alembic by itself, with every comparison that it can do switched on."""

from typing import Any

from sqlalchemy import Connection, MetaData


def declare(_metadata: MetaData, _reference: Connection, _schemas: list[str]) -> dict[str, Any]:
    """Our tables are all that it can be told of."""
    return {"autogenerate_plugins": ["alembic.autogenerate.*", "alembic.ext.*"]}

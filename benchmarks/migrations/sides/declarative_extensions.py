"""sqlalchemy-declarative-extensions: what it reads in the declared schema is declared.

Its owner and superuser are none of its roles, and foreign schemas are fenced off. It cannot read
the triggers of a database where one of them fires on TRUNCATE and on another event, as the audit
log's does: there it is not asked about triggers.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, MetaData

PACKAGE = "sqlalchemy_declarative_extensions"
FOREIGN = ["extensions", "monitoring"]
NOT_ROLES = {"postgres", "qlmodels_owner"}


def declare(metadata: MetaData, reference: Connection, schemas: list[str]) -> dict[str, Any]:
    package = import_module(PACKAGE)
    query = import_module(f"{PACKAGE}.dialects.postgresql.query")
    package.register_alembic_events(databases=False, rows=False)
    fence = [f"{schema}.*" for schema in FOREIGN]
    roles = [role for role in query.get_roles_postgresql(reference) if role.name not in NOT_ROLES]
    names = {role.name for role in roles}
    package.declare_database(
        metadata,
        schemas=package.Schemas(
            [package.Schema(name) for name in schemas if name != "public"], ignore_unspecified=True
        ),
        roles=package.Roles(roles, ignore_roles=list(NOT_ROLES)),
        grants=package.Grants(
            [
                *_outside_of_foreign(query.get_grants_postgresql(reference, names)),
                *query.get_default_grants_postgresql(reference, names),
            ]
        ),
        functions=package.Functions(
            _inside(query.get_functions_postgresql(reference), schemas), ignore=fence
        ),
        procedures=package.Procedures(ignore=fence),
        triggers=_triggers(package, query, reference),
        views=package.Views(_inside(query.get_views_postgresql(reference), schemas), ignore=fence),
    )
    return {"autogenerate_plugins": ["alembic.autogenerate.*", "alembic.ext.*"]}


def _triggers(package: Any, query: Any, reference: Connection) -> Any:
    """None, so that it leaves triggers alone, where one fires on TRUNCATE and something else."""
    try:
        return package.Triggers(list(query.get_triggers_postgresql(reference)))
    except AssertionError:
        return None


def _inside(things: Iterable[Any], schemas: list[str]) -> list[Any]:
    return [thing for thing in things if (thing.schema or "public") in schemas]


def _outside_of_foreign(grants: Iterable[Any]) -> list[Any]:
    return [
        grant
        for grant in grants
        if all(target.partition(".")[0] not in FOREIGN for target in grant.targets)
    ]

"""What lies over the seven tables in a database and is none of ours."""

from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg
from sqlalchemy import MetaData

from qlmodels import ddl
from qlmodels.ddl.access import TABLES
from qlmodels.ddl.functions import Function
from qlmodels.ddl.grants import Grant
from qlmodels.ddl.objects import Policy, View, declared
from qlmodels.ddl.quoting import PUBLIC
from qlmodels.files import sql_of

_sql = sql_of("qlmodels.access")


@dataclass(frozen=True, slots=True)
class Undeclared:
    """A policy, privilege, view or function. `opens` says whether rows would be seen or changed
    through it if the restrictive rule were not there; `fix` takes it away."""

    what: str
    evidence: str
    fix: str
    opens: bool


async def undeclared(
    connection: asyncpg.Connection, metadata: MetaData = ddl.metadata
) -> list[Undeclared]:
    """Read from the catalogs, which any login may."""
    things = declared(metadata)
    policies = [thing for thing in things if isinstance(thing, Policy)]
    grants = [list(values) for values in zip(*_grants(things), strict=True)]
    rows = await connection.fetch(
        _sql("undeclared"),
        list(TABLES),
        [policy.table for policy in policies],
        [policy.name for policy in policies],
        *grants,
        [f"{thing.schema}.{thing.name}" for thing in things if isinstance(thing, View)],
        [f"{thing.schema}.{thing.name}" for thing in things if isinstance(thing, Function)],
    )
    return [Undeclared(**row) for row in rows]


def _grants(things: Iterable[object]) -> Iterable[tuple[str, str, str, str]]:
    """Grantee, table, privilege and column, '' for the whole table."""
    for thing in things:
        if isinstance(thing, Grant) and thing.kind == "table" and thing.schema == PUBLIC:
            for role in thing.to:
                for privilege in thing.privileges:
                    for column in thing.columns or ("",):
                        yield role, thing.on, privilege, column

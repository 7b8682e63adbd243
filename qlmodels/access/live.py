"""The access matrix that a database has, read from its catalogs."""

import asyncpg

from qlmodels.access.declared import COLUMNS, reaches
from qlmodels.access.matrix import COMMANDS, Cascade, Cell, Door, Matrix
from qlmodels.ddl.access import TABLES
from qlmodels.sql_files import sql_of

_sql = sql_of("qlmodels.access")


async def live_matrix(connection: asyncpg.Connection) -> Matrix:
    """The matrix of the seven tables for the group roles and PUBLIC.

    What a function reaches is known for functions of ours alone, since it is in their bodies.
    """
    reach = await connection.fetch(_sql("reach"), list(COLUMNS), list(TABLES), list(COMMANDS))
    doors = await connection.fetch(_sql("doors"), list(COLUMNS))
    cascades = await connection.fetch(_sql("cascades"), list(TABLES))
    return Matrix(
        COLUMNS,
        TABLES,
        {(row["role"], row["relation"], row["command"]): _cell(row) for row in reach},
        tuple(_door(row) for row in doors),
        tuple(Cascade(**row) for row in cascades),
    )


def _cell(row: asyncpg.Record) -> Cell:
    conditions: list[str] = row["conditions"]
    if not row["is_granted"]:
        return Cell()
    if row["is_exempt"] or "true" in conditions:
        return Cell("open")
    return Cell("conditional", " OR ".join(conditions)) if conditions else Cell()


def _door(row: asyncpg.Record) -> Door:
    known = reaches(row["name"]) if row["schema"] == "qlmodels" else frozenset()
    return Door(row["name"], row["signature"], row["owner"], frozenset(row["callers"]), known)

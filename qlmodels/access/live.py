"""The access matrix that a database has, read from its catalogs."""

import asyncpg

from qlmodels.access.declared import ROLE_COLUMNS, reaches
from qlmodels.access.matrix import COMMANDS, Cascade, DefinerFunction, Matrix, MatrixEntry
from qlmodels.ddl.access import TABLES
from qlmodels.files import sql_of

_sql = sql_of("qlmodels.access")


async def live_matrix(connection: asyncpg.Connection) -> Matrix:
    """The matrix of the seven tables for the group roles and PUBLIC.

    What a function reaches is known for functions of ours alone, since it is in their bodies.
    """
    reach = await connection.fetch(_sql("reach"), list(ROLE_COLUMNS), list(TABLES), list(COMMANDS))
    definer_functions = await connection.fetch(_sql("definer_functions"), list(ROLE_COLUMNS))
    cascades = await connection.fetch(_sql("cascades"), list(TABLES))
    return Matrix(
        ROLE_COLUMNS,
        TABLES,
        {(row["role"], row["relation"], row["command"]): _cell(row) for row in reach},
        tuple(_definer_function(row) for row in definer_functions),
        tuple(Cascade(**row) for row in cascades),
    )


def _cell(row: asyncpg.Record) -> MatrixEntry:
    conditions: list[str] = row["conditions"]
    if not row["is_granted"]:
        return MatrixEntry()
    if row["is_exempt"] or "true" in conditions:
        return MatrixEntry("open")
    return MatrixEntry("conditional", " OR ".join(conditions)) if conditions else MatrixEntry()


def _definer_function(row: asyncpg.Record) -> DefinerFunction:
    known = reaches(row["name"]) if row["schema"] == "qlmodels" else frozenset()
    return DefinerFunction(
        row["name"], row["signature"], row["owner"], frozenset(row["callers"]), known
    )

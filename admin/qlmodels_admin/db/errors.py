"""What an error of the database means, by its SQLSTATE."""

from typing import Any, Final

from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from qlmodels.errors import QLModelsError

QUERY_CANCELED: Final = "57014"
INVALID_VALUES: Final = "22"
"""Class of the errors of a value that cannot be compared or stored."""

LOST_CONNECTION: Final = ("08", "57P")
"""Classes of the errors of a connection that was refused or ended."""

DATABASE_FAILURES: Final = (
    OSError,
    DBAPIError,
    PoolTimeout,
    PostgresError,
    InterfaceError,
    QLModelsError,
)
"""What reading the database raises where it is away, too slow, or refuses the statement."""


def driver_error(error: DBAPIError) -> Any:
    """Return asyncpg's own error, which names constraint, table and column; None without one."""
    return error.orig.__cause__ if error.orig is not None else None


def sqlstate(error: DBAPIError) -> str:
    """Return the SQLSTATE of an error; empty where the database gave none."""
    return getattr(driver_error(error), "sqlstate", None) or ""


def is_away(error: Exception) -> bool:
    """Return whether no connection to the database was available, or one was lost."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, OSError)
    return error.connection_invalidated or sqlstate(error).startswith(LOST_CONNECTION)

"""What an error of the database means, by its SQLSTATE."""

from typing import Any, Final

from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.errors import QLModelsError

QUERY_CANCELED: Final = "57014"
INVALID_VALUES: Final = "22"
"""Class of the errors of a value that cannot be compared or stored."""

CHECK_VIOLATION: Final = "23514"
INVALID_FOR_TYPE: Final = (CHECK_VIOLATION, "42601", "54000", "54001")
"""What else Postgres raises where it cannot read a value."""

UNREACHABLE: Final = frozenset({"3F000", "42501", "42703", "42P01"})
"""Errors of a schema, table or column that is not there, or not granted."""

SHUTTING_DOWN: Final = "57P"
"""Class of the errors of a server that ends its connections."""


class DatabaseAway(OSError):
    """No connection to the database could be made, or one broke while it was used."""


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


def is_invalid_value(error: DBAPIError) -> bool:
    """Return whether a value is none of its type: a domain's check, and hstore's syntax, count."""
    return sqlstate(error).startswith((INVALID_VALUES, *INVALID_FOR_TYPE))


def is_away(error: Exception) -> bool:
    """Return whether no connection to the database was available, or one was lost."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, DatabaseAway)
    return error.connection_invalidated or sqlstate(error).startswith(SHUTTING_DOWN)


def name_lost_connections(engine: AsyncEngine) -> None:
    """Have the engine raise DatabaseAway where its server cannot be reached.

    So it is told apart from files and other hosts that cannot be, and from what a server says of
    another one.
    """

    def connect(dialect: Any, _record: Any, args: Any, arguments: Any) -> Any:
        try:
            return dialect.connect(*args, **arguments)
        except (OSError, dialect.loaded_dbapi.Error) as error:
            raise DatabaseAway(str(error)) from error

    def lost(context: ExceptionContext) -> None:
        error = context.original_exception
        if isinstance(error, OSError) and not isinstance(error, DatabaseAway):
            context.chained_exception = DatabaseAway(str(error))

    event.listen(engine.sync_engine, "do_connect", connect)
    event.listen(engine.sync_engine, "handle_error", lost)

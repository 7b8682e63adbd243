"""Transactions of the panel, its queries, cached readings, counts of rows, errors."""

from qlmodels_admin.db.cache import Cached
from qlmodels_admin.db.errors import (
    DATABASE_FAILURES,
    INVALID_VALUES,
    QUERY_CANCELED,
    DatabaseAway,
    driver_error,
    is_away,
    name_lost_connections,
    sqlstate,
)
from qlmodels_admin.db.queries import asyncpg_connection, statements_of, write_transaction
from qlmodels_admin.db.row_counts import MAX_COUNTED, Count, count_rows, estimated_size

__all__ = [
    "DATABASE_FAILURES",
    "INVALID_VALUES",
    "MAX_COUNTED",
    "QUERY_CANCELED",
    "Cached",
    "Count",
    "DatabaseAway",
    "asyncpg_connection",
    "count_rows",
    "driver_error",
    "estimated_size",
    "is_away",
    "name_lost_connections",
    "sqlstate",
    "statements_of",
    "write_transaction",
]

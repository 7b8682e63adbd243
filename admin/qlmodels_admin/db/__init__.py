"""Transactions of the panel, its queries, counts of rows, and what an error means."""

from qlmodels_admin.db.errors import (
    DATABASE_FAILURES,
    INVALID_VALUES,
    QUERY_CANCELED,
    driver_error,
    is_away,
    sqlstate,
)
from qlmodels_admin.db.queries import asyncpg_connection, statements_of, write_transaction
from qlmodels_admin.db.row_counts import MAX_COUNTED, Count, count_rows, estimated_size

__all__ = [
    "DATABASE_FAILURES",
    "INVALID_VALUES",
    "MAX_COUNTED",
    "QUERY_CANCELED",
    "Count",
    "asyncpg_connection",
    "count_rows",
    "driver_error",
    "estimated_size",
    "is_away",
    "sqlstate",
    "statements_of",
    "write_transaction",
]

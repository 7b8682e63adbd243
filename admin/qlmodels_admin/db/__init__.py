"""Transactions of the panel, its queries, cached readings, counts of rows, errors."""

from qlmodels_admin.db.cache import Cached
from qlmodels_admin.db.errors import (
    CHECK_VIOLATION,
    DATABASE_FAILURES,
    INVALID_VALUES,
    QUERY_CANCELED,
    UNREACHABLE,
    DatabaseAway,
    driver_error,
    is_away,
    is_invalid_value,
    name_lost_connections,
    sqlstate,
)
from qlmodels_admin.db.queries import asyncpg_connection, statements_of, write_transaction
from qlmodels_admin.db.row_counts import MAX_COUNTED, Count, count_rows, estimated_size
from qlmodels_admin.db.table_state import Need, TableState, table_state

__all__ = [
    "CHECK_VIOLATION",
    "DATABASE_FAILURES",
    "INVALID_VALUES",
    "MAX_COUNTED",
    "QUERY_CANCELED",
    "UNREACHABLE",
    "Cached",
    "Count",
    "DatabaseAway",
    "Need",
    "TableState",
    "asyncpg_connection",
    "count_rows",
    "driver_error",
    "estimated_size",
    "is_away",
    "is_invalid_value",
    "name_lost_connections",
    "sqlstate",
    "statements_of",
    "table_state",
    "write_transaction",
]

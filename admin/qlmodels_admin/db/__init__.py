"""Transactions of the panel, its queries, counts of rows, and what an error means."""

from qlmodels_admin.db.queries import asyncpg_connection, statements_of, write_transaction
from qlmodels_admin.db.row_counts import MAX_COUNTED, Count, count_rows, estimated_size

__all__ = [
    "MAX_COUNTED",
    "Count",
    "asyncpg_connection",
    "count_rows",
    "estimated_size",
    "statements_of",
    "write_transaction",
]

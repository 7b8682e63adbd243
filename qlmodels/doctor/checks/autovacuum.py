"""Autovacuum switched off, for the server or for a table."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "autovacuum",
    why=(
        "Without it dead rows and stale statistics pile up, and in the end "
        "Postgres refuses to write."
    ),
)

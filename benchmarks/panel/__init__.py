"""The panel beside sqladmin as it comes, on one table of a million rows."""

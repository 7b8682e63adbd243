"""Whether everybody may make temporary tables, which upgrade revoked in the database."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "temporary_tables",
    why="A dump or a copy of a database has none of its own privileges, what was revoked included.",
    level="warning",
)

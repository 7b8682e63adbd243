"""Indexes that the models declare and the database has not."""

from qlmodels.ddl import metadata
from qlmodels.ddl.access import TABLES
from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "missing_indexes",
    why="A query that counts on an index reads the whole table without it.",
    values=([str(index.name) for table in TABLES for index in metadata.tables[table].indexes],),
)

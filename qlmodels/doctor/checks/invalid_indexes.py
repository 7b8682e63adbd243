"""Indexes that Postgres maintains and never uses, because building them failed."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "invalid_indexes",
    why="An index that was built concurrently and failed costs every write and serves no read.",
)

"""Indexes of one's own that no query has read since statistics began."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "unused_indexes",
    why="Each index costs every insert, and its pages take the cache from others.",
    level="warning",
    values=(
        7,
        1_000_000,
    ),
)

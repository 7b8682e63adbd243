"""Tables whose row-level security is off, or not forced on their owner."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "row_security",
    why="Whoever has a privilege on such a table sees every agent's rows.",
)

"""Tables in which dead rows outnumber what vacuum should leave."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "dead_rows",
    why="Each scan reads dead rows too, and the table grows for as long as nobody clears them.",
    values=(
        10_000,
        0.3,
    ),
)

"""Rows that expired and are still there: nothing purges."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "retention",
    why="What expires is what nobody learns from any more; it fills the disk and slows every scan.",
    values=(3,),
)

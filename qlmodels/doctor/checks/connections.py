"""Connections: how many are taken, and whether all logins together could take too many."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "connections",
    why="When none is left, agents are refused; three are kept for the superuser.",
    values=(0.9,),
)

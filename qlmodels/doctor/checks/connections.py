"""Connections: how many are taken, and whether all logins together could take too many."""

from qlmodels.doctor.check import Question

CHECK = Question(
    "connections",
    why="When none is left, agents are refused; three are kept for the superuser.",
    values=(0.9,),
)

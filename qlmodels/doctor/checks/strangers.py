"""Logins that are named like an agent's, where there is no such agent type.

Logins belong to the server: the agent type may be one of another database's.
"""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "strangers",
    why="Whoever inserts that agent type hands its rows to a login that was there before.",
    level="warning",
)

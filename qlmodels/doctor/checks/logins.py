"""Logins of agents, orchestrators and the panel that may do more than one of them needs."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "logins",
    why="A login is trusted for its name: ql_NAME is agent type NAME, whoever made it.",
)

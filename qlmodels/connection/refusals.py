"""Refusals of a server or a pooler whose cause is a setting: which one, and how it is changed."""

import re
from typing import Final

from qlmodels.errors import PoolerNotNamed

OTHER_SERVER_CONNECTION: Final = frozenset({"26000", "42P05"})
"""SQLSTATEs of a prepared statement that is not there, or is there already: it was made on another
connection of the server."""

PROTOCOL_VIOLATION: Final = "08P01"
"""SQLSTATE of another statement of that name, which takes other parameters."""

_LIMITED_ROLE: Final = re.compile(r'for role "(?P<login>[^"]+)"')


def pooler_not_named(error: BaseException) -> PoolerNotNamed | None:
    """Return the error for a prepared statement that a pooler let go astray, else None."""
    sqlstate = getattr(error, "sqlstate", None)
    mixed_up = sqlstate == PROTOCOL_VIOLATION and "prepared statement" in str(error)
    if sqlstate not in OTHER_SERVER_CONNECTION and not mixed_up:
        return None
    return PoolerNotNamed(
        f"A transaction pooler gives each transaction another connection of the server ({error}). "
        "Set QLMODELS_POOLER=transaction, or pass pooler='transaction' where the connection is "
        "made."
    )


def no_connection_left(error: BaseException, server: str) -> str:
    """Say whose limit of connections is reached, and how it is raised."""
    if limited := _LIMITED_ROLE.search(str(error)):
        login = limited["login"]
        return (
            f"{server} gives login {login} no further connection, for its limit is reached. Raise "
            f"it with `qlmodels login limit {login} NUMBER`, or make the login's pools smaller."
        )
    return (
        f"{server} has no connection left ({error}). Close some, make the pools smaller, or "
        "connect through a pooler."
    )

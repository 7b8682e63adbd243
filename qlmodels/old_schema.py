"""A database at an earlier revision than this release: which errors tell of it, and what to do."""

import re
from functools import cache
from typing import Final

from sqlalchemy.exc import DBAPIError

from qlmodels.errors import WrongRevision

LACKING: Final = frozenset({"3F000", "42883", "42P01", "42703"})
"""SQLSTATEs of no such schema, function, table or column."""

_WORD: Final = re.compile(r"\w+")


def lacking(said: object) -> WrongRevision:
    """Return the error for what the server `said` that it does not have."""
    return WrongRevision(
        f"The database lacks what this release uses ({said}): run `qlmodels upgrade`."
    )


def is_lacking(error: DBAPIError) -> bool:
    """Whether the database lacks a name that this release declares, and not one of the caller's."""
    if getattr(error.orig, "sqlstate", None) not in LACKING:
        return False
    return any(word in _names() for word in _WORD.findall(words_of(error)))


def words_of(error: DBAPIError) -> str:
    """Return the message of the server, without the statement."""
    cause = getattr(error.orig, "__cause__", None) or error.orig
    return str(cause).partition("\n")[0]


@cache
def _names() -> frozenset[str]:
    """Names of tables, columns and functions of this release."""
    from qlmodels.ddl import metadata  # which takes a second to import
    from qlmodels.ddl.routines import FUNCTIONS

    columns = {column.name for table in metadata.tables.values() for column in table.columns}
    tables = {table.name for table in metadata.tables.values()}
    return frozenset(columns | tables | {function.name for function in FUNCTIONS})

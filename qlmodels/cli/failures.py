"""What went wrong, in one sentence: the database's refusals, and what to do about them."""

from alembic.util import CommandError
from asyncpg.exceptions import PostgresError
from sqlalchemy.exc import DBAPIError

from qlmodels.errors import QLModelsError


def sentence_of(error: Exception) -> str | None:
    """Return what to print for `error`, or None for a fault of the program's own."""
    match error:
        case QLModelsError() | CommandError():
            return str(error)
        case PostgresError() | DBAPIError():
            return _refused(error)
        case _:
            return None


def _refused(error: PostgresError | DBAPIError) -> str:
    """Say what the database refused when nothing more is known, and what to do."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        cause: BaseException = error.orig.__cause__ or error.orig
    else:
        cause = error
    message = getattr(cause, "message", None) or str(cause).partition("\n")[0]
    match getattr(cause, "sqlstate", None):
        case "42P01" | "42883" | "42703" | "3F000":
            cure = "run `qlmodels upgrade`; `qlmodels check` tells what differs"
        case "42501":
            cure = "DATABASE_URL must be that of the login that owns the schema"
        case _:
            cure = "see the server's log for more"
    return f"The database refused ({message}): {cure}."

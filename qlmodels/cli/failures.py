"""What went wrong, in one sentence: refusals of the database, the network and the disk."""

import errno
import socket
from typing import Final

from alembic.util import CommandError
from asyncpg.exceptions import InterfaceError, InternalClientError, PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from qlmodels.connection import pooler_not_named
from qlmodels.errors import QLModelsError
from qlmodels.old_schema import LACKING

_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
_CLOSED: Final = {errno.EACCES, errno.EPERM, errno.EROFS}


def sentence_of(error: BaseException) -> str | None:
    """Return what to print for `error`, on one line, or None for a fault of the program's own."""
    match error:
        case BaseExceptionGroup():
            return next(filter(None, map(sentence_of, error.exceptions)), None)
        case QLModelsError() | CommandError():
            return " ".join(str(error).split())
        case PostgresError():
            return _refused(error)
        case DBAPIError():
            cause = error.orig and (error.orig.__cause__ or error.orig)
            return _refused(cause or error)
        case InterfaceError() | InternalClientError() | PoolTimeout():
            return _broken(str(error))
        case socket.gaierror() | ConnectionError() | TimeoutError():
            return _broken(error.strerror or str(error) or type(error).__name__)
        case UnicodeError():
            return f"Text that was read is not UTF-8 ({error}). Save the file as UTF-8."
        case OSError():
            return _of_system(error)
        case _:
            return None


def _refused(cause: BaseException) -> str:
    """Say what the database refused when nothing more is known, and what to do."""
    if (astray := pooler_not_named(cause)) is not None:
        return str(astray)
    message = getattr(cause, "message", None) or str(cause).partition("\n")[0]
    sqlstate = getattr(cause, "sqlstate", None)
    if sqlstate is None and isinstance(cause, OSError | InterfaceError | InternalClientError):
        return _broken(message)
    if sqlstate in LACKING:
        cure = "run `qlmodels upgrade`; `qlmodels check` tells what differs"
    elif sqlstate == "42501" and "role" in message:
        cure = (
            "the login that migrates needs CREATEROLE; let a superuser say `alter role LOGIN "
            "createrole`"
        )
    elif sqlstate == "42501":
        cure = "DATABASE_URL must be that of the login that owns the schema"
    else:
        cure = "see the server's log for more"
    return f"The database refused ({message}): {cure}."


def _broken(reason: str) -> str:
    return (
        f"The connection to the database failed ({reason}). Check that the server runs and that "
        "its address is right, then run the command again."
    )


def _of_system(error: OSError) -> str:
    """Say what the operating system refused, of which file."""
    reason = error.strerror or str(error) or type(error).__name__
    if error.filename is None:
        return f"The operating system refused ({reason}). Run the command again when it is fixed."
    place = f"{error.filename} cannot be used ({reason})."
    if error.errno in _FULL:
        return f"{place} Free some space on its disk, then run the command again."
    if error.errno in _CLOSED:
        return f"{place} Name a path that this account may write to, or change its permissions."
    return f"{place} Name another path."

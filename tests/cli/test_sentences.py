"""What an error of the system, the network or the driver is called; others are faults of ours."""

import errno
import socket

import asyncpg
import pytest
from asyncpg.exceptions import InterfaceError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from qlmodels.cli.failures import sentence_of
from qlmodels.errors import NotAllowed

KNOWN = {
    "ours, over two lines": (NotAllowed("This may\n    not be."), "This may not be."),
    "a file": (FileNotFoundError(errno.ENOENT, "No such file", "a/b"), "a/b cannot be used"),
    "a closed file": (PermissionError(errno.EACCES, "Denied", "a/b"), "permissions"),
    "a full disk": (OSError(errno.ENOSPC, "No space left", "a/b"), "Free some space"),
    "no file at all": (OSError(errno.EMFILE, "Too many open files"), "Too many open files"),
    "an unknown host": (socket.gaierror(-2, "Name or service not known"), "connection"),
    "a reset connection": (ConnectionResetError(), "ConnectionResetError"),
    "an answer that never came": (TimeoutError(), "connection to the database failed"),
    "the driver": (InterfaceError("connection is closed"), "connection is closed"),
    "a pool": (PoolTimeout("QueuePool limit"), "QueuePool limit"),
    "the server": (asyncpg.DeadlockDetectedError("deadlock detected"), "deadlock detected"),
    "behind SQLAlchemy": (
        OperationalError("select 1", None, ConnectionResetError("reset by peer")),
        "reset by peer",
    ),
    "bytes of another encoding": (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "UTF-8"),
    "several at once": (
        ExceptionGroup("tasks", [ValueError("a fault"), ConnectionRefusedError("refused")]),
        "refused",
    ),
}


@pytest.mark.parametrize("what", KNOWN)
def test_one_line_says_it(what: str) -> None:
    error, words = KNOWN[what]
    sentence = sentence_of(error)
    assert sentence is not None
    assert words in sentence
    assert "\n" not in sentence


def test_a_statement_is_not_shown() -> None:
    """It may hold a value that is not for a terminal."""
    error = DBAPIError("select 'a secret'", {"password": "a secret"}, Exception("no"))
    assert "a secret" not in str(sentence_of(error))


@pytest.mark.parametrize("fault", [ValueError("x"), ExceptionGroup("tasks", [KeyError("x")])])
def test_a_fault_of_the_program_keeps_its_traceback(fault: Exception) -> None:
    assert sentence_of(fault) is None

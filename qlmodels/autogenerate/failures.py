"""What a database said when it refused, in sentences: the object, the cause, and what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from alembic.util import CommandError
from asyncpg.exceptions import PostgresError
from sqlalchemy.exc import DBAPIError

from qlmodels.errors import QLModelsError

DEADLOCK = "40P01"
STATEMENT_CHARS = 120
SQL_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


class RevisionFailed(QLModelsError, CommandError):
    """A revision did not run."""


class NotPossible(QLModelsError, CommandError):
    """Autogenerate cannot do what was requested."""


@dataclass(frozen=True, slots=True)
class Said:
    """An error as the server reported it, whichever driver brought it."""

    sqlstate: str
    message: str
    detail: str
    hint: str
    statement: str

    @classmethod
    def of(cls, error: DBAPIError | PostgresError) -> Self:
        """Read the fields of an error of asyncpg, psycopg or psycopg2."""
        orig: Any = error.orig if isinstance(error, DBAPIError) else error
        cause: Any = getattr(orig, "__cause__", None) or orig
        diagnosis = getattr(cause, "diag", None)
        message = getattr(diagnosis, "message_primary", None) or getattr(cause, "message", None)
        statement = error.statement if isinstance(error, DBAPIError) else None
        return cls(
            getattr(orig, "sqlstate", None) or getattr(cause, "pgcode", None) or "",
            message or str(cause).partition("\n")[0],
            getattr(diagnosis, "message_detail", None) or getattr(cause, "detail", None) or "",
            getattr(diagnosis, "message_hint", None) or getattr(cause, "hint", None) or "",
            " ".join(SQL_COMMENT.sub("", statement or "").split()),
        )

    @property
    def brief(self) -> str:
        """The message with its detail and statement, without what to do."""
        detail = f" ({'; '.join(self.detail.splitlines())})" if self.detail else ""
        return f"{self.message}{detail}{self.where}"

    @property
    def where(self) -> str:
        """The beginning of the statement, in parentheses; nothing where none is known."""
        if not self.statement:
            return ""
        short = self.statement[:STATEMENT_CHARS]
        return f" ({short}{'...' if short != self.statement else ''})"


def sentence(error: DBAPIError | PostgresError) -> str:
    """Say what a revision met in the database and what to do about it."""
    said = Said.of(error)
    match said.sqlstate:
        case "2BP01":
            dependents = "; ".join(said.detail.splitlines())
            return (
                f"{_capital(said.message)}: {dependents}. What depends on it does not belong to "
                "this history: drop or change it first, or declare it, then run this again."
            )
        case "P0001":  # raised by a statement of the revision, with what to do as its hint
            return f"{said.message}. {said.hint}".strip()
        case state if state.startswith(("22", "23")):
            return (
                f"Rows do not fit what the revision asks for: {said.message}{said.where}. Correct "
                "these rows, or convert them in a revision of your own before this one."
            )
        case "42501":
            return (
                f"{_capital(said.message)}{said.where}. Connect as the owner of the object, or "
                "have a superuser run this statement."
            )
        case _:
            hint = f" {said.hint}" if said.hint else ""
            return f"The database refused: {said.message}{said.where}.{hint}"


@contextmanager
def in_words() -> Iterator[None]:
    """Raise errors of the database, and all of ours, as Alembic prints its own: one sentence."""
    try:
        yield
    except CommandError:
        raise
    except QLModelsError as error:
        raise NotPossible(str(error)) from error
    except (DBAPIError, PostgresError) as error:
        raise RevisionFailed(sentence(error)) from error


def _capital(message: str) -> str:
    return message[:1].upper() + message[1:]

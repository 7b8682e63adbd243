"""Options of Alembic's `context.configure`: which are respected, and why others are refused."""

from collections.abc import Mapping
from typing import Any

from alembic.util import CommandError
from sqlalchemy import Connection

from qlmodels.errors import QLModelsError

UNDECLARED_CHOICES = ("list", "ignore", "error", "drop")


class Unsupported(QLModelsError, CommandError):
    """An option or a connection with which revisions cannot be run or written."""


PER_MIGRATION = (
    "transaction_per_migration is not supported: the revisions of an upgrade are one transaction, "
    "so that a failure leaves none of them half done. Leave the option out; `alembic upgrade +1` "
    "runs one revision at a time."
)
NOT_TRANSACTIONAL = (
    "transactional_ddl=False is not supported: a failure would leave half a revision. Leave the "
    "option out; statements that need it have `op.get_context().autocommit_block()`."
)
OTHER_PLUGINS = (
    "autogenerate_plugins={given!r} is not supported: the whole schema is compared by one plugin. "
    "Leave the option out."
)
NOT_A_CONNECTION = (
    "run_migrations needs a Connection and got {given}. With an AsyncConnection call "
    "`await connection.run_sync(run_migrations, target_metadata=...)`."
)
NOT_POSTGRES = "Autogenerate compares PostgreSQL databases, and this connection is to {given}."
AUTOCOMMIT = (
    "The connection is in AUTOCOMMIT, so that a failure would leave half a revision. Give the "
    "engine another isolation level."
)
NO_SUCH_CHOICE = "undeclared={given!r} is not a choice. Use one of {choices}."


def require_supported(configuration: Mapping[str, Any]) -> None:
    """Raises Unsupported for options that cannot be respected."""
    if configuration.get("transaction_per_migration"):
        raise Unsupported(PER_MIGRATION)
    if configuration.get("transactional_ddl") is False:
        raise Unsupported(NOT_TRANSACTIONAL)
    if (plugins := configuration.get("autogenerate_plugins")) is not None:
        raise Unsupported(OTHER_PLUGINS.format(given=plugins))
    require_choice(configuration.get("undeclared", "list"))


def require_choice(undeclared: str) -> str:
    """Return `undeclared` if it says what is done with undeclared objects. Raises Unsupported."""
    if undeclared not in UNDECLARED_CHOICES:
        choices = ", ".join(UNDECLARED_CHOICES)
        raise Unsupported(NO_SUCH_CHOICE.format(given=undeclared, choices=choices))
    return undeclared


def require_connection(connection: object) -> None:
    """Raises Unsupported for what is not a Connection to Postgres in which a revision can fail."""
    if not isinstance(connection, Connection):
        raise Unsupported(NOT_A_CONNECTION.format(given=type(connection).__name__))
    dialect = connection.dialect
    if dialect.name != "postgresql":
        raise Unsupported(NOT_POSTGRES.format(given=dialect.name))
    raw = connection.connection.dbapi_connection
    if raw is not None and dialect.detect_autocommit_setting(raw):
        raise Unsupported(AUTOCOMMIT)

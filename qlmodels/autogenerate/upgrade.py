"""Running revisions: one deployment at a time, all or nothing, and never in the way for long."""

import logging
import random
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, RootTransaction, Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateSchema, DropSchema, DropTable

from qlmodels.advisory_locks import AdvisoryLock
from qlmodels.autogenerate.contract import require_connection, require_supported
from qlmodels.autogenerate.failures import Said, in_words
from qlmodels.autogenerate.plugin import options
from qlmodels.ddl.quoting import PUBLIC
from qlmodels.errors import QLModelsError

LOCK_SQLSTATES = {"55P03", "40P01"}
"""A lock was not to be had in time, or a deadlock: autovacuum, too, can cause one."""
LOCK_TIMEOUT = "200ms"
"""Statements of others queue behind a lock that is waited for, so they too wait this long."""
SCRIPT_LOCK_TIMEOUT = "4s"
"""Of a script, which does not try again."""
REVISION_TIMEOUT = "1h"
MAX_UPGRADE_ATTEMPTS = 40
MAX_PAUSE_S = 3.0
"""Seconds; with ATTEMPTS some one and a half minutes in all."""

TAKE_LOCK = text("select pg_advisory_xact_lock(:key)")
IN_USE = text(
    "select exists ("
    " select from pg_catalog.pg_depend"
    " where refclassid = 'pg_catalog.pg_namespace'::regclass"
    " and refobjid = (select oid from pg_catalog.pg_namespace where nspname = :schema))"
)

log = logging.getLogger("alembic.qlmodels")


class LockNotAvailable(QLModelsError, CommandError):
    """A table was in use through every attempt: end the long transaction, or try again later."""


def run_migrations(connection: Connection, /, **configuration: Any) -> None:
    """`context.configure` and `context.run_migrations`, safe for a database in use.

    One transaction for all revisions. Deployments wait for each other, and a table that is in use
    for longer than `-x lock_timeout=200ms` makes the whole start again some times before
    LockNotAvailable is raised. Within a transaction that a `with` block began, that block commits.

    `configuration` is that of `context.configure`; `target_metadata` is one MetaData or several,
    and `undeclared` says what is done with objects of others: list, ignore, error or drop.
    """
    with in_words():
        require_connection(connection)
        require_supported(configuration)
        configuration = options() | _version_place(connection) | configuration
        context.configure(connection=connection, **configuration)
        given = context.get_context().opts
        if given.get("dont_mutate"):
            context.run_migrations()
        elif "revision_context" in given:
            _compare(connection, configuration)
        else:
            patiently(partial(_migrate, connection, configuration))


def _version_place(connection: Connection) -> dict[str, Any]:
    """Where `schema_translate_map` puts Alembic's own table: Alembic looks for it elsewhere."""
    names = connection.get_execution_options().get("schema_translate_map") or {}
    return {"version_table_schema": names[None]} if names.get(None) else {}


def write_migrations(**configuration: Any) -> None:
    """Write the same as a script, for `alembic upgrade --sql`; it waits as briefly for locks."""
    require_supported(configuration)
    # by a driver whose parameters are numbered: others double every per cent sign
    configuration |= {"url": "postgresql+asyncpg://", "literal_binds": True, "dialect_opts": None}
    context.configure(**configuration, **options())
    with context.begin_transaction():
        context.execute(f"set local lock_timeout = '{SCRIPT_LOCK_TIMEOUT}'")
        context.execute(f"set local statement_timeout = '{REVISION_TIMEOUT}'")
        if schema := configuration.get("version_table_schema"):
            context.execute(CreateSchema(schema, if_not_exists=True))
        context.run_migrations()


def _compare(connection: Connection, configuration: Mapping[str, Any]) -> None:
    """Comparing leaves nothing behind, not even Alembic's own table."""
    within = connection.in_transaction()
    with connection.begin_nested() if within else connection.begin() as transaction:
        _make_version_schema(connection, configuration)
        context.configure(connection=connection, **configuration)
        context.run_migrations()
        transaction.rollback()


def patiently(attempt_all: Callable[[], None]) -> None:
    """Do something all or nothing, again for as long as it finds tables in use."""
    for attempt in range(MAX_UPGRADE_ATTEMPTS):
        try:
            attempt_all()
        except DBAPIError as error:
            if Said.of(error).sqlstate not in LOCK_SQLSTATES:
                raise
            if attempt == MAX_UPGRADE_ATTEMPTS - 1:
                raise LockNotAvailable from error
            pause = min(MAX_PAUSE_S, 0.1 * 2**attempt) * random.uniform(0.5, 1)  # noqa: S311
            log.info(
                "a table is in use; trying again in %.1f s (attempt %s of %s)",
                pause,
                attempt + 2,
                MAX_UPGRADE_ATTEMPTS,
            )
            time.sleep(pause)
        else:
            return


def _migrate(connection: Connection, configuration: Mapping[str, Any]) -> None:
    """Run the revisions in a transaction, or in a savepoint of the one that was begun before."""
    begun = connection.get_transaction()
    if begun is None:
        context.configure(connection=connection, **configuration)
        with context.begin_transaction():
            _run(connection, configuration)
        return
    context.configure(connection=connection, **configuration)
    with connection.begin_nested():
        _run(connection, configuration)
    if not _ends_by_itself(begun):
        connection.connection.commit()


def _ends_by_itself(begun: RootTransaction) -> bool:
    """Whether a `with` block began the transaction, so that its end commits.

    Another one was begun by a statement before, and nothing else would commit it.
    """
    return getattr(begun.connection, "_trans_context_manager", None) is not None


def _run(connection: Connection, configuration: Mapping[str, Any]) -> None:
    arguments: dict[str, str] = context.get_x_argument(as_dictionary=True)
    connection.execute(TAKE_LOCK, {"key": AdvisoryLock.SCHEMA_UPGRADE})
    set_for_transaction(connection, "lock_timeout", arguments.get("lock_timeout", LOCK_TIMEOUT))
    set_for_transaction(connection, "qlmodels.lose", arguments.get("lose", ""))
    _make_version_schema(connection, configuration)
    context.run_migrations()
    _remove_version_table(connection, configuration)


def set_for_transaction(connection: Connection, name: str, value: str) -> None:
    connection.execute(
        text("select set_config(:name, :value, true)"), {"name": name, "value": value}
    )


def _make_version_schema(connection: Connection, configuration: Mapping[str, Any]) -> None:
    schema = configuration.get("version_table_schema")
    if schema is not None and not _exists(connection, schema):
        connection.execute(CreateSchema(schema))


def _exists(connection: Connection, schema: str) -> bool:
    known = text("select exists (select from pg_catalog.pg_namespace where nspname = :schema)")
    return bool(connection.execute(known, {"schema": schema}).scalar_one())


def _remove_version_table(connection: Connection, configuration: Mapping[str, Any]) -> None:
    """At base, where nothing of ours is left, that is nothing of ours either.

    A schema where tables are that name none is the project's, and stays.
    """
    schema = configuration.get("version_table_schema")
    if schema is None or context.get_context().get_current_heads():
        return
    table = configuration.get("version_table", "alembic_version")
    connection.execute(DropTable(Table(table, MetaData(), schema=schema), if_exists=True))
    names = connection.get_execution_options().get("schema_translate_map") or {}
    current = connection.execute(text("select current_schema()")).scalar_one()
    if schema in {PUBLIC, current, *names.values()}:
        return
    if not connection.execute(IN_USE, {"schema": schema}).scalar_one():
        connection.execute(DropSchema(schema))

"""A database beside the live one, to build in, read from and throw away."""

import logging
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from qlmodels.autogenerate.facts import Facts
from qlmodels.autogenerate.plan import plan
from qlmodels.autogenerate.reader import read
from qlmodels.autogenerate.writer import Change
from qlmodels.errors import QLModelsError

log = logging.getLogger(__name__)

PREFIX = "qlmodels_scratch_"


class NoScratch(QLModelsError):
    """No scratch database could be made: give this login CREATEDB, or name another server."""


def engine_beside(connection: Connection, database: str | None = None) -> Engine:
    """An engine to the same server, by the same driver and login."""
    url: URL = connection.engine.url
    if database is not None:
        url = url.set(database=database)
    if url.get_driver_name() == "asyncpg":  # a prepared SELECT would not survive changed types
        url = url.update_query_dict({"prepared_statement_cache_size": "0"})
    return create_engine(url, poolclass=NullPool)


@contextmanager
def scratch(connection: Connection) -> Iterator[Connection]:
    """A connection to an empty database on the server of `connection`, dropped afterwards."""
    name = PREFIX + secrets.token_hex(6)
    server = engine_beside(connection)
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as maintenance:
        _create(maintenance, name)
        engine = engine_beside(connection, name)
        try:
            with engine.connect() as inside:
                yield inside
        finally:
            engine.dispose()
            maintenance.execute(text(f"drop database if exists {name}"))
    server.dispose()


def _create(maintenance: Connection, name: str) -> None:
    allowed = maintenance.execute(
        text("select rolcreatedb or rolsuper from pg_catalog.pg_roles where rolname = current_user")
    ).scalar_one()
    if not allowed:
        raise NoScratch
    maintenance.execute(text(f"create database {name} template template0"))


def run(connection: Connection, statements: Iterable[str]) -> None:
    """Run statements in the current transaction; on asyncpg all in one round trip."""
    script = list(statements)
    if not script:
        return
    raw = connection.connection.dbapi_connection
    if connection.dialect.driver == "asyncpg" and raw is not None:
        connection.exec_driver_sql("select 1")  # opens the transaction
        text_ = ";\n".join(script)
        raw.run_async(lambda driver: driver.execute(text_))
        return
    for statement in script:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def run_in_any_order(connection: Connection, statements: Iterable[str]) -> None:
    """Run declared statements, those that fail again after the others: declaring has no order."""
    left = list(statements)
    try:
        with connection.begin_nested():
            run(connection, left)
    except Exception as refused:  # whatever the driver raises: each is tried by itself now
        log.debug("declared statements need another order: %s", refused)
    else:
        return
    while left:
        failed = [statement for statement in left if _fails(connection, statement)]
        if failed == left:
            with connection.begin_nested():
                run(connection, failed[:1])
        left = failed


def _fails(connection: Connection, statement: str) -> bool:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    except DBAPIError:
        return True
    return False


def build(connection: Connection, statements: Iterable[str]) -> Facts:
    """What statements make of an empty database, as Postgres prints it the second time.

    An expression may print otherwise once its own print was parsed (`x in (...)` does); a
    revision is written from print, so that only what prints alike ever after can be compared.
    """
    empty = read(connection)
    with connection.begin_nested() as first:
        run_in_any_order(connection, statements)
        spelled = read(connection)
        first.rollback()
    return rebuilt(connection, empty, spelled)


def rebuilt(connection: Connection, empty: Facts, facts: Facts, then: Iterable[str] = ()) -> Facts:
    """What an empty database holds after `facts` were made there, and more was done to them."""
    with connection.begin_nested() as attempt:
        run(connection, [statement.sql for statement in plan(Change(empty, facts))])
        run(connection, then)
        found = read(connection)
        attempt.rollback()
    return found

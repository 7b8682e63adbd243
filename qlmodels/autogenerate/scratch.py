"""A database beside the live one, to build in, read from and throw away."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from qlmodels.autogenerate.facts import Facts
from qlmodels.autogenerate.plan import plan
from qlmodels.autogenerate.reader import VERBATIM, read, run_file
from qlmodels.autogenerate.writer import Change
from qlmodels.connection import secure
from qlmodels.embedded import EmbeddedError, EmbeddedServer
from qlmodels.errors import QLModelsError

log = logging.getLogger("alembic.qlmodels")

MAY_CREATE = text(
    "select rolcreatedb or rolsuper from pg_catalog.pg_roles where rolname = current_user"
)
ROLE_NAMES = text(
    "select quote_ident(rolname) from pg_catalog.pg_roles where oid >= 16384 order by oid"
)
SCRATCH_ELSEWHERE = (
    "This login has no CREATEDB: an embedded server is used for scratch. What is declared and what"
    " the database holds are compared as that server prints them; whether a role is as it should"
    " be is asked of the database alone."
)


class NoScratch(QLModelsError):
    """No scratch database: give this login CREATEDB, or install qlmodels[embedded]."""


def _engine(url: URL) -> Engine:
    if url.get_driver_name() != "asyncpg":
        return create_engine(url, poolclass=NullPool)
    # a prepared SELECT would not survive changed types
    url = url.update_query_dict({"prepared_statement_cache_size": "0"})
    engine = create_engine(url, poolclass=NullPool)
    event.listen(engine, "do_connect", lambda *given: secure(given[-1]))
    return engine


@contextmanager
def scratch(connection: Connection) -> Iterator[Connection]:
    """A connection to an empty database, dropped afterwards.

    It is on the server of `connection`, or on an embedded one where the login has no CREATEDB.
    Raises NoScratch.
    """
    server = _engine(connection.engine.url)
    with ExitStack() as stack:
        allowed = connection.execute(MAY_CREATE).scalar_one()
        if not allowed:
            roles = connection.execute(ROLE_NAMES).scalars().all()
            server = stack.enter_context(_embedded(server, roles))
        beginning = server.connect().execution_options(isolation_level="AUTOCOMMIT")
        maintenance = stack.enter_context(beginning)
        _drop_stale(maintenance)
        name = str(run_file(maintenance, "scratch_name")[0].name)
        maintenance.execute(text(f"create database {name} template template0"))
        stack.callback(maintenance.execute, text(f"drop database if exists {name}"))
        engine = _engine(server.url.set(database=name))
        stack.callback(engine.dispose)
        yield stack.enter_context(engine.connect())
    server.dispose()


def is_elsewhere(beside: Connection, connection: Connection) -> bool:
    """Whether a scratch database is on another server, which may spell otherwise."""
    here, there = connection.engine.url, beside.engine.url
    return (here.host, here.port) != (there.host, there.port)


@contextmanager
def _embedded(server: Engine, roles: Iterable[str]) -> Iterator[Engine]:
    """A server of our own for the while, with the other one's roles."""
    with TemporaryDirectory(prefix="qls") as folder:
        try:
            with EmbeddedServer(Path(folder), durable=False) as running:
                log.warning(SCRATCH_ELSEWHERE)
                url = running.url(running.superuser, running.password, "postgres")
                engine = _engine(url.set(drivername=server.url.drivername))
                with engine.begin() as connection:
                    run(connection, [f"create role {role}" for role in roles])
                yield engine
                engine.dispose()
        except EmbeddedError as reason:
            raise NoScratch from reason


def _drop_stale(maintenance: Connection) -> None:
    for left in run_file(maintenance, "scratch_stale"):
        try:
            maintenance.execute(text(f"drop database if exists {left.name}"))
        except DBAPIError as refused:  # in use after all, or another run was faster
            log.info("%s stays: %s", left.name, refused)


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
        connection.exec_driver_sql(statement, execution_options=VERBATIM)


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
            connection.exec_driver_sql(statement, execution_options=VERBATIM)
    except DBAPIError:
        return True
    return False


def printed(connection: Connection, statements: Iterable[str]) -> Facts:
    """What an empty database holds after statements, as Postgres prints it the first time."""
    with connection.begin_nested() as attempt:
        run_in_any_order(connection, statements)
        found = read(connection)
        attempt.rollback()
    return found


def settled(connection: Connection, facts: Facts) -> tuple[Facts, Facts]:
    """What an empty database holds, and `facts` as Postgres prints them ever after.

    An expression may print otherwise once its own print was parsed (`x in (...)` does), and a
    revision is written from print: what does not print alike for good cannot be compared.
    """
    empty = read(connection)
    return empty, rebuilt(connection, empty, facts)


def rebuilt(connection: Connection, empty: Facts, facts: Facts, then: Iterable[str] = ()) -> Facts:
    """What an empty database holds after `facts` were made there, and more was done to them."""
    with connection.begin_nested() as attempt:
        run(connection, [statement.sql for statement in plan(Change(empty, facts))])
        run(connection, then)
        found = read(connection)
        attempt.rollback()
    return found

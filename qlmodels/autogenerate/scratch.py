"""A database beside the live one, to build in, read from and throw away."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from qlmodels.autogenerate.facts import Facts
from qlmodels.autogenerate.plan import plan
from qlmodels.autogenerate.reach import Reach
from qlmodels.autogenerate.reader import VERBATIM, read, run_file
from qlmodels.autogenerate.reconnect import Server, server_of
from qlmodels.autogenerate.writer import Change
from qlmodels.embedded import EmbeddedError, EmbeddedServer
from qlmodels.errors import QLModelsError
from qlmodels.files import sql_of

log = logging.getLogger("alembic.qlmodels")

ELSEWHERE = "qlmodels_elsewhere"
IS_COPY = "qlmodels_is_copy"
"""What `info` of a connection to a scratch database says of that."""

EMPTY_TEMPLATE = "template0"
SCRATCH_TEMPLATE = "qlmodels_template"
"""Name of the template database that an administrator may prepare, where no other is given."""

_sql = sql_of("qlmodels.autogenerate")
_REFUSED = text(_sql("refused_extension"))
_TEMPLATE = text(_sql("scratch_template"))

MAY_CREATE = text(
    "select rolcreatedb or rolsuper from pg_catalog.pg_roles where rolname = current_user"
)
ROLE_NAMES = text(
    "select quote_ident(rolname) from pg_catalog.pg_roles where oid >= 16384 order by oid"
)
NO_CREATEDB = "This login has no CREATEDB: an embedded server is used for scratch."
SCRATCH_ELSEWHERE = (
    "What is declared and what the database holds are compared as that server prints them; whether"
    " a role is as it should be is asked of the database alone."
)


SCRATCH_BY_SUPERUSER = (
    "This login may not create extension {names} in a scratch database: an embedded server is used"
    " for scratch."
)
NO_SCRATCH_WITH = (
    "This login may not create extension {names}, without which no scratch database can be made."
    " Have an administrator prepare one to copy, by `create database {template} is_template true`"
    " and `create extension` in it, or install qlmodels[embedded], whose server has the extensions"
    " of PostgreSQL and pgvector."
)
NO_SUCH_TEMPLATE = (
    "There is no template database {template}. Have an administrator create it by `create database"
    " {template} is_template true`, or leave scratch_template out."
)


SEARCH_PATH = text("select pg_catalog.set_config('search_path', :path, false)")


class NoScratch(QLModelsError):
    """No scratch database: give this login CREATEDB, or install qlmodels[embedded]."""


@contextmanager
def scratch(
    connection: Connection, extensions: Iterable[str] = (), template: str | None = None
) -> Iterator[Connection]:
    """A connection to an empty database, dropped afterwards, in which `extensions` can be created.

    It is on the server of `connection`. Where the login has no CREATEDB, or may not create an
    extension and no administrator prepared a template, it is on an embedded server.
    Raises NoScratch, also where no template database is called `template`.
    """
    server = server_of(connection)
    with ExitStack() as stack:
        wanted = {"names": list(extensions)}
        refused = list(connection.execute(_REFUSED, wanted).scalars()) if wanted["names"] else []
        named = {"name": template or SCRATCH_TEMPLATE}
        templates = list(connection.execute(_TEMPLATE, named).scalars()) if refused else []
        if refused and template and not templates:
            raise NoScratch(NO_SUCH_TEMPLATE.format(template=template))
        allowed = connection.execute(MAY_CREATE).scalar_one()
        elsewhere = not allowed or bool(refused and not templates)
        if elsewhere:
            roles = connection.execute(ROLE_NAMES).scalars().all()
            why = SCRATCH_BY_SUPERUSER.format(names=", ".join(refused)) if allowed else NO_CREATEDB
            server = stack.enter_context(_embedded(server.drivername, roles, why, refused))
        origin = templates[0] if templates and not elsewhere else EMPTY_TEMPLATE
        beside = stack.enter_context(_database(server, origin))
        beside.info.update({ELSEWHERE: elsewhere, IS_COPY: origin != EMPTY_TEMPLATE})
        yield beside


@contextmanager
def _database(server: Server, origin: str) -> Iterator[Connection]:
    with ExitStack() as stack:
        beginning = server.engine().connect().execution_options(isolation_level="AUTOCOMMIT")
        maintenance = stack.enter_context(beginning)
        _drop_stale(maintenance)
        name = str(run_file(maintenance, "scratch_name")[0].name)
        maintenance.execute(text(f"create database {name} template {origin}"))
        stack.callback(maintenance.execute, text(f"drop database if exists {name}"))
        engine = server.engine(name)
        stack.callback(engine.dispose)
        yield stack.enter_context(engine.connect())


def is_elsewhere(beside: Connection) -> bool:
    """Whether a scratch database is on another server, which may spell otherwise."""
    return bool(beside.info[ELSEWHERE])


def is_copy(beside: Connection) -> bool:
    """Whether a scratch database is a copy of a template that an administrator prepared."""
    return bool(beside.info[IS_COPY])


@contextmanager
def _embedded(
    drivername: str, roles: Iterable[str], why: str, extensions: Sequence[str]
) -> Iterator[Server]:
    """A server of our own for the while, with the other one's roles."""
    with TemporaryDirectory(prefix="qls") as folder:
        try:
            with EmbeddedServer(Path(folder), durable=False) as running:
                log.warning("%s %s", why, SCRATCH_ELSEWHERE)
                url = running.url(running.superuser, running.password, "postgres")
                engine = create_engine(url.set(drivername=drivername), poolclass=NullPool)
                with engine.begin() as connection:
                    _require_available(connection, extensions)
                    run(connection, [f"create role {role}" for role in roles])
                    server = server_of(connection)
                yield server
                engine.dispose()
        except EmbeddedError as reason:
            raise NoScratch(_needing(extensions)) from reason


def _require_available(connection: Connection, extensions: Sequence[str]) -> None:
    """Raises NoScratch where an embedded server does not have an extension."""
    available = connection.execute(text("select name from pg_catalog.pg_available_extensions"))
    if set(extensions) - set(available.scalars()):
        raise NoScratch(_needing(extensions))


def _needing(extensions: Sequence[str]) -> str | None:
    """What to say where no scratch database can be had; None for the usual sentence."""
    if not extensions:
        return None
    return NO_SCRATCH_WITH.format(names=", ".join(extensions), template=SCRATCH_TEMPLATE)


def set_search_path(connection: Connection, path: str) -> None:
    """Have statements of a scratch database find and make objects where the live one would."""
    connection.execute(SEARCH_PATH, {"path": path})


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


def settled(
    connection: Connection, facts: Facts, reach: Reach | None = None
) -> tuple[Facts, Facts]:
    """What an empty database holds, and `facts` as Postgres prints them ever after.

    An expression may print otherwise once its own print was parsed (`x in (...)` does), and a
    revision is written from print: what does not print alike for good cannot be compared. With
    `reach`, only what a change reaches is made again.
    """
    empty = read(connection)
    if reach is None:
        return empty, rebuilt(connection, empty, facts)
    part = rebuilt(connection, empty, facts.only(reach.within(facts, empty)))
    return empty, reach.laid_over(facts, part)


def rebuilt(connection: Connection, empty: Facts, facts: Facts, then: Iterable[str] = ()) -> Facts:
    """What an empty database holds after `facts` were made there, and more was done to them."""
    with connection.begin_nested() as attempt:
        run(connection, [statement.sql for statement in plan(Change(empty, facts))])
        run(connection, then)
        found = read(connection)
        attempt.rollback()
    return found

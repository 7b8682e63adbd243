"""Engines for other databases on the server that a connection is to, by the same credentials."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event

from qlmodels.autogenerate.failures import NotPossible

DATABASE_ARGUMENTS = {"psycopg": "dbname", "psycopg2": "dbname"}
"""What a driver calls the database; others say "database"."""

UNKNOWN_DRIVER = (
    "Where driver {driver} is connected to is not known, so that no scratch database can be made "
    "there. Give the engine of env.py a URL instead of creator=, or use psycopg or asyncpg."
)


@dataclass(frozen=True)
class Server:
    """A server, by what its driver takes to connect."""

    drivername: str
    connect: Callable[..., Any]
    arguments: Mapping[str, Any]

    def engine(self, database: str | None = None) -> Engine:
        """Return an engine without a pool for a database by name, else for the one in use."""
        given = dict(self.arguments)
        driver = self.drivername.partition("+")[2]
        if database is not None:
            given[DATABASE_ARGUMENTS.get(driver, "database")] = database
        if driver == "asyncpg":
            # a prepared SELECT would not survive changed types
            given["prepared_statement_cache_size"] = 0
        url = URL.create(self.drivername)
        return create_engine(url, poolclass=NullPool, creator=lambda: self.connect(**given))


def server_of(connection: Connection) -> Server:
    """Return the server of `connection`, with what its engine takes beyond its URL.

    That is what `connect_args` and listeners of `do_connect` add, such as a token for a password.
    What an engine with `creator=` takes is not known: then the driver itself is asked.
    """
    engine = connection.engine
    arguments = _of_engine(engine) or _of_driver(connection)
    drivername = f"postgresql+{engine.dialect.driver}"
    return Server(drivername, engine.dialect.connect, arguments)


def _of_engine(engine: Engine) -> dict[str, Any] | None:
    """Have the engine make the arguments for a connection, and stop it before it connects."""
    creator: Any = engine.pool._creator
    if getattr(creator, "__module__", None) != create_engine.__module__:
        return None
    made: list[dict[str, Any]] = []

    def stop(_dialect: Any, _record: Any, _positional: Any, named: dict[str, Any]) -> object:
        made.append(dict(named))
        return made

    event.listen(engine, "do_connect", stop)
    try:
        creator()
    finally:
        event.remove(engine, "do_connect", stop)
    return made[0] if made else None


def _of_driver(connection: Connection) -> dict[str, Any]:
    raw: Any = connection.connection.driver_connection
    match connection.dialect.driver:
        case "psycopg":
            return dict(raw.info.get_parameters()) | {"password": raw.info.password}
        case "psycopg2":
            return dict(raw.info.dsn_parameters) | {"password": raw.info.password}
        case "asyncpg":
            host, port = raw._addr if isinstance(raw._addr, tuple) else (raw._addr, None)
            login, known = raw._params, {"host": host, "port": port}
            return {**known, "user": login.user, "password": login.password, "ssl": login.ssl}
        case driver:
            raise NotPossible(UNKNOWN_DRIVER.format(driver=driver))

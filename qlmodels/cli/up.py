"""`qlmodels up`: migrate, make the logins, let the demo learn, serve the panel."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
from sqlalchemy import URL

from qlmodels import logins, migrate, paths, scheduling
from qlmodels.adopt import refuse_original
from qlmodels.autogenerate.platform import PLATFORM_SCHEMAS
from qlmodels.cli.consequences import announce_first_upgrade
from qlmodels.cli.progress import busy
from qlmodels.cli.supervision import serve_supervised
from qlmodels.connection import at_same_address, connect
from qlmodels.embedded import EmbeddedServer, NotUpgradable, password_for
from qlmodels.errors import ConfigurationError, PanelMissing, QLModelsError
from qlmodels.logins import UserExists, add_user, anyone_can_sign_in, create_sign_in_link
from qlmodels.owner import EmbeddedDatabase, embedded_database, owner_database
from qlmodels.settings import Settings

FIRST_USER = "admin"


_TABLES = """
select string_agg(format('%I.%I', schemaname, tablename), ', ' order by schemaname, tablename)
  from (
       select schemaname, tablename
         from pg_catalog.pg_tables
        where schemaname not like 'pg\\_%'
          and schemaname <> 'information_schema'
          and schemaname <> all ($1::text[])
        order by schemaname, tablename
        limit 3
  ) as found
"""


class PanelPortTaken(QLModelsError):
    """The panel's port is taken: choose another one by --port."""


def up(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    demo: Annotated[
        bool | None,
        typer.Option(help="Let a demo fleet learn; by default on the embedded server alone."),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(help="Host name that browsers may use for the panel; may be repeated."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Migrate without asking.")] = False,
) -> None:
    """Migrate the database, serve the panel, and let a demo fleet learn in it."""
    serve = _server()
    with _listening(host, port) as listener, _database() as (owner, server):
        embedded = server is not None
        asyncio.run(refuse_original(owner))
        asyncio.run(migrate.require_free_names(owner))
        asyncio.run(_require_consent(owner, yes))
        if not embedded and asyncio.run(migrate.current(owner)) is None:
            announce_first_upgrade(owner, fleet=True, yes=True)
        with busy("upgrading"):
            migrate.upgrade(owner)
        panel, token = asyncio.run(_prepare(owner, embedded))
        greeting = _greeting(f"http://{host}:{port}/admin", token)
        learn = embedded if demo is None else demo
        with _learning(learn), suppress(KeyboardInterrupt):
            serving = serve(listener, panel, greeting, [host, *(name or [])])
            asyncio.run(serve_supervised(serving, server) if server is not None else serving)


@contextmanager
def _database() -> Iterator[tuple[URL, EmbeddedServer | None]]:
    """The owner's URL, and the embedded server where no other is configured."""
    if Settings().owner_url() is None:
        with _newest_embedded() as embedded:
            embedded.server.keep_programs()
            yield embedded.owner, embedded.server
    else:
        with owner_database() as owner:
            yield owner, None


@contextmanager
def _newest_embedded() -> Iterator[EmbeddedDatabase]:
    """The embedded server, of the newest version of PostgreSQL that takes its data over."""
    with ExitStack() as stack:
        try:
            embedded = stack.enter_context(embedded_database(upgrade=True))
        except NotUpgradable as error:
            typer.echo(str(error), err=True)
            embedded = stack.enter_context(embedded_database())
        if (former := embedded.server.former_data) is not None:
            typer.echo(
                f"The data are those of PostgreSQL {embedded.running.major} now. The former ones "
                f"stay in {former}, which may be removed."
            )
        yield embedded


def _server() -> Callable[[socket.socket, URL, str, list[str]], Coroutine[None, None, None]]:
    try:
        from qlmodels.cli.serving import serve
    except ImportError as error:
        raise PanelMissing from error
    return serve


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The panel's socket, bound before anything else is done."""
    # asyncio turns Nagle's algorithm off, which costs 40 ms an answer, where the protocol is named
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise PanelPortTaken(
                f"The panel cannot listen on {host}:{port} ({error.strerror}): end what listens "
                "there, or choose another port by --port."
            ) from error
        yield listener


async def _require_consent(owner: URL, yes: bool) -> None:
    """Ask before migrating a database that holds tables and is not ours."""
    if yes or await migrate.current(owner) is not None:
        return
    async with connect(owner) as connection:
        tables = await connection.fetchval(_TABLES, sorted(PLATFORM_SCHEMAS))
    if not tables:
        return
    what = f"Database {owner.database} at {owner.host} holds tables ({tables}) and none of qlmodels"
    if not sys.stdin.isatty():
        raise ConfigurationError(f"{what}: run `qlmodels up --yes` to migrate it nevertheless.")
    typer.confirm(f"{what}. Migrate it?", abort=True)


async def _prepare(owner: URL, embedded: bool) -> tuple[URL, str | None]:
    """The panel's URL, and a sign-in token where nobody could sign in otherwise."""
    home = paths.home_directory() if embedded else _keyring(owner)
    async with connect(owner) as connection:
        await scheduling.schedule_purge(connection)
        if embedded:
            await _agent_logins(connection, home)
        panel = Settings().panel_url()
        if panel is None:
            panel = await _panel_login(connection, owner, home)
        async with connect(panel):  # a wrong QLMODELS_PANEL_URL is told here, not by the browser
            pass
        token = None
        if not await anyone_can_sign_in(connection):
            with suppress(UserExists):
                await add_user(connection, FIRST_USER, "admin")
            token = await create_sign_in_link(connection, FIRST_USER)
    return panel, token


def _keyring(owner: URL) -> Path:
    """Where the passwords of logins that we made on a configured server lie."""
    name = f"{owner.host}_{owner.port or 5432}_{owner.database}".replace("/", "_")
    return paths.home_directory() / "servers" / name


async def _agent_logins(owner: asyncpg.Connection, home: Path) -> None:
    """One login for each active agent type, its password in a file."""
    rows = await owner.fetch("select agent_type from agent_types where is_active")
    names = [row["agent_type"] for row in rows]
    prefix = logins.LOGIN_PREFIXES["agent"]
    await logins.ensure_agents(owner, {name: password_for(home, prefix + name) for name in names})


async def _panel_login(owner: asyncpg.Connection, url: URL, home: Path) -> URL:
    name = "local" if home == paths.home_directory() else socket.gethostname().lower()
    password = password_for(home, logins.LOGIN_PREFIXES["panel"] + name)
    login = await logins.ensure(owner, "panel", name, password)
    return at_same_address(url, login, password)


def _greeting(address: str, token: str | None) -> str:
    link = f"Sign in once by   {address}/sign-in?token={token}\n" if token is not None else ""
    return f"The panel is at {address}\n{link}Ctrl-C ends it."


@contextmanager
def _learning(learn: bool) -> Iterator[None]:
    """The demo fleet in a process of its own, so that it does not slow the panel."""
    if not learn or find_spec("gymnasium") is None:
        yield
        return
    command = [sys.executable, "-m", "qlmodels", "demo", "--quiet", "--while-stdin"]
    # Ctrl-C is for us alone; the pipe is closed with this process, however that ends
    with subprocess.Popen(command, process_group=0, stdin=subprocess.PIPE) as fleet:
        try:
            yield
        finally:
            fleet.terminate()

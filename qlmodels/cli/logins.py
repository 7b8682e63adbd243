"""Commands that make and end the logins of agents, orchestrators and the panel."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import asyncpg
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import URL

from qlmodels import logins, paths
from qlmodels.cli.upgraded import upgraded_database
from qlmodels.connection import as_text, at_same_address, connect
from qlmodels.embedded.passwords import keep_password, password_file, password_for
from qlmodels.errors import ConfigurationError
from qlmodels.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Logins of agents, orchestrators and the panel.")
T = TypeVar("T")
AsURL = Annotated[
    bool, typer.Option("--url", help="Print the URL that the login connects by, and nothing else.")
]


@app.command()
def create(
    agent_type: Annotated[str | None, typer.Argument(help="Whose login it is.")] = None,
    fleet: Annotated[str | None, typer.Option(help="Name of an orchestrator's login.")] = None,
    may_act_as: Annotated[
        str, typer.Option(help="With --fleet: agent types it may act as, by commas.")
    ] = "",
    panel: Annotated[str | None, typer.Option(help="Name of a login for the panel.")] = None,
    connections: Annotated[
        int | None,
        typer.Option(
            min=-1,
            help="Most connections at once, -1 for any number; by default 10 for an agent and 20 "
            "for an orchestrator and the panel.",
        ),
    ] = None,
    as_url: AsURL = False,
) -> None:
    """Make a login and print its password, once."""
    kind, name = _kind(agent_type, fleet, panel)
    types = [word.strip() for word in may_act_as.split(",") if word.strip()]
    if types and kind != "fleet":
        raise typer.BadParameter("--may-act-as goes with --fleet: an agent is one agent type.")
    password = secrets.token_urlsafe(24)
    login = _as_owner(
        lambda owner: logins.create(
            owner, kind, name, password, may_act_as=types, connection_limit=connections
        )
    )
    _keep(login, password)
    _show_once(login, password, as_url)
    limit = logins.CONNECTION_LIMITS[kind] if connections is None else connections
    if limit >= 0:
        typer.echo(
            f"It may hold {limit} connections at once, those of all its pools together: "
            f"`qlmodels login limit {login} NUMBER` changes that.",
            err=True,
        )


def _kind(
    agent_type: str | None, fleet: str | None, panel: str | None
) -> tuple[logins.LoginKind, str]:
    choices: list[tuple[logins.LoginKind, str | None]] = [
        ("agent", agent_type),
        ("fleet", fleet),
        ("panel", panel),
    ]
    chosen: list[tuple[logins.LoginKind, str]] = [
        (kind, name) for kind, name in choices if name is not None
    ]
    if len(chosen) != 1:
        raise typer.BadParameter("name one: an agent type, --fleet NAME, or --panel NAME.")
    return chosen[0]


@app.command("list")
def list_() -> None:
    """Show every login, and which agent types it speaks for."""
    table = Table("login", "kind", "speaks for", "connections", "valid until", "made for")
    for login in _as_owner(logins.list_logins):
        limit = "unlimited" if login.connection_limit < 0 else str(login.connection_limit)
        speaks_for = "every row" if login.kind == "panel" else ", ".join(login.may_act_as)
        table.add_row(
            login.name,
            login.kind,
            speaks_for,
            limit,
            str(login.valid_until or "-"),
            f"database {login.other_database}" if login.other_database else "this database",
        )
    Console().print(table)


@app.command()
def rotate(
    login: Annotated[str, typer.Argument(help="Name of the login.")], as_url: AsURL = False
) -> None:
    """Give a login a new password and print it, once."""
    password = secrets.token_urlsafe(24)
    _as_owner(lambda owner: logins.rotate(owner, login, password))
    _keep(login, password)
    _show_once(login, password, as_url)


@app.command("limit")
def limit_(
    login: Annotated[str, typer.Argument(help="Name of the login.")],
    connections: Annotated[
        int, typer.Argument(min=0, max=262143, help="Most connections at once.")
    ],
) -> None:
    """Change how many connections a login may hold at once; open ones go on."""
    _as_owner(lambda owner: logins.set_limit(owner, login, connections))
    typer.echo(f"Login {login} may hold {connections} connections at once.")


@app.command()
def drop(login: Annotated[str, typer.Argument(help="Name of the login.")]) -> None:
    """Drop a login, its grants and its open connections; keep its rows."""
    _as_owner(lambda owner: logins.drop(owner, login))
    typer.echo(f"Dropped login {login}. Its rows were kept.")


@app.command("url")
def show_url(login: Annotated[str, typer.Argument(help="Name of the login.")]) -> None:
    """Print the URL of a login on the embedded server, password included."""
    if Settings().owner_url() is not None:
        raise ConfigurationError(
            "A database is configured, and passwords of its logins are not kept: "
            f"`qlmodels login rotate {login}` makes a new one."
        )
    with upgraded_database() as owner:
        if not password_file(paths.home_directory(), login).exists():
            raise logins.NoSuchLogin(
                f"The embedded server keeps no password of login {login}: see "
                "`qlmodels login list`; `qlmodels up` makes a login for each agent type."
            )
        password = password_for(paths.home_directory(), login)
        typer.echo(_url(owner, login, password))


def _as_owner(action: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    async def run() -> T:
        async with connect(url) as owner:
            return await action(owner)

    with upgraded_database() as url:
        return asyncio.run(run())


def _keep(login: str, password: str) -> None:
    """On the embedded server `qlmodels up` gives each login the password that lies there."""
    if Settings().owner_url() is None:
        keep_password(paths.home_directory(), login, password)


def _show_once(login: str, password: str, as_url: bool) -> None:
    if as_url:
        with upgraded_database() as owner:
            typer.echo(_url(owner, login, password))
    else:
        typer.echo(f"login     {login}\npassword  {password}")
    typer.echo("It is shown this once: keep it where the agent reads it.", err=True)


def _url(owner: URL, login: str, password: str) -> str:
    """As libpq and every driver read it."""
    return as_text(at_same_address(owner, login, password))
